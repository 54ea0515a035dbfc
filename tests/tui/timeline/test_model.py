import pytest

from hatlab import events as e
from hatlab.tui.timeline.draw import clock, lane_pieces, lasted, mark_lines, ruler
from hatlab.tui.timeline.model import Mark, TimelineModel
from hatlab.tui.timeline.tracks import NOBODY, Window
from tests.support.story import VIP, story
from tests.tui.harness import batches


@pytest.fixture(scope="module")
def model() -> TimelineModel:
    made = TimelineModel()
    for batch in batches(story()):
        made.feed(batch.events)
    return made


def values(model: TimelineModel, label: str) -> list[tuple[float, str]]:
    track = next(lane.track for lane in model.lanes if lane.label == label)
    return [(round(s.start, 3), s.value) for s in track.segments()]


def drawn(model: TimelineModel, label: str, window: Window) -> str:
    what = next(lane for lane in model.lanes if lane.label == label)
    return "".join(text for text, _ in lane_pieces(model, what, window))


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
    model = TimelineModel()
    model.feed(story(9.0))
    model.feed([e.Node(at=9.5, node="db1", state="off"), e.Tick(at=9.7)])
    assert model.describe_moment(9.6)[0] == ("db1", "OFF")
    assert model.describe_moment(9.6)[2] == ("VIP", NOBODY)
    model.feed([e.Node(at=11.0, node="db1", state="on")])
    assert model.describe_moment(11.0)[0] == ("db1", "STOPPED")


def test_a_frozen_keepalived_and_a_paused_node_still_hold_their_address() -> None:
    model = TimelineModel()
    model.feed(story(9.0))
    model.feed([e.Process(at=9.1, node="db1", service="keepalived", state="frozen")])
    assert model.describe_moment(9.2)[::2] == [("db1", "FROZEN"), ("VIP", "db1")]
    model.feed([e.Node(at=9.3, node="db1", state="paused")])
    assert model.describe_moment(9.4)[::2] == [("db1", "PAUSED"), ("VIP", "db1")]
    back = [
        e.Node(at=9.5, node="db1", state="on"),
        e.Process(at=9.5, node="db1", service="keepalived", state="up"),
    ]
    model.feed(back)
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


def test_the_failover_as_it_is_drawn(model: TimelineModel) -> None:
    window = Window(36, 0.25, 48)  # 9 s to 21 s
    assert drawn(model, "db1", window) == "★MASTER" + "━" * 9 + "✖FAULT" + "╍" * 26
    assert drawn(model, "db2", window) == "○BACKUP" + "┄" * 12 + "★MASTER" + "━" * 22
    assert drawn(model, "VIP", window) == "db1" + "─" * 12 + "┤    ├db2" + "─" * 24
    assert drawn(model, "client", window) == "db1▁✖✖✖✖ 3.90 s ✖✖✖✖db2" + "▁" * 25


def test_two_owners_are_unmistakable(model: TimelineModel) -> None:
    window = Window(128, 0.25, 30)
    assert drawn(model, "VIP", window) == "db1┤╞db1+db2══════════════╡├──"
    assert ("╞db1+db2══════════════╡", "split") in lane_pieces(model, model.lanes[2], window)
    assert "╪" in drawn(model, "VIP", Window(0, 10.0, 5)) or "═" in drawn(model, "VIP", Window(0, 10.0, 5))


@pytest.mark.parametrize("scale", [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0])
@pytest.mark.parametrize("width", [1, 7, 60, 200])
def test_lines_are_exactly_as_wide_as_the_window(model: TimelineModel, scale: float, width: int) -> None:
    for index in (0, int(10 / scale), int(33 / scale)):
        window = Window(index, scale, width)
        lines = [lane_pieces(model, what, window) for what in model.lanes]
        lines += [ruler(window), *mark_lines(model.marks_between(window.start, window.end), window, 2)]
        assert {len("".join(text for text, _ in line)) for line in lines} == {width}


