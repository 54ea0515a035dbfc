"""Recordings: written whole, read back the same, and never the end of a lab."""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lab import events as e
from lab.actions import Action
from lab.engine.replay import MIGRATIONS, ReplayEngine, parse_recording, read_recording
from lab.errors import ActionFailed, FileError, UserError
from lab.files import load_topology
from lab.record import KEEP, Recorder, default_recording, open_recording
from lab.session import Session
from tests.fake import FakeEngine
from tests.story import story


def _finished(session: Session, engine: ReplayEngine) -> list[e.Event]:
    """Everything a session had, once the replay is over."""
    session.start()
    assert engine.finished.wait(20)
    session.stop()
    return list(session.reader().drain(most=10**6).events)


def _recorded(path: Path) -> None:
    """A recording of the whole story, by way of a session."""
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorder = Recorder(session, open_recording(path))
    session.emit(story())
    session.stop()
    recorder.close()


def test_a_recording_begins_with_its_version_and_replays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _recorded(path)
    lines = path.read_text().splitlines()
    assert json.loads(lines[0])["kind"] == "lab"
    assert json.loads(lines[0])["version"] == e.FORMAT
    assert any(json.loads(one)["kind"] == "why" for one in lines)
    engine = ReplayEngine(path, as_fast=True)
    replayed = _finished(Session(engine), engine)
    assert [e.to_json(event) for event in replayed] == lines


def test_it_is_written_while_the_lab_runs(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorder = Recorder(session, open_recording(path))
    session.emit(story(1.0))
    deadline = time.monotonic() + 5
    while not path.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.02)
    assert path.read_text().endswith("\n")
    session.stop()
    recorder.close()


def test_a_recording_is_the_users_alone_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with open_recording(path) as out:
        out.write("x")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError, match="exists"):
        open_recording(path)
    with pytest.raises(UserError, match="cannot record"):
        open_recording(tmp_path / "missing" / "run.jsonl")


class _FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_ends_the_recording_not_the_lab() -> None:
    said: list[str] = []
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorder = Recorder(session, _FullDisk(), warn=said.append)
    session.emit(story(1.0))
    assert session.wait_for(lambda s: s.dropped > 0, 5)
    session.emit(story(2.0)[-3:])
    session.stop()
    recorder.close()
    assert said == ["the recording ends here: No space left on device; the lab goes on"]


def test_the_last_few_are_kept(tmp_path: Path) -> None:
    for k in range(KEEP + 3):
        path = default_recording(tmp_path, f"run{k}")
        path.write_text("x")
        os.utime(path, (k, k))
    assert sorted(p.stem for p in tmp_path.iterdir()) == [f"run{k}" for k in range(3, KEEP + 3)]


LINES = [e.to_json(event) + "\n" for event in story(5.0)]


def test_what_cannot_be_read_is_named_and_the_rest_is_kept() -> None:
    broken = [*LINES[:3], "{not json\n", '{"at":1,"kind":"quasar"}\n', *LINES[3:], LINES[4][:20]]
    found = parse_recording(broken, "run.jsonl")
    assert len(found.events) == len(LINES)
    assert [(fault.file, fault.line) for fault in found.faults] == [
        ("run.jsonl", 4),
        ("run.jsonl", 5),
        ("run.jsonl", len(broken)),
    ]
    assert "the file ends in the middle of it" in found.faults[-1].message


def test_a_replay_tells_what_it_could_not_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("".join([*LINES, LINES[4][:20]]))
    engine = ReplayEngine(path, as_fast=True)
    dropped = [event for event in _finished(Session(engine), engine) if isinstance(event, e.Dropped)]
    assert [(event.count, f"run.jsonl:{len(LINES) + 1}" in event.where) for event in dropped] == [(1, True)]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "it is empty"),
        (["hello\n"], "no line that can be read"),
        (LINES[1:], "the first line is no `lab` event"),
        ([LINES[0].replace('"version":1', '"version":99')], "a newer hatlab wrote this"),
        (["[1,2]\n"], "no line that can be read"),
    ],
)
def test_no_recording(lines: list[str], says: str) -> None:
    with pytest.raises(FileError, match=says):
        parse_recording(lines)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_recording(tmp_path)


def test_an_old_version_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MIGRATIONS, 0, lambda data: {**data, "kind": data["kind"].lower()})
    first = LINES[0].replace('"version":1', '"version":0')
    found = parse_recording([first, '{"at":1.0,"kind":"TICK"}\n'])
    assert [event.kind for event in found.events] == ["lab", "tick"]


def test_a_replay_keeps_its_pace(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(LINES))
    engine = ReplayEngine(path, speed=10.0)
    began = time.monotonic()
    _finished(Session(engine), engine)
    assert time.monotonic() - began >= 0.95 * story(5.0)[-1].at / 10


def test_nothing_can_be_done_to_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(LINES))
    session = Session(ReplayEngine(path))
    with pytest.raises(ActionFailed, match="cannot be changed"):
        session.act(Action("kill", ("mysqld", "db1")))
    with pytest.raises(ActionFailed, match="no shell"):
        session.engine.shell("db1")


def test_unknown_fields_of_a_newer_minor_writer_are_left_out() -> None:
    data = {**e.to_dict(story(0.0)[0]), "colour": "blue"}
    found = parse_recording([json.dumps(data) + "\n"])
    assert found.events == (replace(story(0.0)[0]),)
