"""Lanes and marks become lines of text that fill a window."""

import re

import pytest

from hatlab import events as e
from hatlab.state.steps import derive_steps
from hatlab.state.timeline import Mark, TimelineModel
from hatlab.state.tracks import Window
from hatlab.tui.timeline.draw import lane_pieces, mark_lines, ruler_pieces, ruler_with_cursor
from tests.state.test_timeline import timeline_of
from tests.support.story import story


@pytest.fixture(scope="module")
def model() -> TimelineModel:
    return timeline_of(step.event for step in derive_steps(story()))


def drawn(model: TimelineModel, label: str, window: Window) -> str:
    what = next(lane for lane in model.lanes if lane.label == label)
    return "".join(text for text, _ in lane_pieces(model, what, window))


def test_the_failover_as_it_is_drawn(model: TimelineModel) -> None:
    window = Window(36, 0.25, 48)  # 9 s to 21 s
    assert drawn(model, "db1", window) == "★ MASTER" + "━" * 8 + "✖ FAULT" + "╍" * 25
    assert drawn(model, "db2", window) == "○ BACKUP" + "┄" * 11 + "★ MASTER" + "━" * 21
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
        lines += [ruler_pieces(window), *mark_lines(model.marks_between(window.start, window.end), window, 2)]
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


def test_the_words_of_an_action_stand_before_its_mark_at_the_right_edge() -> None:
    row = mark_lines([Mark(19.0, "cut heartbeat")], Window(0, 0.5, 40), 1)[0]
    assert "".join(t for t, _ in row).rstrip() == " " * 24 + "cut heartbeat ▲"


def test_what_was_done_by_hand_in_a_shell_is_marked_too() -> None:
    model = timeline_of(story(9.0))
    assert model.feed([e.Process(at=9.5, node="db1", service="mysqld", state="down", reason="signal 9")])
    assert model.marks == [Mark(9.5, "mysqld down db1", "seen")]
    row = mark_lines(model.marks, Window(0, 0.5, 60), 1)[0]
    assert ("△ mysqld down db1 ", "warning") in row


def test_while_a_probe_hangs_nothing_is_claimed() -> None:
    model = timeline_of([*story(9.0), e.Tick(at=11.0)])
    window = Window(32, 0.25, 20)  # 8 s to 13 s
    assert drawn(model, "client", window) == "db1▁▁▁" + "·" * 7 + " " * 7
    assert model.describe_moment(10.5)[3] == ("client", "unknown")
    model.feed([e.Probe(at=9.05, client="client", ok=False, error="timeout"), e.Tick(at=11.1)])
    assert drawn(model, "client", window).startswith("db1▁✖")


def test_before_its_first_answer_a_client_is_not_cut_off() -> None:
    early = [e.Probe(at=k / 20, client="client", ok=False, error="timeout") for k in range(80)]
    events = sorted([*story(8.0), *early], key=lambda event: event.at)
    model = timeline_of(step.event for step in derive_steps(events))
    line = drawn(model, "client", Window(0, 0.1, 80))
    assert "no answer yet" in line
    assert "✖" not in line


@pytest.mark.parametrize("column", range(80))
def test_the_cursor_leaves_no_digit_of_a_label_beside_it(column: int) -> None:
    ruler = "".join(text for text, _ in ruler_pieces(Window(240, 0.25, 80)))
    pieces = ruler_with_cursor(ruler, column, "1:08.88")
    line = "".join(text for text, _ in pieces)
    assert len(line) == 80
    labels = set(re.findall("[0-9][0-9:. s]*", line.replace("1:08.88", "")))
    assert labels <= set(re.findall("[0-9][0-9:. s]*", ruler))


def test_the_words_of_a_mark_at_the_edge_stand_before_it_or_end_with_a_sign_that_they_go_on() -> None:
    """A window of 40 cells: the marks before leave room before the last one in the second row, or in none."""

    def drawn(*marks: Mark) -> list[str]:
        lines = mark_lines(marks, Window(0, 0.5, 40), 2)
        return ["".join(text for text, _ in line) for line in lines]

    last = Mark(18.0, "freeze mysqld db1")
    first, second = drawn(Mark(8.0, "heal heartbeat"), last)
    assert first.strip() == "▲ heal heartbeat"
    assert second.rstrip().endswith("freeze mysqld db1 ▲")
    first, second = drawn(Mark(8.0, "heal heartbeat"), Mark(9.0, "power off"), last)
    assert first.rstrip().endswith("▲ f…")
    assert second.strip() == "▲ power off"
