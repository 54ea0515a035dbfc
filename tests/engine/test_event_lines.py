"""A line that is read quickly is read as it is when each value is looked at on its own, or not at all."""

from __future__ import annotations

import json
import random
from dataclasses import fields
from typing import Any

import pytest

from hatlab import events as e
from hatlab.engine.event_lines import plain_event
from hatlab.engine.validation import validated_event
from hatlab.errors import UserError
from tests.support.story import story

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2**63,
        -(2**63),
        2**100,
        1.0,
        1.5,
        -4000.0,
        6e6,
        float("nan"),
        float("inf"),
    ),
    *("", "x", "abc", "0a0B", "0a0", "a\nb", "\x1b[2J", "\x7f", "ä", "\ud800", "1", "true", "192.0.2.1"),
    *(float("nan"), float("inf"), "tick", [], ["a"], [1], [None], [["a", None]], [["a", 1]], [[1]]),
    *({}, {"a": "b"}, {"a": 1}, {"a": {"b": [1]}}),
)


def test_all_of_the_story_is_read_alike() -> None:
    lines = [e.to_json(event).encode() + b"\n" for event in story(44.0)]
    read = [plain_event(line) for line in lines]
    assert sum(event is None for event in read) < len(lines) / 20, "else nothing is gained"
    for line, event in zip(lines, read, strict=True):
        assert event is None or repr(event) == repr(validated_event(json.loads(line)))


@pytest.mark.parametrize("kind", e.KINDS)
def test_an_odd_value_is_never_taken_for_a_right_one(kind: str) -> None:
    rng = random.Random(kind)
    whole = _example(kind)
    for key in [*whole, "kind", "more"]:
        for value in (*ODD, ...):
            data = {k: v for k, v in whole.items() if k != key} if value is ... else {**whole, key: value}
            items = list(data.items())
            rng.shuffle(items)
            line = json.dumps(dict(items), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
            _compare(line)


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\n", b"null", b"[]", b"1", b'"tick"', b"{}", b'{"kind": "tick"}', b"[" * 5000),
        *(b'{"at": 1, "kind": "tick"', b'{"at": "1", "kind": "tick"}', b'{"at": 1, "kind": "tick"}\x00'),
        *(b'{"at": 1, "at": 2, "kind": "tick"}', b'{"at": 1e999, "kind": "tick"}'),
        *(b'{"at": 01, "kind": "tick"}', b'{"at": NaN, "kind": "tick"}', b'\xff{"at": 1, "kind": "tick"}'),
        b'{"kind": "tick", "at": 1} {"kind": "tick", "at": 1}',
    ],
)
def test_a_line_that_is_damaged_is_never_taken_for_an_event(line: bytes) -> None:
    _compare(line)


def _example(kind: str) -> dict[str, Any]:
    told = next((e.to_dict(event) for event in story(44.0) if event.kind == kind), None)
    if told is not None:
        return json.loads(json.dumps(told))  # type: ignore[no-any-return]
    values = {"str": "a", "bool": True, "int": 1, "float": 1.0, "dict[str, Any]": {}, "dict[str, str]": {}}
    types = {field.name: str(field.type) for field in fields(e.KINDS[kind])}
    return {"kind": kind} | {
        name.rstrip("_"): values.get(hint.removesuffix(" | None"), []) for name, hint in types.items()
    }


def _compare(line: bytes) -> None:
    event = plain_event(line)
    if event is None:
        return
    try:
        slowly = validated_event(json.loads(line))
    except (UserError, ValueError) as error:
        pytest.fail(f"{line!r} was taken for {event}, but {error}")
    assert event == slowly, line
