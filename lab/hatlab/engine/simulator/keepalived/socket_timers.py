"""The timers of all instances that listen on one socket, in the order in which keepalived keeps them."""

from __future__ import annotations

from math import inf
from typing import Protocol

from hatlab.engine.simulator.clock import Alarm, Clock


class Timed(Protocol):
    """An instance, as its timer sees it."""

    def timer_expired(self) -> None:
        """Its timer ended."""


class SocketTimers:
    """keepalived waits for the first of these timers alone (vrrp_compute_timer).

    A priority that changes moves the end of a timer, not its place among the others: one that now ends first
    is only seen to when the one before it ends or moves (vrrp_set_effective_priority).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._alarm = clock, Alarm(clock, self._expire)
        self._ends: dict[Timed, float] = {}
        """In keepalived's order."""

    def set(self, instance: Timed, time: float, *, keeps_place: bool = False) -> None:
        """Let an instance's timer end at `time`, s; `inf` is never."""
        if keeps_place and instance in self._ends:
            self._ends[instance] = time
        else:
            others = [(other, end) for other, end in self._ends.items() if other is not instance]
            place = next((place for place, (_, end) in enumerate(others) if end > time), len(others))
            self._ends = dict([*others[:place], (instance, time), *others[place:]])
        self._wait()

    def _wait(self) -> None:
        self._alarm.set(next(iter(self._ends.values()), inf))

    def _expire(self) -> None:
        """See to every timer that has ended, up to the first that has not."""
        now = self._clock.now
        while self._ends:
            first, end = next(iter(self._ends.items()))
            if end > now:
                break
            self._ends[first] = inf
            first.timer_expired()
            if self._ends[first] == inf and next(iter(self._ends)) is first:
                self.set(first, inf)  # a frozen daemon does nothing
        self._wait()
