"""Recordings that are damaged, foreign or of another version: the readable part is played, the rest named."""

from __future__ import annotations

import json
import os
import random
import threading
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.engine.replay.migrations import MIGRATIONS
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.errors import FileError, UserError
from hatlab.session import Session
from tests.engine.replay.recorded_story import LINES, STORY, play_all, write_recording
from tests.support.sessions import all_events, running_session


def test_unreadable_lines_are_named_and_the_rest_is_played(tmp_path: Path) -> None:
    broken = [*LINES[:3], "{not json\n", '{"at":1,"kind":"quasar"}\n', *LINES[3:], LINES[4][:20]]
    engine = ReplayEngine(write_recording(tmp_path, broken), as_fast=True)
    errors = list(engine.recording.unreadable.values())
    assert [error.line for error in errors] == [len(broken)]
    assert "the file ends in the middle of it" in errors[0].message
    events = play_all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)] == STORY
    dropped = [x for x in events if isinstance(x, e.Dropped)]
    assert [(x.count, x.at) for x in dropped] == [(2, STORY[2].at), (1, STORY[-1].at)]
    assert "run.jsonl:4:1: this line is not JSON" in dropped[0].where
    assert sorted(engine.recording.unreadable) == [4, 5, len(broken)]


def test_seeking_over_a_damaged_line_counts_right(tmp_path: Path) -> None:
    broken = [x for k, line in enumerate(LINES) for x in ([line, "{\n"] if k % 7 == 3 else [line])]
    with running_session(ReplayEngine(write_recording(tmp_path, broken), 0.0)) as session:
        session.seek(44.0)
        events = all_events(session)
        for moment in (20.0, 3.0, 33.3):
            session.seek(moment)
            session.seek(44.0)
            assert all_events(session) == events


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty"),
        ("\n\n", "it has no events"),
        ("hello\n", "none of its lines can be read"),
        ("[1,2]\n", "none of its lines can be read"),
        ("".join(LINES[1:]), "events can be read, but not the `lab` event"),
        (
            '{"version": 2, "width": 80, "height": 24}\n[0.1, "o", "x"]\n',
            "it has no events|none of its lines",
        ),
        (LINES[0].replace('"version":1', '"version":"x"'), "its version is 'x'"),
        (LINES[0].replace('"heartbeat"', '"heart beat"', 1), "description cannot be read"),
        ("\x1f\x8b12345", "compressed by gzip"),
        ("[" * 100_000, "none of its lines can be read"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content.encode("latin-1", "replace"))
    with pytest.raises(FileError, match=message) as caught:
        RecordingReader(path)
    assert str(caught.value).startswith(f"{path}:")


def test_a_file_that_lost_its_first_line_begins_at_the_next_lab_event(tmp_path: Path) -> None:
    recording = RecordingReader(write_recording(tmp_path, [LINES[3][10:], *LINES]))
    assert recording.begin.line == 2
    assert "read from line 2 on" in recording.unreadable[1].message


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match=r"there is no file|is not a file"):
            RecordingReader(path)


def test_what_is_known_of_a_newer_version_is_played(tmp_path: Path) -> None:
    newer = [LINES[0].replace('"version":1', '"version":99', 1), '{"at":0.1,"kind":"quasar"}\n', *LINES[1:]]
    engine = ReplayEngine(write_recording(tmp_path, newer), as_fast=True)
    assert "a newer hatlab wrote this (version 99" in engine.recording.unreadable[1].message
    events = play_all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)][1:] == STORY[1:]


VERSION_0 = [LINES[0].replace('"version":1,', "", 1), '{"at":1.0,"kind":"tick"}\n']


def test_a_file_without_a_version_has_version_0(tmp_path: Path) -> None:
    events = play_all(Session(ReplayEngine(write_recording(tmp_path, VERSION_0), as_fast=True)))
    assert [event.kind for event in events] == ["lab", "tick"]


def test_old_versions_are_migrated_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e, "FORMAT", 2)
    monkeypatch.setitem(MIGRATIONS, 1, lambda data: {**data, "at": data["at"] + 1})
    events = play_all(Session(ReplayEngine(write_recording(tmp_path, VERSION_0), as_fast=True)))
    assert [x.at for x in events] == [1.0, 2.0]


@pytest.mark.parametrize(
    "line",
    [
        '{"at":"x","kind":"tick"}',
        '{"at":1e999,"kind":"tick"}',
        '{"at":NaN,"kind":"tick"}',
        '{"at":true,"kind":"tick"}',
        '{"at":1e9,"kind":"tick"}',
        '{"at":1,"kind":["tick"]}',
        '{"at":1,"kind":"probe","client":"client","ok":"yes"}',
        '{"at":1,"kind":"probe","client":{},"ok":true}',
        '{"at":1,"kind":"action","name":"kill","targets":[1],"phase":"done"}',
        '{"at":1,"kind":"conf","node":"db1","text":null}',
        '{"at":1,"kind":"vrrp","node":"db1","instance":"VI_1","state":"MASTER"}',
        '{"at":1,"kind":"vrrp","node":"db1","instance":"VI_1","state":"MASTER","priority":1.5}',
    ],
)
def test_values_of_a_wrong_type_make_a_line_unreadable(tmp_path: Path, line: str) -> None:
    engine = ReplayEngine(write_recording(tmp_path, [*LINES[:2], line + "\n", *LINES[2:4]]), as_fast=True)
    play_all(Session(engine))
    assert list(engine.recording.unreadable) == [3]


def test_damage_of_any_kind_never_ends_in_a_traceback(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = "".join(LINES[:400]).encode()
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(200)]
                case _:
                    data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(9)))
        path = tmp_path / "damaged.jsonl"
        path.write_bytes(data)
        try:
            engine = ReplayEngine(path, as_fast=True)
        except FileError:
            continue
        events = play_all(Session(engine))
        assert engine.recording.unreadable or events


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("".join(LINES),))
    writer.start()
    events = play_all(Session(ReplayEngine(pipe, as_fast=True)))
    writer.join()
    assert [x for x in events if not x.derived] == STORY


@pytest.mark.parametrize(("key", "value"), [("interval", None), ("source", "1.2.3"), ("priority", "150")])
def test_an_impossible_advert_is_unreadable(tmp_path: Path, key: str, value: object) -> None:
    advert = next(x for x in STORY if isinstance(x, e.Advert))
    line = json.dumps({**e.to_dict(advert), key: value}) + "\n"
    engine = ReplayEngine(write_recording(tmp_path, [LINES[0], line, *LINES[1:]]), as_fast=True)
    events = play_all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)] == STORY
    assert list(engine.recording.unreadable) == [2]


def test_odd_values_are_played_or_unreadable(tmp_path: Path) -> None:
    chance = random.Random(11)
    texts = ["", "x" * 99, "::1", "1.2.3", "\0", "\u2603", "db1", "lan", "VI_1"]
    odd: list[object] = [*texts, -1, 0, 2**40, -5.5, None, True, [], {}]
    for _ in range(10):
        lines = []
        for line in LINES[1:600]:
            data = json.loads(line)
            if chance.random() < 0.1:
                data[chance.choice(sorted(data.keys() - {"kind"}))] = chance.choice(odd)
            lines.append(json.dumps(data) + "\n")
        engine = ReplayEngine(write_recording(tmp_path, [LINES[0], *lines]), as_fast=True)
        session = Session(engine)
        play_all(session)
        stopping = session.state.stopping
        assert stopping is None or "cannot be shown" not in stopping
