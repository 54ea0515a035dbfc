"""A recording as an engine: paced, stepped, set forward and back."""

from __future__ import annotations

import json
import math
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.base import Engine, Replayable, TimeControl
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.errors import ActionFailed, UserError
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology.library import load_topology
from tests.engine.replay.recorded_story import LINES, STORY, play_all, write_recording
from tests.support import story
from tests.support.scripted_engine import FakeEngine
from tests.support.sessions import running_session
from tests.support.story import VIP


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The whole story, recorded from a session: derived events are in it."""
    session = Session(ReplayEngine(write_recording(tmp_path, LINES), as_fast=True))
    return story.write_recording(tmp_path / "recorded.jsonl", play_all(session))


@pytest.fixture
def held(path: Path) -> Iterator[Session]:
    """A session on the recording, its clock stopped at the beginning."""
    with running_session(ReplayEngine(path, 0.0)) as session:
        assert session.wait_for(lambda s: s.layout is not None, 5)
        yield session


@pytest.fixture
def engine(held: Session) -> ReplayEngine:
    """The engine of `held`."""
    assert isinstance(held.engine, ReplayEngine)
    return held.engine


def _state_at(at: float) -> LabState:
    """Fold the facts up to a moment."""
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    for event in STORY:
        if event.at > at:
            break
        session.emit([event])
    return _comparable(session.state)


def _comparable(state: LabState) -> LabState:
    """Return a state without its layout, which is compared by identity."""
    return replace(state, layout=None)


def test_a_recording_is_an_engine_with_time_control(path: Path) -> None:
    engine: Engine = ReplayEngine(path)
    assert isinstance(engine, TimeControl)
    assert isinstance(engine, Replayable)
    assert engine.ends == STORY[-1].at


def test_playing_all_at_once_emits_what_was_recorded(path: Path) -> None:
    events = play_all(Session(ReplayEngine(path, as_fast=True)))
    assert "".join(e.to_json(event) + "\n" for event in events) == path.read_text()


def test_the_pace_is_kept(tmp_path: Path) -> None:
    engine = ReplayEngine(
        write_recording(tmp_path, [line for line, x in zip(LINES, STORY, strict=True) if x.at <= 5]), 10
    )
    began = time.monotonic()
    play_all(Session(engine))
    assert time.monotonic() - began >= 0.48


def test_seeking_forward_and_back_gives_the_state_of_the_moment(held: Session) -> None:
    for moment in (13.0, 30.0, 3.0, 43.0, 36.5, 0.0, 43.9, 12.999):
        held.seek(moment)
        assert _comparable(held.state) == _state_at(moment), moment
        assert held.engine.now() == pytest.approx(moment, abs=1e-6)


def test_seeking_to_any_moment_is_the_same_as_playing_to_it(held: Session) -> None:
    chance = random.Random(4)
    for _ in range(60):
        held.seek(chance.uniform(-1, 45))
        assert _comparable(held.state) == _state_at(held.engine.now())


def test_a_reader_learns_that_time_was_set_back(held: Session) -> None:
    reader = held.reader()
    held.seek(30.0)
    first = reader.drain()
    held.seek(10.0)
    second = reader.drain()
    assert (first.rewound, second.rewound) == (False, True)
    assert second.events == first.events[: len(second.events)]
    assert max(x.at for x in second.events if not x.derived) <= 10.0
    assert second.state == held.state
    held.seek(30.0)
    third = reader.drain()
    assert not third.rewound
    assert second.events + third.events == first.events


def test_a_rewound_reader_gets_everything_in_portions(held: Session) -> None:
    reader = held.reader()
    held.seek(30.0)
    reader.drain()
    held.seek(29.0)
    batches = [reader.drain(most=50)]
    while (batch := reader.drain(most=50)).events:
        batches.append(batch)
    assert [b.rewound for b in batches] == [True] + [False] * (len(batches) - 1)
    assert sum((b.events for b in batches), ()) == held.reader().drain(most=10**6).events


def test_going_back_before_what_is_in_memory_starts_from_the_beginning(path: Path) -> None:
    session = Session(ReplayEngine(path, 0.0), keep=100)
    session.start()
    session.seek(44.0)
    session.seek(2.5)
    assert _comparable(session.state) == _state_at(2.5)
    session.seek(44.0)
    assert _comparable(session.state) == _state_at(44.0)
    session.stop()


def test_the_clock_can_be_paused_and_resumed(held: Session, engine: ReplayEngine) -> None:
    held.seek(10.0)
    before = held.state
    assert not held.wait_for(lambda s: s.at > before.at, 0.15)
    engine.speed = 50.0
    assert held.wait_for(lambda s: s.at > 15, 5)
    engine.pause()
    stands = engine.now()
    assert engine.now() == stands
    engine.resume()
    assert engine.speed == 50.0
    assert engine.finished.wait(5)
    assert engine.now() == engine.recording.ends


def test_after_the_end_one_can_go_back(held: Session, engine: ReplayEngine) -> None:
    engine.speed = 1000.0
    assert engine.finished.wait(5)
    held.seek(40.0)
    assert engine.finished.wait(5)
    assert _comparable(held.state) == _state_at(44.0)


@pytest.mark.parametrize("speed", [-1.0, 0.001, 1e6, math.nan, math.inf])
def test_impossible_speeds_are_refused(held: Session, speed: float) -> None:
    with pytest.raises(ActionFailed, match="cannot play at"):
        held.engine.speed = speed  # type: ignore[attr-defined]


def test_a_moment_that_is_no_number_is_refused(held: Session) -> None:
    with pytest.raises(ActionFailed, match="there is no nan s"):
        held.seek(math.nan)


def test_stepping_shows_one_fact_at_a_time(held: Session, engine: ReplayEngine) -> None:
    held.seek(12.0)
    reader = held.reader()
    reader.drain()
    for _ in range(5):
        engine.step()
        facts = [x for x in reader.drain().events if not x.derived and not isinstance(x, e.Tick)]
        assert len(facts) == 1
        assert engine.now() == pytest.approx(max(facts[0].at, held.state.at))
    held.seek(44.0)
    with pytest.raises(ActionFailed, match="the recording ends here"):
        engine.step()


def test_next_moment_finds_what_comes_next(held: Session, engine: ReplayEngine) -> None:
    recorded = _recorded_events(engine)
    for what, kind in (("transition", e.Vrrp), ("outage", e.Outage)):
        held.seek(0.0)
        moments = [getattr(x, "began", x.at) for x in recorded if isinstance(x, kind)]
        assert moments
        for moment in sorted({m for m in moments if m > 0}):
            assert engine.next_moment(what) == pytest.approx(moment)
            held.seek(engine.next_moment(what))
        with pytest.raises(ActionFailed, match=f"no further {what}"):
            engine.next_moment(what)


def _recorded_events(engine: ReplayEngine) -> list[e.Event]:
    return [e.from_dict(json.loads(line)) for line in Path(engine.recording.name).read_text().splitlines()]


def test_a_recording_can_begin_in_the_middle(path: Path) -> None:
    with running_session(ReplayEngine(path, 0.0, begin=30.0)) as session:
        assert session.wait_for(lambda s: s.at >= 29.7, 5)
        assert session.state.owners(VIP) == _state_at(30.0).owners(VIP)
    with pytest.raises(UserError, match="there is no 277:46:40 in it"):
        ReplayEngine(path, begin=1e6)


def test_seeking_from_several_threads_leaves_one_of_the_states(held: Session) -> None:
    moments = [5.0, 15.0, 25.0, 35.0]
    threads = [threading.Thread(target=held.seek, args=(at,)) for at in moments * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert _comparable(held.state) in [_state_at(at) for at in moments]


def test_time_cannot_be_set_in_a_live_lab() -> None:
    with pytest.raises(ActionFailed, match="this lab cannot go to another moment"):
        Session(FakeEngine("two-node", load_topology("two-node"))).seek(1.0)


def test_nothing_can_be_done_to_a_recording(path: Path) -> None:
    session = Session(ReplayEngine(path))
    with pytest.raises(ActionFailed, match="cannot be changed"):
        session.act(Action("kill", ("mysqld", "db1")))
    with pytest.raises(ActionFailed, match="no shell"):
        session.engine.shell("db1")
