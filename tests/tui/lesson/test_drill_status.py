"""A drill's status line and clock, at each stage of it."""

from __future__ import annotations

from hatlab.tui.lesson.drill_status import drill_clock, drill_pieces
from hatlab.tui.widgets.line_widget import styled
from tests.support.drill_lab import DrillLab


def _status(lab: DrillLab, *, short: bool = False, answering: bool = False) -> str:
    return styled(*drill_pieces(lab.drill, answering=answering, short=short)).plain


def test_what_is_still_to_be_done_is_told() -> None:
    lab = DrillLab()
    assert "find it · press 4 to name the cause" in _status(lab)
    assert "then Enter" in _status(lab, answering=True)
    lab.drill.answer("1")
    assert "named · now fix it" in _status(lab)
    lab.do("heal heartbeat", wait=4)
    assert "of 5 s" in _status(lab)
    assert "█" in _status(lab)
    assert "/5 s" in _status(lab, short=True)
    lab.run(10)
    assert "the drill is over" in _status(lab)


def test_a_repair_waits_for_the_name() -> None:
    lab = DrillLab()
    lab.do("heal heartbeat", wait=20)
    assert "fixed and proved · press 4" in _status(lab)
    assert "name it" in _status(lab, short=True)


def test_the_clock_counts_up_and_over() -> None:
    lab = DrillLab()
    lab.run(65.5)
    assert drill_clock(lab.drill) == ("◷ 1:05 of 5:00", "warn")
    lab.run(245.0)
    text, tone = drill_clock(lab.drill)
    assert (text, tone) == ("◷ 5:10 · 0:10 over time", "fault")
