"""A world can be copied at any moment: both go on alike, and apart."""

from __future__ import annotations

import copy

import pytest

from hatlab.engine.simulator.clock import Alarm, Clock
from tests.support.simulated_lab import SimLab


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["kill mysqld db1"],
        ["freeze keepalived db1"],
        ["freeze mysqld db1"],
        ["cut heartbeat", "loss lan 50"],
    ],
    ids=str,
)
def test_a_copy_goes_on_alike(lines: list[str]) -> None:
    lab = SimLab()
    lab.run(3)
    for line in lines:
        lab.do(line)
    lab.run(1.7)
    world = lab.engine.world
    twin = copy.deepcopy(world)
    twin.clock.run_until(60)
    there = twin.take_events()
    assert not world.events, "the copy left the original alone"
    world.clock.run_until(60)
    assert world.take_events() == there


def test_one_change_makes_two_timelines() -> None:
    lab = SimLab()
    lab.run(3)
    twin = copy.deepcopy(lab.engine.world)
    twin.nodes["db1"].keepalived.kill()
    twin.clock.run_until(20)
    lab.run(12)
    assert lab.owners() == {"db1"}
    assert twin.nodes["db2"].port_holding("198.18.0.100")
    assert not lab.engine.world.nodes["db2"].port_holding("198.18.0.100")


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


def test_things_due_together_happen_in_the_order_asked_for() -> None:
    clock = Clock()
    order: list[str] = []
    for name in "abc":
        clock.call_at(1.0, order.append, name)
    clock.run_until(1.0)
    assert order == ["a", "b", "c"]
    assert clock.next_due == float("inf")
    assert not clock.step()