def test_no_action_is_lost_where_marks_crowd() -> None:
    found = [Mark(float(k), f"kill mysqld db{k}") for k in range(6)]
    one, two = ("".join(t for t, _ in row) for row in mark_lines(found, Window(0, 0.5, 30), 2))
    assert (one + two).count("▲") == 6
    assert "kill mysqld db5" in one + two


def test_a_failed_action_says_so() -> None:
    found = [Mark(1.0, "delay lan 10", "failed")]
    row = mark_lines(found, Window(0, 0.5, 40), 1)[0]
    assert "▲ delay lan 10 ✖ failed" in "".join(t for t, _ in row)


def test_times_and_lengths_read_well() -> None:
    assert [clock(5), clock(31.402, 3), clock(90), clock(3750), clock(61.25, 2)] == [
        "5 s",
        "31.402 s",
        "1:30",
        "1:02:30",
        "1:01.25",
    ]
    assert [lasted(0.6094), lasted(12.34), lasted(600)] == ["0.61 s", "12.3 s", "10 min"]


def test_a_new_lab_begins_anew() -> None:
    model = TimelineModel()
    model.feed(story(20))
    model.feed(story(3.0))
    assert model.now == 3.0
    assert not model.marks


def test_several_addresses_have_a_lane_each() -> None:
    from hatlab.topology import Layout, Topology
    from hatlab.topology.library import load_topology

    data = load_topology("two-node").model_dump(exclude_none=True)
    data["instances"]["VI_1"]["addresses"] = {"lan": [100, 101]}
    topology, subnets = Layout.numbered("two", Topology.model_validate(data)).to_data()
    model = TimelineModel()
    model.feed([e.Lab(at=0, name="two", engine="x", topology=topology, subnets=subnets)])
    assert [lane.label for lane in model.lanes] == ["db1", "db2", "VIP .100", "VIP .101", "client"]
    assert model.lanes[2].name == VIP


def test_the_words_of_an_action_stand_before_its_mark_at_the_right_edge() -> None:
    row = mark_lines([Mark(19.0, "cut heartbeat")], Window(0, 0.5, 40), 1)[0]
    assert "".join(t for t, _ in row).rstrip() == " " * 24 + "cut heartbeat ▲"


def test_what_was_done_by_hand_in_a_shell_is_marked_too() -> None:
    model = TimelineModel()
    model.feed(story(9.0))
    assert model.feed([e.Process(at=9.5, node="db1", service="mysqld", state="down", reason="signal 9")])
    assert model.marks == [Mark(9.5, "mysqld down db1", "seen")]
    row = mark_lines(model.marks, Window(0, 0.5, 60), 1)[0]
    assert ("△ mysqld down db1 ", "warning") in row


def test_what_an_action_does_is_not_marked_twice() -> None:
    model = TimelineModel()
    model.feed(story())
    assert {mark.phase for mark in model.marks} == {"done"}


def test_while_a_probe_hangs_nothing_is_claimed() -> None:
    model = TimelineModel()
    model.feed([*story(9.0), e.Tick(at=11.0)])
    window = Window(32, 0.25, 20)  # 8 s to 13 s
    assert drawn(model, "client", window) == "db1▁▁▁" + "·" * 7 + " " * 7
    assert model.describe_moment(10.5)[3] == ("client", "unknown")
    model.feed([e.Probe(at=9.05, client="client", ok=False, error="timeout"), e.Tick(at=11.1)])
    assert drawn(model, "client", window).startswith("db1▁✖")


def test_before_its_first_answer_a_client_is_not_cut_off() -> None:
    early = [e.Probe(at=k / 20, client="client", ok=False, error="timeout") for k in range(80)]
    made = TimelineModel()
    for batch in batches(sorted([*story(8.0), *early], key=lambda event: event.at)):
        made.feed(batch.events)
    line = drawn(made, "client", Window(0, 0.1, 80))
    assert "no answer yet" in line
    assert "✖" not in line
