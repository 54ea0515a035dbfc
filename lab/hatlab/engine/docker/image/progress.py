"""Progress of building, saving and loading the node image."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.util.work import OnWork, Work

Report = Callable[[str], None]
"""Takes one line of what is done."""


class ByteProgress:
    """Tells how many bytes of a whole are done.

    Args:
        what: is done to it, such as `saving`.
        size: bytes of the whole, roughly.
        on_work: is told.
    """

    def __init__(self, what: str, size: int, on_work: OnWork) -> None:
        self._what, self._size, self._on_work = what, max(1, size), on_work
        self._done = 0

    def add(self, count: int) -> None:
        """So many more bytes are done."""
        self._done += count
        self._on_work(Work(self._what, min(self._done, self._size), self._size, "bytes"))
