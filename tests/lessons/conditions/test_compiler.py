"""Lines that a lab understands, and those that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.lessons.conditions.compiler import compile_condition, compile_measure, find_errors, unit_of
from hatlab.lessons.conditions.parser import parse_capture, parse_condition, parse_measure
from hatlab.lessons.conditions.syntax import WordError
from tests.support.story import layout

LAYOUT = layout()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        None,
        5,
        True,
        [],
        {},
        [[]],
        {"all": []},
        {"any": "owner db1"},
        {"order": []},
        {"not": None},
        {"held": 3},
        {"held": "3", "when": "owner db1"},
        {"held": 0, "when": "owner db1"},
        {"held": -1, "when": "owner db1"},
        {"held": float("nan"), "when": "owner db1"},
        {"ever": "owner db1", "not": "owner db1"},
        {1: "owner db1"},
        "owner db1 = ",
        "= db1",
        "outage client <",
        "outage client < 2 3",
        "outage client < fast",
        "owner < db1",
        "owner = db3",
        "owner = 3",
        "owner != 'db1 and db3'",
        "owner = 'db1 and nobody'",
        "owner = 'db2 and db1'",
        "master = db01",
        "answered = 'db1 and db2'",
        "handovers = db2",
        "unanswered client < 1s",
        "adverts db1 != db1",
        "owner 'db1",
        "owner db1 db2 db1",
        "owners many",
        "state db1 master",
        "x" * 500,
    ],
    ids=str,
)
def test_what_says_nothing_is_refused(written: Any) -> None:
    with pytest.raises(WordError) as caught:
        compile_condition(parse_condition(written), LAYOUT)
    assert caught.value.message


def test_a_value_that_a_measure_never_has_is_told() -> None:
    for line, message, hint in [
        ("owner = db22", "`owner` is never `db22`; did you mean `db2`?", "use one of: db1, db2, nobody"),
        ("answered != backup", "`answered` is never `backup`", "use one of: db1, db2, nobody"),
        ("master = 'db2 and db1'", "`master` is never `db2 and db1`", "write: db1 and db2"),
        (
            "handovers = db2",
            "`handovers` is a number, not `db2`",
            "write only digits, for example: handovers = 2",
        ),
    ]:
        with pytest.raises(WordError) as caught:
            compile_condition(parse_condition(line), LAYOUT)
        assert (caught.value.message, caught.value.hint) == (message, hint)
    for line, meant in [("unanswered client == 1", "="), ("owners <> 2", "!="), ("outage => 1", ">=")]:
        with pytest.raises(WordError) as caught:
            compile_condition(parse_condition(line), LAYOUT)
        assert (caught.value.message, caught.value.hint) == (f"`{line}` compares nothing", f"write `{meant}`")
    for line in ("owner = nobody", "owner .100 != 'db1 and db2'", "field db1 auth = none", "answered = db1"):
        compile_condition(parse_condition(line), LAYOUT)


def test_a_measure_with_too_many_words_is_refused() -> None:
    with pytest.raises(WordError):
        compile_measure(parse_measure("owner db1 db2"), LAYOUT)


@pytest.mark.parametrize(
    ("written", "unit"),
    [("outage client", "s"), ("owner", ""), ("", ""), ({"from": "outage", "to": "healthy"}, "s"), ({}, "")],
)
def test_what_is_captured_has_a_unit(written: Any, unit: str) -> None:
    assert unit_of(parse_capture(written)) == unit


def test_every_error_has_its_location() -> None:
    written = ["ownr db1", {"held": 2, "when": {"any": ["healthy", {"nto": "owner db3"}]}}, "owner db1 .99"]
    errors = {loc: error.message for loc, error in find_errors(parse_condition(written, ("when",)), LAYOUT)}
    assert errors == {
        ("when", 0): "unknown condition `ownr`; did you mean `owner`?",
        ("when", 1, "when", "any", 1): "this is not a condition: {nto: …}",
        ("when", 1, "when", "any", 1, "nto"): "there is no node `db3`",
        ("when", 2): "there is no vip `.99`",
    }
    capture = parse_capture({"from": "outage", "to": "ownr"}, ("capture", "outage"))
    assert [loc for loc, _ in find_errors(capture, LAYOUT)] == [("capture", "outage", "to")]
