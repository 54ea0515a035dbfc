"""A session: one engine, folded facts, readers that miss nothing."""

from __future__ import annotations

import threading

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.errors import ActionFailed, EngineError
from hatlab.session import HISTORY, Session
from tests.support.story import VIP, story
from tests.support.story_engine import StoryEngine


def begun(until: float = 9.0, *, keep: int = HISTORY, refuse: Exception | None = None) -> Session:
    """A session whose story has been told up to a moment."""
    session = Session(StoryEngine(until, refuse=refuse), keep=keep)
    session.start()
    return session


def test_readers_get_every_event_and_the_state_together() -> None:
    session = Session(StoryEngine(9.0))
    early = session.reader()
    session.start()
    late = session.reader()
    first, second = early.drain(), late.drain()
    assert first == second
    assert [x for x in first.events if not x.derived] == story(9.0)
    assert first.state.owners(VIP) == {"db1"}
    assert early.drain().events == ()


def test_recorded_derivations_are_made_anew_not_doubled() -> None:
    session = begun()
    everything = session.reader().drain().events
    again = begun()
    again.emit([])
    other = Session(StoryEngine())
    other.emit(everything)
    assert other.reader().drain().events == everything


def test_a_slow_reader_is_told_what_it_missed() -> None:
    session = Session(StoryEngine(0.1), keep=100)
    reader = session.reader()
    session.start()
    for k in range(30):
        session.emit([e.Tick(at=1 + k + j / 10) for j in range(10)])
    batch = reader.drain()
    missed = batch.events[0]
    assert isinstance(missed, e.Dropped)
    assert missed.count + len(batch.events) - 1 == 300 + 1


def test_any_moment_can_be_looked_up() -> None:
    session = begun(44.0)
    for moment in (5.0, 14.0, 24.0, 35.0, 43.0):
        live = begun(moment)
        assert session.state_at(moment).nodes == live.state.nodes
        assert session.state_at(moment).conditions == live.state.conditions
    assert session.state_at(0.0).owners(VIP) == frozenset()


def test_an_action_is_started_and_done() -> None:
    session = begun()
    assert session.act(Action("kill", ("mysqld", "db1"))) == "before → after"
    marks = [x for x in session.reader().drain().events if isinstance(x, e.Action)]
    assert [(m.phase, m.effect) for m in marks] == [("started", ""), ("done", "before → after")]


def test_a_failed_action_says_whether_it_is_certain() -> None:
    session = begun(refuse=ActionFailed("db1 did not answer", "try again", definite=False))
    with pytest.raises(ActionFailed):
        session.act(Action("reset"))
    mark = [x for x in session.reader().drain().events if isinstance(x, e.Action)][-1]
    assert (mark.phase, mark.definite, mark.effect) == ("failed", False, "db1 did not answer")


def test_an_engine_that_breaks_in_an_action_is_told_not_raised_through() -> None:
    session = begun(refuse=OSError("the line is dead"))
    with pytest.raises(ActionFailed, match="the line is dead") as caught:
        session.act(Action("reload", ("db1",)))
    assert not caught.value.definite
    mark = [x for x in session.reader().drain().events if isinstance(x, e.Action)][-1]
    assert (mark.phase, mark.definite) == ("failed", False)


def test_a_moment_that_was_forgotten_is_the_oldest_still_known() -> None:
    session = begun(9.0, keep=300)
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
    session = begun(0.1)
    reader = session.reader()
    reader.drain()
    threading.Timer(0.05, session.emit, ([e.Tick(at=50.0)],)).start()
    assert reader.drain(timeout=10).events == (e.Tick(at=50.0),)


def test_waiting_ends_with_the_lab() -> None:
    session = begun()
    assert session.wait_for(lambda s: s.ready, 1)
    threading.Timer(0.05, session.stop).start()
    assert not session.wait_for(lambda s: not s.ready, 30)
    assert session.ended
