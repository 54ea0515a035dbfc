"""A world can be copied at any moment, and emits nothing before its time."""

from __future__ import annotations

import copy

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.events import Event
from hatlab.session import Session
from hatlab.topology.library import load_topology
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
def test_a_copy_goes_on_alike(lines: list[str], lab: SimLab) -> None:
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


def test_one_change_makes_two_timelines(lab: SimLab) -> None:
    lab.run(3)
    twin = copy.deepcopy(lab.engine.world)
    twin.nodes["db1"].keepalived.kill()
    twin.clock.run_until(20)
    lab.run(12)
    assert lab.owners() == {"db1"}
    assert twin.nodes["db2"].port_holding("198.18.0.100")
    assert not lab.engine.world.nodes["db2"].port_holding("198.18.0.100")


def test_no_event_is_emitted_before_its_time() -> None:
    early: list[tuple[str, float, float]] = []
    engine = SimulatorEngine("three-node", load_topology("three-node"), paced=False)

    def note_if_early(event: Event) -> None:
        if event.at > engine.world.clock.now + 1e-9:
            early.append((event.kind, event.at, engine.world.clock.now))

    engine.world.taps.append(note_if_early)
    Session(engine).start()
    engine.run_until(20.0)
    assert not early
