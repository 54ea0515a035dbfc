"""No fact is told before its time: going back to a moment cuts the history there."""

from __future__ import annotations

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.events import Event
from hatlab.session import Session
from hatlab.topology.library import load_topology


def test_nothing_is_told_before_it_is_true() -> None:
    early: list[tuple[str, float, float]] = []
    engine = SimulatorEngine("three-node", load_topology("three-node"), paced=False)

    def note_if_early(event: Event) -> None:
        if event.at > engine.world.clock.now + 1e-9:
            early.append((event.kind, event.at, engine.world.clock.now))

    engine.world.taps.append(note_if_early)
    Session(engine).start()
    engine.run_until(20.0)
    assert not early


def test_going_back_to_the_moment_a_lab_was_ready_keeps_it_ready() -> None:
    session = Session(SimulatorEngine("three-node", load_topology("three-node"), paced=False))
    session.start()
    ready = session.state.phases["ready"][1]
    for later in (1.0, 20.0):
        session.seek(ready + later)
        session.seek(ready)
        assert session.state.ready
