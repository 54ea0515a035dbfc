"""The public API: run a lab, look at what happens, replay a recording, verify a lesson, from Python.

    >>> from hatlab import api
    >>> with api.run_lab("two-node") as lab:
    ...     effect = lab.act("kill mysqld db1")
    ...     lab.wait_for(lambda state: state.owners(lab.vips[0]) == {"db2"})
    True

`hatlab help python-api` explains it. The names here, the events (`hatlab help events`) and the fields of
`LabState` keep their meaning between versions; everything else in the package may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.actions import parse
from hatlab.engine import makers
from hatlab.engine.base import Engine
from hatlab.errors import LabError
from hatlab.events import Event
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.state.steps import Step, derive_steps, steps
from hatlab.topology import Layout, Topology
from hatlab.topology.library import find_topology, load_topology

if TYPE_CHECKING:
    from hatlab.lessons.verify.result import LessonResult

__all__ = [
    "Event",
    "Lab",
    "LabError",
    "LabState",
    "Layout",
    "Step",
    "Topology",
    "load_topology",
    "read_recording",
    "run_lab",
    "verify_lesson",
]

_STRIDE = 0.05
"""Virtual seconds between two looks at a simulated lab while waiting for a condition."""


class Lab:
    """A running lab. Made by `run_lab`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reader = session.reader()
        self._events: list[Event] = []

    @property
    def layout(self) -> Layout:
        """The names and addresses of this lab."""
        layout = self.state.layout
        assert layout is not None, "a lab that is ready has told its layout"
        return layout

    @property
    def vips(self) -> tuple[str, ...]:
        """The virtual addresses."""
        return self.layout.vip_addresses

    @property
    def state(self) -> LabState:
        """The state now."""
        return self._session.state

    @property
    def now(self) -> float:
        """Seconds since the lab began: virtual ones in the simulator."""
        return self._session.engine.now()

    def act(self, line: str) -> str:
        """Carry out an action, written as for `hatlab do`, and return its effect in words.

        Raises:
            ActionError: no such action, or it names nothing in this lab.
            ActionFailed: it was tried and failed.
        """
        return self._session.act(parse(line, self.layout))

    def run_for(self, seconds: float) -> None:
        """Let time pass: at once in the simulator, in real time on Docker."""
        self.wait_for(lambda _: False, seconds)

    def wait_for(self, condition: Callable[[LabState], bool], seconds: float = 60.0) -> bool:
        """Let time pass until a condition holds on the state; False if it did not within so many seconds."""
        if self._session.time is None:
            return self._session.wait_for(condition, seconds)
        end = self.now + seconds
        while not condition(self.state):
            if self.now >= end:
                return False
            self._session.seek(min(end, self.now + _STRIDE))
        return True

    def events(self) -> list[Event]:
        """All events so far, derived ones (outages, conditions, explanations) among them."""
        while batch := self._reader.drain().events:
            self._events += batch
        return list(self._events)

    def steps(self) -> Iterator[Step]:
        """All events so far, each with the state before and after it."""
        return steps(self.events(), LabState())


@contextmanager
def run_lab(topology: str | Path | Topology, *, engine: str | Engine = "sim", seed: int = 0) -> Iterator[Lab]:
    """Run a lab in a `with` block, which begins when it is ready; everything it made is gone afterwards.

    Args:
        topology: a shipped name (`hatlab topologies`), a path, or one that `load_topology` returned.
        engine: `sim`, the simulator in virtual time: the same seed and actions give the same events.
            `docker`: real containers in real time; the node image must be there (`hatlab image build`).
            The name of an extension's, or an engine of your own, not started (`hatlab.engine.base.Engine`).
        seed: the simulator's.

    Raises:
        UserError: no such topology, or no such engine.
        FileError: an error in the topology's file.
        EngineError: the lab cannot start.
    """
    session = Session(engine if not isinstance(engine, str) else _make_engine(topology, engine, seed))
    try:
        session.start()
        yield Lab(session)
    finally:
        session.stop()


def _make_engine(topology: str | Path | Topology, engine: str, seed: int) -> Engine:
    if isinstance(topology, Topology):
        name = "lab"
    else:
        name, topology = find_topology(str(topology)).stem, load_topology(str(topology))
    return makers.make_engine(engine, makers.EngineRequest(name, topology, seed=seed, paced=False))


def read_recording(path: str | Path) -> Iterator[Step]:
    """Every event of a recording, with the state before and after it; derived events are derived anew.

    Raises:
        UserError: there is no such file, or it is no recording.
    """
    from hatlab.engine.replay.recording_reader import RecordingReader

    recording = RecordingReader(Path(path))
    try:
        yield from derive_steps(event for _, event in recording.read())
    finally:
        recording.close()


def verify_lesson(name: str | Path, *, seed: int | None = None) -> LessonResult:
    """Prove a lesson on the simulator: its solutions pass, doing nothing and each wrong solution do not.

    Args:
        name: an id (`hatlab lessons`) or the path of a .md file.
        seed: which form of a lesson that has several; drawn if left out.

    Raises:
        UserError: no such lesson.
        FileError: an error in its file.
    """
    from hatlab.engine.replay.engine import replay_standing
    from hatlab.engine.simulator.engine import SimulatorEngine
    from hatlab.lessons.library.catalogue import load_lesson
    from hatlab.lessons.verify.verifier import verify_lesson

    lesson = load_lesson(str(name), seed)
    if lesson.front.recording is not None:
        return verify_lesson(Session(replay_standing(Path(lesson.front.recording))), lesson)
    topology = lesson.front.topology
    engine = SimulatorEngine(find_topology(topology).stem, load_topology(topology), paced=False)
    return verify_lesson(Session(engine), lesson)
