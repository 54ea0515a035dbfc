"""One run of a topology and a script to its end, on the simulator in virtual time or on Docker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from hatlab import events as e
from hatlab.actions.timed_script import ScriptLine
from hatlab.compare.course import Course, read_course
from hatlab.compare.strangers import without_nodes
from hatlab.engine.base import Engine
from hatlab.errors import ActionError, ActionFailed
from hatlab.session import Session
from hatlab.state.steps import derive_steps
from hatlab.topology import Topology

EngineName = Literal["sim", "docker"]
_CHUNK = 10**6
_STRIDE = 1800.0
"""Seconds that time goes on at once where it is virtual: an incident may have lasted for hours."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a run."""

    events: tuple[e.Event, ...]
    failures: tuple[str, ...]
    """Lines of the script that could not be done, and why."""

    def course(self, strangers: Collection[str] = ()) -> Course:
        """Return its course, without nodes that only play strangers."""
        facts = (event for event in self.events if not event.derived)
        return read_course(derive_steps(without_nodes(facts, strangers)))


def play(
    name: str,
    topology: Topology,
    lines: Sequence[ScriptLine],
    length: float,
    engine: EngineName = "sim",
    seed: int = 0,
) -> Trial:
    """Run a lab from its start to so many seconds after it is ready.

    Args:
        name: what the lab is called.
        topology: what it is made of.
        lines: what is done in it.
        length: when it ends, seconds after ready.
        engine: the simulator, at once; or Docker, in real time.
        seed: of what the simulator draws.

    Raises:
        EngineError: the lab cannot start.
    """
    session = Session(_make_engine(name, topology, engine, seed))
    failures = []
    try:
        session.start()
        layout, ready = session.state.layout, session.state.phases["ready"][1]
        assert layout is not None, "a lab that is ready has told its layout"
        for line in lines:
            _wait_until(session, ready + line.at)
            try:
                session.act(line.action(layout))
            except (ActionError, ActionFailed) as error:
                failures.append(f"{line.at:g} {' '.join(line.words)}: {error.message}")
        _wait_until(session, ready + length)
        return Trial(session.reader().drain(most=_CHUNK).events, tuple(failures))
    finally:
        session.stop()


def _make_engine(name: str, topology: Topology, engine: EngineName, seed: int) -> Engine:
    if engine == "docker":
        from hatlab.engine.docker.engine import DockerEngine

        return DockerEngine(name, topology)
    from hatlab.engine.simulator.engine import SimulatorEngine

    return SimulatorEngine(name, topology, seed=seed, paced=False)


def _wait_until(session: Session, at: float) -> None:
    """Let time pass: at once where it is virtual."""
    while (left := at - session.engine.now()) > 0:
        if session.time is not None:
            session.seek(min(at, session.engine.now() + _STRIDE))
        else:
            session.wait_for(lambda _: False, left)
