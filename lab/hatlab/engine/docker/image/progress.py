"""Progress of building, saving and loading the node image."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str], None]
"""Takes one line of progress."""
_STEP = 0.05
"""Share of the whole between two reports."""


class ByteProgress:
    """Reports each twentieth part of a whole.

    Args:
        verb: what is done to it, such as `saved`.
        size: bytes of the whole, roughly.
        report: takes the lines.
    """

    def __init__(self, verb: str, size: int, report: Report) -> None:
        self._verb, self._size, self._report = verb, max(1, size), report
        self._done, self._reported = 0, 0.0

    def add(self, count: int) -> None:
        """So many more bytes are done."""
        self._done += count
        share = min(1.0, self._done / self._size)
        if share >= self._reported + _STEP or (share == 1.0 > self._reported):
            self._reported = share
            self._report(f"  {self._verb} {self._done / 1e6:.0f} MB of about {self._size / 1e6:.0f} MB")
