"""`hatlab compare`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.story import story, write_recording

FACTS = story(44.0)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "before.jsonl", FACTS)


@pytest.fixture
def after(tmp_path: Path) -> Path:
    later = [replace(ev, at=ev.at + 0.5) if ev.at > 12 else ev for ev in FACTS]
    return write_recording(tmp_path / "after.jsonl", later)


def test_the_first_line_says_that_nothing_differs(before: Path, hatlab: CommandLine) -> None:
    assert hatlab("compare", before, before).out.startswith("The same course: ")


def test_what_differs_ends_with_exit_code_1(before: Path, after: Path, hatlab: CommandLine) -> None:
    out = hatlab("compare", before, after, code=1).out
    assert out.startswith("B differs: ")
    assert "Aligned at the first fault of both, mysqld is down on db1" in out


def test_json_is_one_document(before: Path, after: Path, hatlab: CommandLine) -> None:
    document = json.loads(hatlab("compare", before, after, "--json", code=1).out)
    assert document["alignment"]["how"] == "fault"
    assert document["verdict"].startswith("B differs: ")


def test_a_screen_needs_a_terminal(before: Path, hatlab: CommandLine) -> None:
    assert "--screen needs a terminal" in hatlab("compare", before, before, "--screen", code=2).err


def test_what_is_no_recording_is_a_mistake(before: Path, tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "x").write_text("no recording\n")
    assert "not a recording" in hatlab("compare", before, tmp_path / "x", code=2).err
