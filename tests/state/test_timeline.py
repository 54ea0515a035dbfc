"""Events become lanes, marks and outages."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from hatlab import events as e
from hatlab.state.steps import derive_steps
from hatlab.state.timeline import TimelineModel
from hatlab.state.tracks import NOBODY, UNKNOWN
from tests.support.story import VIP, story


def timeline_of(events: Iterable[e.Event]) -> TimelineModel:
    model = TimelineModel()
    model.feed(events)
    return model


@pytest.fixture(scope="module")
def model() -> TimelineModel:
    return timeline_of(step.event for step in derive_steps(story()))


def values(model: TimelineModel, label: str) -> list[tuple[float, str]]:
    track = next(lane.track for lane in model.lanes if lane.label == label)
    return [(round(s.start, 3), s.value) for s in track.segments()]


def test_a_lane_for_each_node_address_and_client(model: TimelineModel) -> None:
    assert [(lane.kind, lane.label) for lane in model.lanes] == [
        ("node", "db1"),
        ("node", "db2"),
        ("vip", "VIP"),
        ("client", "client"),
    ]


def test_a_node_lane_is_what_its_keepalived_reported(model: TimelineModel) -> None:
    assert values(model, "db1")[-5:] == [
        (1.2, "BACKUP"),
        (4.615, "MASTER"),
        (13.2, "FAULT"),
        (21.2, "BACKUP"),
        (24.615, "MASTER"),
    ]


def test_the_address_lane_is_who_holds_it(model: TimelineModel) -> None:
    assert values(model, "VIP") == [
        (4.615, "db1"),
        (13.2, NOBODY),
        (13.811, "db2"),
        (24.615, "db1+db2"),
        (24.616, "db1"),
        (33.22, "db1+db2"),
        (38.616, "db1"),
    ]


def test_power_off_ends_a_state_and_lets_go_of_the_address() -> None:
    model = timeline_of(story(9.0))
    model.feed([e.Node(at=9.5, node="db1", state="off"), e.Tick(at=9.7)])
    assert model.describe_moment(9.6)[0] == ("db1", "OFF")
    assert model.describe_moment(9.6)[2] == ("VIP", NOBODY)
    model.feed([e.Node(at=11.0, node="db1", state="on")])
    assert model.describe_moment(11.0)[0] == ("db1", "STOPPED")


def test_a_frozen_keepalived_and_a_paused_node_still_hold_their_address() -> None:
    model = timeline_of(story(9.0))
    model.feed([e.Process(at=9.1, node="db1", service="keepalived", state="frozen")])
    assert model.describe_moment(9.2)[::2] == [("db1", "FROZEN"), ("VIP", "db1")]
    model.feed([e.Node(at=9.3, node="db1", state="paused")])
    assert model.describe_moment(9.4)[::2] == [("db1", "PAUSED"), ("VIP", "db1")]
    up = e.Process(at=9.5, node="db1", service="keepalived", state="up")
    model.feed([e.Node(at=9.5, node="db1", state="on"), up])
    assert model.describe_moment(9.6)[0] == ("db1", "MASTER")


def test_what_was_true_at_a_moment_in_words(model: TimelineModel) -> None:
    assert model.describe_moment(13.5) == [
        ("db1", "FAULT"),
        ("db2", "BACKUP"),
        ("VIP", NOBODY),
        ("client", "cut off (refused)"),
    ]
    assert model.describe_moment(35.0)[2:] == [("VIP", "⚠ db1 and db2"), ("client", "answered by db2")]


def test_moments_to_jump_to_are_transitions_and_actions(model: TimelineModel) -> None:
    at, found = 9.7, []
    while (next_ := model.next_moment(at)) is not None and next_ < 20:
        at = next_
        found.append(round(at, 3))
    assert found == [10.0, 13.2, 13.2, 13.811, 13.85, 18.0]
    back = [at]
    while (last := model.last_moment(back[-1])) is not None and last > 9.7:
        back.append(last)
    assert [round(x, 3) for x in back[::-1]] == found


def test_marks_know_how_their_action_ended(model: TimelineModel) -> None:
    assert [(m.at, m.text, m.phase) for m in model.marks] == [
        (10.0, "kill mysqld db1", "done"),
        (18.0, "start mysqld db1", "done"),
        (30.0, "cut heartbeat", "done"),
        (38.0, "heal heartbeat", "done"),
    ]


def test_a_new_lab_begins_anew() -> None:
    model = timeline_of(story(20))
    model.feed(story(3.0))
    assert model.now == 3.0
    assert not model.marks


def test_several_addresses_have_a_lane_each() -> None:
    from hatlab.topology import Layout, Topology
    from hatlab.topology.library import load_topology

    data = load_topology("two-node").model_dump(exclude_none=True)
    data["instances"]["VI_1"]["addresses"] = {"lan": [100, 101]}
    topology, subnets = Layout.numbered("two", Topology.model_validate(data)).to_data()
    model = timeline_of([e.Lab(at=0, name="two", engine="x", topology=topology, subnets=subnets)])
    assert [lane.label for lane in model.lanes] == ["db1", "db2", "VIP .100", "VIP .101", "client"]
    assert model.lanes[2].name == VIP


def test_what_an_action_does_is_not_marked_twice() -> None:
    model = timeline_of(story())
    assert {mark.phase for mark in model.marks} == {"done"}


def _imported(*facts: e.Event) -> list[tuple[float, str]]:
    lab = next(fact for fact in story() if isinstance(fact, e.Lab))
    return values(timeline_of([replace(lab, engine="import", sources={"db1": ["log"]}), *facts]), "VIP")


def _holds(at: float, node: str, held: bool) -> e.Address:
    return e.Address(at=at, node=node, network="access", address=VIP, held=held, vip=True)


def test_nobody_holds_an_imported_address_only_if_every_node_says_so() -> None:
    handover = [_holds(2.0, "db1", True), _holds(3.0, "db1", False)]
    assert _imported(*handover) == [(2.0, "db1"), (3.0, UNKNOWN)]
    assert _imported(_holds(1.0, "db2", False), *handover) == [
        (1.0, UNKNOWN),
        (2.0, "db1"),
        (3.0, NOBODY),
    ]


def test_what_a_node_held_that_ended_without_a_word_is_not_known() -> None:
    ended = e.Node(at=3.0, about=20.0, node="db1", state="off")
    facts = [_holds(1.0, "db2", False), _holds(2.0, "db1", True), ended]
    assert _imported(*facts)[-1] == (3.0, UNKNOWN)
