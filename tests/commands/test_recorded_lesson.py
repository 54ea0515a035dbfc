"""A lesson over a recording: time stands where a step begins, and what it asks is so in the recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.commands.support.lesson_recording import recorded_session
from hatlab.commands.support.verify_on_simulator import verify_simulated
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.library.loader import parse_lesson_file, shipped_lessons
from hatlab.lessons.model import Lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.views.packets.model import PacketsModel
from hatlab.views.packets.packet import arrival_text
from tests.support.command_line import CommandLine

FILES = shipped_lessons() / "your-own-incident"
HEAD = """---
version: 1
id: night
title: A night
minutes: 2
topology: two-node
recording: night.jsonl
goals: [You can look.]
---

Look.

## When

```yaml lab
until: {until}
```

```yaml question
id: who
ask: Who is Master?
choices: [db1, db2, both]
right: both
```
"""


@pytest.fixture
def night(tmp_path: Path) -> Path:
    (tmp_path / "night.jsonl").write_bytes((FILES / "incident.jsonl").read_bytes())
    (tmp_path / "night.md").write_text(HEAD.format(until="[state db1 MASTER, state db2 MASTER]"))
    return tmp_path / "night.md"


def test_time_stands_where_a_step_begins(night: Path) -> None:
    assert parse_lesson_file(night).findings == ()
    session, runner = _begin(load_lesson(str(night)))
    try:
        assert [node.instances["VI_1"].reported for node in session.state.nodes.values()] == ["MASTER"] * 2
        assert session.time is not None
        assert session.time.speed == 0
        assert runner.progress.remarks == ()
    finally:
        session.stop()


def _begin(lesson: Lesson) -> tuple[Session, LessonRunner]:
    session, runner = recorded_session(lesson), LessonRunner(lesson)
    session.start()
    checkpoints.wait_until_ready(session)
    player = ActionPlayer(session, fast=True, feed=runner.feed)
    checkpoints.prepare(session, runner.compiled, 0)
    player.catch_up()
    runner.begin()
    return session, runner


def test_a_moment_that_never_comes_is_told_at_the_recording_s_end(night: Path) -> None:
    night.write_text(HEAD.format(until="state db1 FAULT"))
    result = verify_simulated(load_lesson(str(night)))
    assert not result.ok
    assert "the recording never gets to where this step begins" in result.problems[0]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("night.json", "there is no recording 'night.json'"),
        ("../other.jsonl", "the recording ../other.jsonl lies outside of the lesson's folder"),
    ],
)
def test_a_recording_that_is_not_there_is_told(night: Path, written: str, message: str) -> None:
    night.write_text(night.read_text().replace("night.jsonl", written))
    assert [(f.code, f.line, f.message) for f in parse_lesson_file(night).findings] == [("LS023", 7, message)]


def test_what_is_no_recording_is_told(night: Path, hatlab: CommandLine) -> None:
    (night.parent / "night.jsonl").write_text("nothing\n")
    assert "this is not a recording" in hatlab("verify", str(night), "--engine", "sim", code=2).err


def test_the_shipped_files_make_the_shipped_recording(tmp_path: Path, hatlab: CommandLine) -> None:
    """What the lesson says of its incident is what its files say to today's import."""
    made = tmp_path / "incident.jsonl"
    said = hatlab("import", str(FILES / "db1"), str(FILES / "db2"), "--tz", "UTC", "-o", str(made)).out
    assert "its clock is 82.8 s behind that of db1, give or take 0.38 s" in said
    course = _course(made)
    assert course == _course(FILES / "incident.jsonl")
    assert course == [
        ("03:12:04", "db1", "BACKUP"),
        ("03:12:04", "db2", "BACKUP"),
        ("03:12:08", "db1", "MASTER"),
        ("03:12:45", "db2", "MASTER"),
        ("03:13:01", "db2", "BACKUP"),
    ]


def test_the_files_can_be_had_and_imported(
    tmp_path: Path, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = hatlab("new", "incident", "night").out
    assert "import night/db1 night/db2 --tz UTC" in said
    hatlab("import", "night/db1", "night/db2", "--tz", "UTC", "-o", "night.jsonl")
    assert "what db1 sends does not arrive there" in " ".join(hatlab("explain", "night.jsonl").out.split())
    assert "night already exists" in hatlab("new", "incident", "night", code=2).err
    assert "cannot be the name of an incident" in hatlab("new", "incident", "-", code=2).err


def test_what_is_not_known_is_not_called_lost() -> None:
    """The lesson asks for it: there is no capture from db1."""
    model, reader = PacketsModel(), RecordingReader(FILES / "incident.jsonl")
    model.feed(event for _, event in reader.read())
    of_db2 = [packet for packet in model.packets if packet.sender == "db2" and packet.kind == "vrrp"]
    assert len(of_db2) > 10
    assert {arrival_text(packet, "db1") for packet in of_db2} == {("not known", "unknown")}
    assert not any(packet.missing for packet in of_db2)


def _course(recording: Path) -> list[tuple[str, str, str]]:
    reader = RecordingReader(recording)
    began = 11 * 60 + 55
    assert reader.lab.started.startswith("2026-11-28T03:11:55")
    changes = [event for _, event in reader.read() if isinstance(event, e.Vrrp)]
    return [
        (f"03:{int(began + ev.at) // 60:02}:{int(began + ev.at) % 60:02}", ev.node, ev.state)
        for ev in changes
    ]
