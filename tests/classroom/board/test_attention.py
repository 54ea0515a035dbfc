"""Who needs help first, and why; how long others needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab.classroom.board.attention import Level, Standing, format_span, judge_need
from hatlab.classroom.board.pace import Pace

CALM = Standing(seconds=30, usual=60, wrong=0, hints=0, idle=5)


@pytest.mark.parametrize(
    ("changes", "level", "reasons"),
    [
        ({}, "fine", []),
        ({"seconds": 119}, "fine", []),
        ({"seconds": 120}, "watch", ["2 min on this; others needed 60 s"]),
        ({"seconds": 240}, "help", ["4 min on this; others needed 60 s"]),
        ({"seconds": 240, "usual": 600}, "fine", []),
        ({"seconds": 50, "usual": 1}, "fine", []),
        ({"seconds": 600, "usual": None}, "help", ["10 min on this"]),
        ({"seconds": 600, "reads": True}, "fine", []),
        ({"wrong": 1}, "fine", []),
        ({"wrong": 2}, "watch", ["2 wrong tries"]),
        ({"wrong": 3}, "help", ["3 wrong tries"]),
        ({"hints": 1}, "fine", ["1 hint"]),
        ({"hints": 2, "wrong": 2}, "help", ["2 wrong tries", "2 hints"]),
        ({"idle": 200}, "watch", ["no key for 3 min"]),
        ({"idle": 500}, "help", ["no key for 8 min"]),
    ],
)
def test_the_rule(changes: dict[str, float], level: Level, reasons: list[str]) -> None:
    need = judge_need(replace(CALM, **changes))  # type: ignore[arg-type]
    assert (need.level, list(need.reasons)) == (level, reasons)


def test_nobody_counts_without_end() -> None:
    worst = judge_need(Standing(seconds=1e9, usual=1, wrong=10_000, hints=10_000, idle=1e9))
    assert worst.points == 9.5


def test_what_counts_most_is_said_first() -> None:
    need = judge_need(replace(CALM, seconds=125, wrong=4, idle=190))
    assert [reason.split(" ")[1] for reason in need.reasons] == ["wrong", "min", "key"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (7200, "2 h")]
)
def test_spans(seconds: float, text: str) -> None:
    assert format_span(seconds) == text


def test_what_others_needed_is_known_once_three_have_done_it() -> None:
    pace, item = Pace(), ("kill", 1, "task")
    for name, seconds in (("ada", 10.0), ("bo", 20.0)):
        pace.note(item, name, seconds)
    assert pace.usual(item, "cy") is None
    pace.note(item, "dee", 600.0)
    assert pace.usual(item, "cy") == 20
    assert pace.usual(item, "ada") is None, "others are meant"
    pace.note(item, "ada", 30.0)
    assert pace.usual(item, "cy") == 30, "who does it again counts once"
