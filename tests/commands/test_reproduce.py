"""`hatlab reproduce`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.incident.reproduce.honest import logs_and_captures, scenario_story
from tests.parity.scenarios import SCENARIOS
from tests.support.command_line import CommandLine
from tests.support.story import write_recording

SPLIT = scenario_story(next(s for s in SCENARIOS if s.number == "5"))


@pytest.fixture
def incident(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "incident.jsonl", logs_and_captures(SPLIT.events))


def test_the_first_line_says_how_far_it_agrees_and_then_what_must_have_happened(
    incident: Path, hatlab: CommandLine
) -> None:
    out = hatlab("reproduce", incident).out
    assert out.startswith("Reproduced. The same course: ")
    assert "cut heartbeat" in out
    assert "heal heartbeat" in out


def test_what_is_written_runs_by_hand(incident: Path, tmp_path: Path, hatlab: CommandLine) -> None:
    folder = tmp_path / "again"
    hatlab("reproduce", incident, "-o", folder)
    script = (folder / "script.txt").read_text()
    assert "cut heartbeat" in script
    hatlab("check", folder / "topology.yaml")
    assert hatlab("compare", incident, folder / "run.jsonl").out.startswith("The same course")
    hatlab("reproduce", incident, "-o", folder, code=2)
    hatlab("reproduce", incident, "-o", folder, "--force")


def test_json_has_the_faults_and_the_comparison(incident: Path, hatlab: CommandLine) -> None:
    document = json.loads(hatlab("reproduce", incident, "--json").out)
    assert [fault["action"] for fault in document["faults"]] == ["cut heartbeat", "heal heartbeat"]
    assert document["comparison"]["same"] is True


def test_actions_are_taken_only_where_they_are_trusted(tmp_path: Path, hatlab: CommandLine) -> None:
    path = write_recording(tmp_path / "run.jsonl", list(SPLIT.events))
    document = json.loads(hatlab("reproduce", path, "--trust-actions", "--json").out)
    assert {fault["why"] for fault in document["faults"]} == {"the recording says so"}


def test_what_is_no_recording_is_a_mistake(tmp_path: Path, hatlab: CommandLine) -> None:
    (tmp_path / "x").write_text("no recording\n")
    assert "not a recording" in hatlab("reproduce", tmp_path / "x", code=2).err
