"""Virtual time: a heap of what is to happen, in order of time and then of asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import inf
from typing import Any

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
"""What the clock of a simulated machine says when the lab begins: a time of day is the lab's own time."""
Entry = tuple[float, int, Callable[..., None], tuple[Any, ...]]


def date(at: float) -> datetime:
    """A moment of the lab as the date that its machines show."""
    return MIDNIGHT + timedelta(seconds=at)


class Clock:
    """Seconds since the lab began. Two things due at one time happen in the order they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.count = 0
        """Entries called so far."""
        self._heap: list[Entry] = []
        self._asked = 0

    @property
    def asked(self) -> int:
        """Calls asked for so far."""
        return self._asked

    def at(self, time: float, call: Callable[..., None], *args: Any) -> None:
        """Calls a bound method at a time; one in the past is due now."""
        self._asked += 1
        heappush(self._heap, (time if time > self.now else self.now, self._asked, call, args))

    def after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Calls a bound method after some seconds."""
        self.at(self.now + seconds, call, *args)

    @property
    def next(self) -> float:
        """When the next thing is due, `inf` if nothing is."""
        return self._heap[0][0] if self._heap else inf

    def step(self) -> bool:
        """Goes to the next thing and does it; False if there is none."""
        if not self._heap:
            return False
        self.now, _, call, args = heappop(self._heap)
        self.count += 1
        call(*args)
        return True

    def run_until(self, time: float) -> None:
        """Does everything that is due up to and at a time, which is then now."""
        heap = self._heap
        while heap and heap[0][0] <= time:
            self.now, _, call, args = heappop(heap)
            self.count += 1
            call(*args)
        if time > self.now:
            self.now = time


class Alarm:
    """One call that can be moved. Moving it later costs no heap entry: an early wake-up asks again."""

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock, self._call = clock, call
        self.due = inf
        self._asked: float = inf

    def set(self, time: float) -> None:
        """Rings at `time`, and not at any time set before; `inf` is never."""
        self.due = time
        if time < self._asked:
            self._asked = time
            self._clock.at(time, self._wake, time)

    def _wake(self, asked: float) -> None:
        if asked != self._asked:
            return  # a later, earlier-ringing request took this one's place
        self._asked = inf
        if self.due > self._clock.now:
            if self.due < inf:
                self.set(self.due)
            return
        self.due = inf
        self._call()
