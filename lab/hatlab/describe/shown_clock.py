"""The clock by which this process writes moments: an incident's as the time of day, others from their start.

One process shows one run. So its clock is set once, before anything is drawn, and every reader asks here.
"""

from __future__ import annotations

from hatlab.describe.times import RunClock

_shown = RunClock()


def use_clock(clock: RunClock) -> None:
    """Write moments by this clock from now on."""
    global _shown
    _shown = clock


def shown_clock() -> RunClock:
    """Return the clock in use."""
    return _shown


def show_moment(at: float, digits: int = 0) -> str:
    """Return a moment as it is shown: `1:02.4`, or `03:12:07.4`."""
    return _shown.format(at, digits)


def moment_width() -> int:
    """Return the width of a column of moments with three decimals."""
    return 9 if _shown.day_start is None else 12
