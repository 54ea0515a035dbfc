"""Recordings: written whole, read back the same, and never the end of a lab."""

from __future__ import annotations

import errno
import io
import json
import sys
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab import recorder
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.errors import UserError
from hatlab.recorder import KEEP, Recorder, default_recording, open_recording, sorted_recordings
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.support.scripted_engine import FakeEngine
from tests.support.story import story
from tests.support.waiting import wait_until


def _play_all(session: Session, engine: ReplayEngine) -> list[e.Event]:
    """Everything a session had, once the replay is over."""
    session.start()
    assert engine.finished.wait(20)
    session.stop()
    return list(session.reader().drain(most=10**6).events)


def _record_lab(path: Path) -> None:
    """A recording of the whole story, by way of a session."""
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorder = Recorder(session, open_recording(path))
    session.emit(story())
    session.stop()
    recorder.close()


def test_a_recording_begins_with_its_version_and_replays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _record_lab(path)
    lines = path.read_text().splitlines()
    assert json.loads(lines[0])["kind"] == "lab"
    assert json.loads(lines[0])["version"] == e.FORMAT
    assert any(json.loads(one)["kind"] == "why" for one in lines)
    engine = ReplayEngine(path, as_fast=True)
    replayed = _play_all(Session(engine), engine)
    assert [e.to_json(event) for event in replayed] == lines


def test_events_are_written_while_the_lab_runs(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorder = Recorder(session, open_recording(path))
    session.emit(story(1.0))
    wait_until(lambda: path.stat().st_size > 0, 5, "recorded line")
    assert path.read_text().endswith("\n")
    session.stop()
    recorder.close()


def test_a_recording_is_private_and_overwrites_nothing(tmp_path: Path) -> None:
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
    assert session.wait_for(lambda s: bool(said), 5)
    session.emit(story(2.0)[-3:])
    session.stop()
    recorder.close()
    assert said == ["the recording ends here: No space left on device; the lab keeps running"]


class _FillingDisk(io.StringIO):
    """Has room for some characters for now; behind a buffer, as a file has one."""

    room = 3000
    kept = ""

    def close(self) -> None:
        self.kept = self.getvalue()

    def flush(self) -> None:
        if self.tell() > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_the_recording_of_a_lesson_waits_for_room_and_leaves_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recorder, "_LOOK_FOR_ROOM_EVERY", 0.01)
    out, whole = _FillingDisk(), _FillingDisk()
    whole.room = sys.maxsize
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    recorders = [Recorder(session, each, lesson=True) for each in (out, whole)]
    lines: list[str] = []

    def told(count: int) -> bool:
        lines.extend(map(str, session.teacher.take_lines()))
        return len(lines) == count

    session.emit(story(20.0))
    wait_until(lambda: told(1), 30)
    session.emit(story(22.0)[-3:])
    out.room = sys.maxsize
    wait_until(lambda: told(2), 30)
    assert lines == [f"hatlab: {recorder.NO_ROOM}", f"hatlab: {recorder.ROOM_AGAIN}"]
    session.stop()
    for closing in recorders:
        closing.close()
    assert len(whole.kept) > 3000
    assert out.kept == whole.kept


def test_only_the_newest_recordings_are_kept(tmp_path: Path) -> None:
    for k in range(KEEP + 3):
        default_recording(tmp_path, f"run{k}").write_text("x")
    assert [p.stem.partition("-run")[2] for p in sorted_recordings(tmp_path)] == [
        str(k) for k in range(3, KEEP + 3)
    ]


def test_a_recording_is_the_newest_though_the_clock_was_set_back(tmp_path: Path) -> None:
    for k in range(KEEP + 3):
        (tmp_path / f"29990101-00000{k}-old.jsonl").write_text("x")
    path = default_recording(tmp_path, "new")
    path.write_text("x")
    assert sorted_recordings(tmp_path)[-1] == path
    assert sorted_recordings(tmp_path)[0].name == "29990101-000004-old.jsonl"


def test_after_time_was_set_back_a_recording_tells_one_course(tmp_path: Path) -> None:
    recorded = tmp_path / "run.jsonl"
    _record_lab(recorded)
    copy = tmp_path / "copy.jsonl"
    session = Session(ReplayEngine(recorded, 0.0))
    recorder = Recorder(session, open_recording(copy))
    session.start()
    session.seek(30.0)
    wait_until(lambda: '"kind":"outage"' in copy.read_text(), 5, "outage in the recording")
    session.seek(5.0)
    session.stop()
    recorder.close()
    kept = copy.read_text().splitlines()
    assert kept == recorded.read_text().splitlines()[: len(kept)]
    assert '"kind":"outage"' not in copy.read_text()
