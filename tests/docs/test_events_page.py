"""docs/events.md lists exactly the events and fields there are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from hatlab.events import KINDS, Event

DOC = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
IN_EVERY_EVENT = {f.name for f in fields(Event)}
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", DOC, re.MULTILINE | re.DOTALL))


def test_every_kind_is_documented_and_no_other() -> None:
    assert list(SECTIONS) == list(KINDS)


def test_the_fields_of_every_event_are_documented() -> None:
    head = DOC[: DOC.index("### `lab`")]
    assert all(f"`{name}`" in head for name in IN_EVERY_EVENT)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_documented_and_no_other(kind: str) -> None:
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS[kind], re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {f.name.rstrip("_") for f in fields(KINDS[kind])} - IN_EVERY_EVENT


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_derived_is_called_so(kind: str) -> None:
    assert ("Derived." in SECTIONS[kind]) == KINDS[kind].derived
