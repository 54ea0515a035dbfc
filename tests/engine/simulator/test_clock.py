"""Calls come in the order of their time, alarms once."""

from __future__ import annotations

from hatlab.engine.simulator.clock import Alarm, Clock


class Bell:
    """Notes when it rings."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rung: list[float] = []

    def ring(self) -> None:
        self.rung.append(self.clock.now)


def test_an_alarm_rings_once_at_the_last_time_set() -> None:
    clock = Clock()
    bell = Bell(clock)
    alarm = Alarm(clock, bell.ring)
    for at in (5.0, 3.0, 9.0, 7.0):
        alarm.set(at)
    clock.run_until(20)
    assert bell.rung == [7.0]
    alarm.set(25.0)
    alarm.set(float("inf"))
    clock.run_until(30)
    assert bell.rung == [7.0]
    alarm.set(29.0)
    clock.run_until(31)
    assert bell.rung == [7.0, 30.0], "a time that has gone by is now"


def test_calls_due_together_happen_in_the_order_of_their_scheduling() -> None:
    clock = Clock()
    order: list[str] = []
    for name in "abc":
        clock.call_at(1.0, order.append, name)
    clock.run_until(1.0)
    assert order == ["a", "b", "c"]
    assert clock.next_due == float("inf")
    assert not clock.step()
