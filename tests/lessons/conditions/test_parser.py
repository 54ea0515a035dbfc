"""Conditions and captures as they are read from YAML."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.lessons.conditions.parser import parse_capture, parse_condition
from hatlab.lessons.conditions.syntax import (
    All,
    AnyOf,
    Comparison,
    Ever,
    Held,
    Interval,
    Malformed,
    MeasureCall,
    Not,
    Order,
    Predicate,
)


@pytest.mark.parametrize(
    ("written", "kind", "parts"),
    [
        ("holds db2", Predicate, 0),
        ("outage client < 2", Comparison, 0),
        (["holds db2", "healthy"], All, 2),
        ({"all": ["holds db2"]}, All, 1),
        ({"any": ["holds db2", "healthy"]}, AnyOf, 2),
        ({"order": ["holds db2", "healthy"]}, Order, 2),
        ({"not": "healthy"}, Not, 1),
        ({"ever": ["healthy"]}, Ever, 1),
        ({"held": 2, "when": "healthy"}, Held, 1),
        ({"held": 2, "wehn": "healthy"}, Malformed, 1),
        ({"all": [], "held": ["healthy"]}, Malformed, 1),
        ("outage client <", Malformed, 0),
        ("owner 'db1", Malformed, 0),
        (None, Malformed, 0),
    ],
    ids=str,
)
def test_a_condition_has_a_kind_and_parts(written: Any, kind: type, parts: int) -> None:
    condition = parse_condition(written)
    assert type(condition) is kind
    assert condition.written == written
    assert len(condition.parts) == parts


def test_a_line_is_split_as_a_shell_does() -> None:
    line = parse_condition("owner = 'db1 and db2'")
    assert isinstance(line, Comparison)
    assert line.words == ("owner", "=", "db1 and db2")


def test_a_capture_is_a_measure_or_an_interval() -> None:
    assert isinstance(parse_capture("outage client"), MeasureCall)
    interval = parse_capture({"from": "outage", "to": {"not": "outage"}}, ("capture", "x"))
    assert isinstance(interval, Interval)
    assert [part.loc for part in interval.parts] == [("capture", "x", "from"), ("capture", "x", "to")]
    assert isinstance(parse_capture({"from": "outage"}), Malformed)


def test_a_lone_when_is_told_how_it_is_written() -> None:
    condition = parse_condition({"when": "owner db1"}, ("solution", 1, "wait"))
    assert isinstance(condition, Malformed)
    assert condition.message == "`when` is allowed only beside `held`; write `wait: owner db1`"
