from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.views.wire import WireSender, caption_texts, wire_senders, wire_title
from tests.support.story import story
from tests.support.story_engine import state_at
from tests.tui.apps import RunningApp

NODES = ("db1", "db2")


def at(moment: float, *more: e.Event) -> tuple[WireSender, ...]:
    return wire_senders(state_at(moment, *more), "heartbeat", NODES)


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


def test_to_a_node_without_power_adverts_die_at_the_door() -> None:
    off = e.Node(at=8.1, node="db2", state="off")
    assert [lane.lost for lane in at(8.0, off)] == [0.9, None]
    assert wire_title(state_at(8.0, off), "heartbeat", NODES) == (("heartbeat",), "quiet")


async def test_the_wire_of_a_node_without_power_ends_at_its_door(lab: RunningApp) -> None:
    lab.engine.tell(e.Node(at=8.1, node="db2", state="off"))
    await lab.wait_until_seen()
    wire = lab.app.screen.query_one(Heartbeat)
    db2, caption = (line.plain.strip() for line in wire.build()[3:5])
    assert db2 == "□"
    assert caption == "db2 is off"


def test_the_title_says_what_is_wrong_with_the_wire() -> None:
    loss = e.Filter(at=8.1, node="db2", network="heartbeat", percent=60.0)
    late = e.Filter(at=8.1, node="db2", network="heartbeat", percent=0.0, delay_ms=200)
    assert wire_title(state_at(8.0, loss), "heartbeat", NODES)[0][0] == "≈ heartbeat loses 60 %"
    assert wire_title(state_at(8.0, late), "heartbeat", NODES)[0][0] == "≈ heartbeat is 200 ms late"
    assert wire_title(state_at(31.0), "heartbeat", NODES)[0][0] == "✂ heartbeat is cut"


def test_the_title_blames_no_network_for_one_node() -> None:
    deaf = e.Filter(at=8.1, node="db2", network="heartbeat", percent=100.0)
    down = e.Link(at=8.1, node="db1", network="heartbeat", up=False)
    assert wire_title(state_at(8.0, deaf), "heartbeat", NODES)[0][0] == "✂ db2 hears nothing"
    assert wire_title(state_at(8.0, down), "heartbeat", NODES)[0][0] == "✂ db1 has no link"


def test_a_backup_listens_from_the_moment_it_gave_way() -> None:
    state = state_at(31.0)
    (_, second) = wire_senders(state, "heartbeat", NODES)
    yielded = replace(second, listens=True, age=4.0)
    assert caption_texts(yielded)[0][-1] == "db2 listens"


class Wire:
    """A heartbeat with a clock of its own, fed with the story's adverts around a moment."""

    def __init__(self, begin: float, end: float, *, only: str = "") -> None:
        self.now = 0.0
        self.wire = Heartbeat("heartbeat", NODES, clock=lambda: self.now)
        state = state_at(end)
        self.wire.show(state)
        found = [x for x in story(end) if isinstance(x, e.Advert) and x.at >= begin]
        self.wire.fly([x for x in found if not only or x.direction == only], state)

    def after(self, seconds: float) -> dict[str, float | None]:
        """Who has an advert under way then, and where it dies."""
        self.now = seconds
        self.wire.advance()
        return {node: flight.lost for node, flight in self.wire._flights.items()}


def test_an_advert_crosses_and_is_gone() -> None:
    wire = Wire(8.6, 8.62)
    assert wire.after(0.3) == {"db1": None}
    assert wire.after(0.7) == {}


def test_an_advert_that_nobody_captured_is_lost_half_way() -> None:
    wire = Wire(8.6, 8.62, only="sent")
    assert wire.after(0.2) == {"db1": None}
    assert wire.after(0.4) == {"db1": 0.5}
    assert wire.after(1.4) == {}


def test_an_old_advert_does_not_fly() -> None:
    assert Wire(5.6, 9.5).after(0.0) == {}


def test_a_backup_listens_and_is_not_called_silent() -> None:
    _, second = at(8.0)
    assert second.listens
    assert caption_texts(second)[0] == ("db2 is Backup: it listens", "db2 listens")
