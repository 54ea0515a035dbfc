"""A hostile text in every field of every event: what is made, printed and exported of it is clean."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.describe import describe_event
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.export import FORMS
from hatlab.state.steps import derive_steps
from hatlab.text.event_log import format_event
from tests.support.story import story
from tests.texts.fields import hostile_events, hostile_recording
from tests.texts.hostile import random_text, unsafe_in

FILES = {"conf.text", "lab.topology"}
"""Kept as they are; what shows them makes them visible."""


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple() | list():
            for part in value:
                yield from _strings(part)
        case dict():
            yield from _strings([*value.keys(), *value.values()])


@given(st.integers(0, 2**32))
def test_text_is_made_visible_where_an_event_is_made(seed: int) -> None:
    rng = random.Random(seed)
    for name, event in hostile_events(lambda: random_text(rng)):
        for field in fields(event):
            if f"{event.kind}.{field.name}" not in FILES:
                assert not unsafe_in("".join(_strings(getattr(event, field.name)))), name
        line = e.to_json(event)
        assert not unsafe_in(line, ""), name
        line.encode()
        assert e.from_dict(json.loads(line)) == event, name


@given(st.integers(0, 2**32))
def test_events_in_words_are_one_line_each(seed: int) -> None:
    rng = random.Random(seed)
    for name, event in hostile_events(lambda: random_text(rng)):
        described = describe_event(event)
        if described is None:
            continue
        text = format_event(event)
        assert not unsafe_in(text), name
        assert text.count("\n") == len(described.details), name
        coloured = format_event(event, colour=True)
        assert coloured.count("\x1b") == 2 * (1 + len(described.details)), name


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.jsonl"
    rng = random.Random(13)
    path.write_text("\n".join(hostile_recording(story(44), lambda: random_text(rng))) + "\n")
    return path


def test_a_hostile_recording_is_read(recording: Path) -> None:
    reader = RecordingReader(recording)
    kinds = {event.kind for _, event in reader.read()}
    assert {"lab", "vrrp", "log", "action"} <= kinds


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts: list[str | None] = []
        """Their types."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.scripts += [dict(attrs).get("type")] if tag == "script" else []
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_export_of_a_hostile_recording_is_clean(form: str, recording: Path) -> None:
    out = io.BytesIO()
    FORMS[form].write(out, derive_steps(event for _, event in RecordingReader(recording).read()))
    written = out.getvalue()
    for attack in (b"\x1b]52", b"\x1b]8;", b"\x1b]0;", b"\x1bP", b"\xc2\x9b", b"\xc2\x9d", b"\xe2\x80\xae"):
        assert attack not in written
    if form == "pcapng":
        return
    text = written.decode()
    assert not unsafe_in(text)
    match form:
        case "html":
            page = _Tags()
            page.feed(text)
            assert not page.found & {"img", "iframe", "object", "link", "base", "form", "a"}
            assert page.scripts == ["application/octet-stream", "module"]  # the run, and the player
            assert not [name for name in page.attributes if name.startswith("on") or name in {"href", "src"}]
            assert "default-src 'none'" in text
        case "cast":
            for line in text.splitlines():
                json.loads(line)
        case "json":
            json.loads(text)
