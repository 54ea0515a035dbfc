"""Who needs help first, and why. The rule stands in docs/class.md, for teachers; both say the same. Pure.

Points are given for time, wrong tries, hints and silence. Nobody is given any who has finished, who is asked
to look up, or whose seat is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hatlab.util.text import plural

Level = Literal["fine", "watch", "help"]

USUAL = 120.0
"""Seconds that one thing takes, as long as too few have done it to know."""
LEAST = 60.0
"""Seconds that nobody is counted slow for."""
HELP, WATCH = 2.0, 1.0
"""Points from which on somebody needs help, or is worth a look."""
MOST_FOR_TIME, MOST_FOR_WRONG, MOST_FOR_HINTS = 3.0, 3.0, 1.5
QUIET, SILENT = 180.0, 420.0
"""Seconds without a key for one point, and for two."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody who works on something."""

    seconds: float
    """On what is open now."""
    usual: float | None
    """Seconds that half of the others needed for it, None while too few have done it."""
    wrong: int
    hints: int
    idle: float
    """Seconds since the last key."""
    reads: bool = False
    """Nothing is asked just now: between two steps, or before the first."""


@dataclass(frozen=True, slots=True)
class Need:
    """How much somebody needs help."""

    points: float = 0.0
    reasons: tuple[str, ...] = ()
    """In words, what counts most first."""

    @property
    def level(self) -> Level:
        return "help" if self.points >= HELP else "watch" if self.points >= WATCH else "fine"


def judge_need(standing: Standing) -> Need:
    """Return how much somebody needs help, and why."""
    found = [_for_time(standing), _for_wrong(standing), _for_hints(standing), _for_silence(standing)]
    counted = sorted((part for part in found if part[0]), key=lambda part: -part[0])
    return Need(round(sum(points for points, _ in counted), 2), tuple(text for _, text in counted))


def _for_time(standing: Standing) -> tuple[float, str]:
    """Twice as long as usual is one point, each further time as long another."""
    usual = max(LEAST, standing.usual or USUAL)
    times = standing.seconds / usual
    if times < 2 or standing.reads:
        return 0.0, ""
    spent = format_span(standing.seconds)
    text = (
        f"{spent} on this"
        if standing.usual is None
        else f"{spent} on this; others needed {format_span(usual)}"
    )
    return min(times - 1, MOST_FOR_TIME), text


def _for_wrong(standing: Standing) -> tuple[float, str]:
    """The first wrong try is a part of learning; each further one is a point."""
    points = min(max(0, standing.wrong - 1), MOST_FOR_WRONG)
    return points, plural(standing.wrong, "{count} wrong try", "{count} wrong tries") if points else ""


def _for_hints(standing: Standing) -> tuple[float, str]:
    points = min(0.5 * standing.hints, MOST_FOR_HINTS)
    return points, plural(standing.hints, "{count} hint", "{count} hints") if points else ""


def _for_silence(standing: Standing) -> tuple[float, str]:
    points = 2.0 if standing.idle >= SILENT else 1.0 if standing.idle >= QUIET else 0.0
    return points, f"no key for {format_span(standing.idle)}" if points else ""


def format_span(seconds: float) -> str:
    """Return a length of time as people say it: `40 s`, `6 min`, `2 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"
