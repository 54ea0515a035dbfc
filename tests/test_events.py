"""The JSON form is a contract: every kind survives the way there and back."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.errors import UserError

FLOATS = st.floats(0, 1e6, allow_nan=False).map(lambda x: round(x, 6))
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    float: FLOATS,
    int: st.integers(0, 2**31),
    str: st.text(max_size=20),
    bool: st.booleans(),
    tuple[tuple[str | None, ...], ...]: st.lists(
        st.lists(st.none() | st.text(max_size=5), max_size=3).map(tuple), max_size=3
    ).map(tuple),
    tuple[str, ...]: st.lists(st.text(max_size=5), max_size=3).map(tuple),
    dict[str, Any]: st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    dict[str, str]: st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    float | None: st.none() | FLOATS,
    int | None: st.none() | st.integers(0, 255),
    str | None: st.none() | st.text(max_size=9),
}


def any_event(cls: type[e.Event]) -> st.SearchStrategy[e.Event]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{f.name: BY_TYPE[hints[f.name]] for f in fields(cls)})


@given(st.one_of([any_event(cls) for cls in e.KINDS.values()]))
def test_every_event_survives_json(event: e.Event) -> None:
    line = e.to_json(event)
    assert "\n" not in line
    assert e.from_dict(json.loads(line)) == event


@pytest.mark.parametrize("kind", sorted(e.KINDS))
def test_a_missing_field_is_named(kind: str) -> None:
    with pytest.raises(UserError, match=r"lacks.*at"):
        e.from_dict({"kind": kind})


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UserError, match="teapot"):
        e.from_dict({"kind": "teapot", "at": 1.0})


def test_fields_of_a_newer_writer_are_ignored() -> None:
    assert e.from_dict({"kind": "tick", "at": 1.0, "mood": "good"}) == e.Tick(at=1.0)


def test_pythons_underscore_stays_out_of_json() -> None:
    why = e.Why(at=1, node="db1", instance="VI_1", from_="BACKUP", to="MASTER", cause="", rule="", text="")
    assert e.to_dict(why)["from"] == "BACKUP"


def test_every_event_is_immutable_and_has_a_time() -> None:
    for cls in e.KINDS.values():
        assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        at = next(f for f in fields(cls) if f.name == "at")
        assert at.default is MISSING
