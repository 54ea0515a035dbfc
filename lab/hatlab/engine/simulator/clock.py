"""Virtual time: a heap of calls, in order of their time and then of their scheduling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import inf
from typing import Any

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
"""The date that simulated machines show when the lab begins: their time of day is the lab's own time."""
_Entry = tuple[float, int, Callable[..., None], tuple[Any, ...]]


def date_at(seconds: float) -> datetime:
    """Return a moment of the lab as the date that its machines show."""
    return MIDNIGHT + timedelta(seconds=seconds)


class Clock:
    """Seconds since the lab began. Calls due at the same time happen in the order of their scheduling."""

    def __init__(self) -> None:
        self.now = 0.0
        self.called = 0
        """Calls made so far."""
        self.scheduled = 0
        """Calls asked for so far."""
        self._heap: list[_Entry] = []

    def call_at(self, time: float, call: Callable[..., None], *args: Any) -> None:
        """Call something that can be copied (a bound method, a function) at a time; the past is now."""
        self.scheduled += 1
        heappush(self._heap, (time if time > self.now else self.now, self.scheduled, call, args))

    def call_after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Call something after some seconds; see `call_at`."""
        self.call_at(self.now + seconds, call, *args)

    @property
    def next_due(self) -> float:
        """When the next call is due, `inf` if none is."""
        return self._heap[0][0] if self._heap else inf

    def step(self) -> bool:
        """Go to the next call and make it; False if there is none."""
        if not self._heap:
            return False
        self.now, _, call, args = heappop(self._heap)
        self.called += 1
        call(*args)
        return True

    def run_until(self, time: float) -> None:
        """Make every call that is due up to and at a time, which is then now."""
        heap = self._heap
        while heap and heap[0][0] <= time:
            self.now, _, call, args = heappop(heap)
            self.called += 1
            call(*args)
        if time > self.now:
            self.now = time


class Alarm:
    """One call that can be moved. Moving it later costs no heap entry: an early wake-up sets another."""

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock, self._call = clock, call
        self.due = inf
        self._wakes_at = inf

    def set(self, time: float) -> None:
        """Ring at `time`, and not at any time set before; `inf` is never."""
        self.due = time
        if time < self._wakes_at:
            self._wakes_at = time
            self._clock.call_at(time, self._wake, time)

    def _wake(self, time: float) -> None:
        if time != self._wakes_at:
            return  # an earlier wake-up took this one's place
        self._wakes_at = inf
        if self.due > self._clock.now:
            if self.due < inf:
                self.set(self.due)
            return
        self.due = inf
        self._call()
