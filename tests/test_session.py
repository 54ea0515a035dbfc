"""A session: one engine, folded facts, readers that miss nothing."""

from __future__ import annotations

import threading
from typing import ClassVar

import pytest

from lab import events as e
from lab.actions import Action
from lab.engine.base import Emit
from lab.errors import ActionFailed, EngineError
from lab.session import Session
from tests.story import VIP, story


class StoryEngine:
    """Emits the story up to a moment, and plays along with actions."""

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(self, until: float = 9.0, error: EngineError | None = None) -> None:
        self.until, self.error, self.stopped = until, error, 0
        self.acted: list[Action] = []

    def start(self, emit: Emit) -> None:
        self.emit = emit
        if self.error:
            raise self.error
        emit(story(self.until))

    def now(self) -> float:
        return self.until

    def act(self, action: Action) -> str:
        self.acted.append(action)
        if action.verb == "reload":
            raise OSError("the line is dead")
        if action.verb == "reset":
            raise ActionFailed("db1 did not answer", "try again", definite=False)
        return "before → after"

    def check(self, node: str, text: str) -> list[str]:
        return []

    def shell(self, node: str) -> int:
        return 0

    def stop(self) -> None:
        self.stopped += 1


def test_readers_get_every_event_and_the_state_together() -> None:
    session = Session(StoryEngine())
    early = session.reader()
    session.start()
    late = session.reader()
    first, second = early.drain(), late.drain()
    assert first == second
    assert [x for x in first.events if not x.derived] == story(9.0)
    assert first.state.owners(VIP) == {"db1"}
    assert early.drain().events == ()


def test_recorded_derivations_are_made_anew_not_doubled() -> None:
    session = Session(StoryEngine())
    session.start()
    everything = session.reader().drain().events
    again = Session(StoryEngine())
    again.start()
    again.emit([])
    other = Session(StoryEngine(until=0.0))
    other.emit(everything)
    assert other.reader().drain().events == everything


def test_a_slow_reader_is_told_what_it_missed() -> None:
    session = Session(StoryEngine(until=0.1), keep=100)
    reader = session.reader()
    session.start()
    for k in range(30):
        session.emit([e.Tick(at=1 + k + j / 10) for j in range(10)])
    batch = reader.drain()
    missed = batch.events[0]
    assert isinstance(missed, e.Dropped)
    assert missed.count + len(batch.events) - 1 == 300 + 1


def test_any_moment_can_be_looked_up() -> None:
    session = Session(StoryEngine(until=44.0))
    session.start()
    for moment in (5.0, 14.0, 24.0, 35.0, 43.0):
        live = Session(StoryEngine(until=moment))
        live.start()
        assert session.state_at(moment).nodes == live.state.nodes
        assert session.state_at(moment).conditions == live.state.conditions
    assert session.state_at(0.0).owners(VIP) == frozenset()


def test_an_action_is_started_and_done() -> None:
    session = Session(StoryEngine())
    session.start()
    assert session.act(Action("kill", ("mysqld", "db1"))) == "before → after"
    marks = [x for x in session.reader().drain().events if isinstance(x, e.Action)]
    assert [(m.phase, m.effect) for m in marks] == [("started", ""), ("done", "before → after")]


def test_a_failed_action_says_whether_it_is_certain() -> None:
    session = Session(StoryEngine())
    session.start()
    with pytest.raises(ActionFailed):
        session.act(Action("reset"))
    mark = [x for x in session.reader().drain().events if isinstance(x, e.Action)][-1]
    assert (mark.phase, mark.definite, mark.effect) == ("failed", False, "db1 did not answer")


def test_an_engine_that_breaks_in_an_action_is_told_not_raised_through() -> None:
    session = Session(StoryEngine())
    session.start()
    with pytest.raises(ActionFailed, match="the line is dead") as caught:
        session.act(Action("reload", ("db1",)))
    assert not caught.value.definite
    mark = [x for x in session.reader().drain().events if isinstance(x, e.Action)][-1]
    assert (mark.phase, mark.definite) == ("failed", False)


def test_a_moment_that_was_forgotten_is_the_oldest_still_known() -> None:
    session = Session(StoryEngine(until=9.0), keep=300)
    session.start()
    for k in range(2000):
        session.emit([e.Tick(at=9 + k)])
    early = session.state_at(1.0)
    assert early.owners(VIP) == {"db1"}, "the oldest known moment, not an empty beginning"
    assert early.at > 1000


def test_a_failed_start_ends_the_session_and_is_kept() -> None:
    session = Session(StoryEngine(error=EngineError("no engine", "start it")))
    session.start_in_background().join(5)
    assert session.ended
    assert session.error is not None
    assert session.error.hint == "start it"
    with pytest.raises(ActionFailed, match="ended"):
        session.act(Action("reset"))


def test_a_reader_wakes_when_something_happens() -> None:
    session = Session(StoryEngine(until=0.1))
    session.start()
    reader = session.reader()
    reader.drain()
    threading.Timer(0.05, session.emit, ([e.Tick(at=50.0)],)).start()
    assert reader.drain(timeout=10).events == (e.Tick(at=50.0),)


def test_waiting_ends_with_the_lab() -> None:
    session = Session(StoryEngine())
    session.start()
    assert session.wait_for(lambda s: s.ready, 1)
    threading.Timer(0.05, session.stop).start()
    assert not session.wait_for(lambda s: not s.ready, 30)
    assert session.ended
