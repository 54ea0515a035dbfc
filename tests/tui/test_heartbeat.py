from __future__ import annotations

from lab import events as e
from lab.session import Session
from lab.tui.heartbeat import Lane, lanes
from tests.story import story
from tests.tui.fake import FakeEngine

NODES = ("db1", "db2")


def at(moment: float, *more: e.Event) -> tuple[Lane, ...]:
    session = Session(FakeEngine())
    session.emit([*story(moment), *more])
    return lanes(session.state, "heartbeat", NODES)


def test_one_node_speaks_and_the_other_is_silent() -> None:
    first, second = at(8.0)
    assert not first.silent
    assert second.silent
    assert (first.lost, second.lost) == (None, None)


def test_a_cut_both_ways_is_in_the_middle() -> None:
    assert [lane.lost for lane in at(31.0)] == [0.5, 0.5]


def test_a_deaf_node_loses_what_arrives_at_it() -> None:
    deaf = e.Filter(at=8.1, node="db2", network="heartbeat", percent=100.0)
    assert [lane.lost for lane in at(8.0, deaf)] == [0.9, None]


def test_a_dead_link_loses_both_ways_at_its_end() -> None:
    down = e.Link(at=8.1, node="db1", network="heartbeat", up=False)
    assert [lane.lost for lane in at(8.0, down)] == [0.1, 0.9]


def test_priority_zero_is_no_heartbeat() -> None:
    first, second = at(14.5)
    assert first.silent
    assert first.claim is not None
    assert first.claim.priority == 0
    assert not second.silent
