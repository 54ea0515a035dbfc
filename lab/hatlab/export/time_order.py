"""Puts what comes almost in the order of its times into that order."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from math import inf
from typing import Generic, TypeVar

_SET_BACK = 5.0
"""Seconds by which a time goes back only if the lab did."""
T = TypeVar("T")


class TimeOrder(Generic[T]):
    """Holds things back as long as an earlier one may still come.

    Args:
        window: seconds by which they come out of order at most.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._waiting: list[tuple[float, int, T]] = []
        self._count = 0
        self._latest = -inf

    def add(self, at: float, thing: T) -> Iterator[T]:
        """Add something that happened at a time, s; yield those before which nothing can come any more."""
        if at < self._latest - _SET_BACK:
            yield from self.release()
            self._latest = at
        self._latest = max(self._latest, at)
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, thing))
        yield from self.release(self._latest - self._window)

    def release(self, until: float = inf) -> Iterator[T]:
        """Yield those up to a time."""
        while self._waiting and self._waiting[0][0] <= until:
            yield heapq.heappop(self._waiting)[2]
