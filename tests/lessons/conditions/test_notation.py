"""Conditions and captures in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hatlab.errors import UserError
from hatlab.lessons.conditions.notation import format_capture, format_condition, parse_condition_line
from hatlab.lessons.conditions.parser import parse_capture, parse_condition


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("owner db2", "owner db2"),
        (["owner db1", "master db1"], "owner db1 and master db1"),
        ({"held": 2, "when": "owner db1"}, "owner db1 for 2 s"),
        ({"held": 0.5, "when": ["owner db1", "master db1"]}, "owner db1 and master db1 for 0.5 s"),
        ({"any": ["owner db1", {"not": "healthy"}]}, None),
        ([{"not": "healthy"}, "owner db1"], None),
    ],
)
def test_a_condition_is_one_line_that_can_be_read_again(written: Any, line: str | None) -> None:
    condition = parse_condition(written)
    assert format_condition(condition) == (json.dumps(written) if line is None else line)
    assert parse_condition_line(format_condition(condition)) == condition


def test_what_begins_as_yaml_and_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="cannot read"):
        parse_condition_line("{any: [owner db1")


def test_a_capture_is_one_line() -> None:
    assert format_capture(parse_capture("outage client")) == "outage client"
    interval = parse_capture({"from": "outage", "to": {"held": 2, "when": "owner db1"}})
    assert format_capture(interval) == "from outage to owner db1 for 2 s"
