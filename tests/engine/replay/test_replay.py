"""A recording as an engine: paced, stepped, set forward and back, and whole where the file is not."""

from __future__ import annotations

import json
import math
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.base import Engine, Replayable, TimeControl
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.engine.replay.file import RecordingFile
from hatlab.engine.replay.migrations import MIGRATIONS
from hatlab.errors import ActionFailed, FileError, UserError
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology.library import load_topology
from tests.support.scripted_engine import FakeEngine
from tests.support.story import VIP, story

LINES = [e.to_json(event) + "\n" for event in story(44.0)]
STORY = [e.from_dict(json.loads(line)) for line in LINES]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The whole story, recorded by way of a session: derived events are in it."""
    session = Session(ReplayEngine(_file(tmp_path, LINES), as_fast=True))
    events = _all(session)
    recorded = tmp_path / "recorded.jsonl"
    recorded.write_text("".join(e.to_json(event) + "\n" for event in events))
    return recorded


def _file(folder: Path, lines: list[str]) -> Path:
    path = folder / "run.jsonl"
    path.write_text("".join(lines))
    return path


def _all(session: Session) -> tuple[e.Event, ...]:
    """Everything a recording tells."""
    assert isinstance(session.engine, ReplayEngine)
    session.start()
    assert session.engine.finished.wait(20)
    session.stop()
    return session.reader().drain(most=10**6).events


@pytest.fixture
def held(path: Path) -> Iterator[Session]:
    """A session on the recording, its clock standing at the beginning."""
    session = Session(ReplayEngine(path, 0.0))
    session.start()
    assert session.wait_for(lambda s: s.layout is not None, 5)
    yield session
    session.stop()


def _state(at: float) -> LabState:
    """What is true at a moment, by folding the facts up to it."""
    session = Session(FakeEngine("two-node", load_topology("two-node")))
    for event in STORY:
        if event.at > at:
            break
        session.emit([event])
    return _plain(session.state)


def _plain(state: LabState) -> LabState:
    """A state that can be compared: a layout is compared by identity."""
    return replace(state, layout=None)


def test_it_is_an_engine_with_time_control(path: Path) -> None:
    engine: Engine = ReplayEngine(path)
    assert isinstance(engine, TimeControl)
    assert isinstance(engine, Replayable)
    assert engine.ends == STORY[-1].at


def test_all_of_it_at_once_is_what_was_recorded(path: Path) -> None:
    events = _all(Session(ReplayEngine(path, as_fast=True)))
    assert "".join(e.to_json(event) + "\n" for event in events) == path.read_text()


def test_it_keeps_its_pace(tmp_path: Path) -> None:
    engine = ReplayEngine(
        _file(tmp_path, [line for line, x in zip(LINES, STORY, strict=True) if x.at <= 5]), 10
    )
    began = time.monotonic()
    _all(Session(engine))
    assert time.monotonic() - began >= 0.48


def test_seeking_forward_and_back_gives_the_state_of_the_moment(held: Session) -> None:
    for moment in (13.0, 30.0, 3.0, 43.0, 36.5, 0.0, 43.9, 12.999):
        held.seek(moment)
        assert _plain(held.state) == _state(moment), moment
        assert held.engine.now() == pytest.approx(moment, abs=1e-6)


def test_seeking_to_any_moment_is_the_same_as_playing_to_it(held: Session) -> None:
    chance = random.Random(4)
    for _ in range(60):
        held.seek(chance.uniform(-1, 45))
        assert _plain(held.state) == _state(held.engine.now())


def test_a_reader_is_told_that_time_was_set_back(held: Session) -> None:
    reader = held.reader()
    held.seek(30.0)
    first = reader.drain()
    held.seek(10.0)
    second = reader.drain()
    assert (first.rewound, second.rewound) == (False, True)
    assert second.events == first.events[: len(second.events)]
    assert max(x.at for x in second.events if not x.derived) <= 10.0
    assert second.state == held.state
    held.seek(30.0)
    third = reader.drain()
    assert not third.rewound
    assert second.events + third.events == first.events


def test_a_rewound_reader_gets_everything_in_portions(held: Session) -> None:
    reader = held.reader()
    held.seek(30.0)
    reader.drain()
    held.seek(29.0)
    batches = [reader.drain(most=50)]
    while (batch := reader.drain(most=50)).events:
        batches.append(batch)
    assert [b.rewound for b in batches] == [True] + [False] * (len(batches) - 1)
    assert sum((b.events for b in batches), ()) == held.reader().drain(most=10**6).events


def test_going_back_before_what_is_remembered_begins_anew(path: Path) -> None:
    session = Session(ReplayEngine(path, 0.0), keep=100)
    session.start()
    session.seek(44.0)
    session.seek(2.5)
    assert _plain(session.state) == _state(2.5)
    session.seek(44.0)
    assert _plain(session.state) == _state(44.0)
    session.stop()


def test_the_clock_can_be_held_and_released(held: Session) -> None:
    engine = held.engine
    assert isinstance(engine, ReplayEngine)
    held.seek(10.0)
    before = held.state
    assert not held.wait_for(lambda s: s.at > before.at, 0.15)
    engine.speed = 50.0
    assert held.wait_for(lambda s: s.at > 15, 5)
    engine.pause()
    stands = engine.now()
    assert engine.now() == stands
    engine.resume()
    assert engine.speed == 50.0
    assert engine.finished.wait(5)
    assert engine.now() == engine.recording.ends


def test_after_the_end_one_can_go_back(held: Session) -> None:
    engine = held.engine
    assert isinstance(engine, ReplayEngine)
    engine.speed = 1000.0
    assert engine.finished.wait(5)
    held.seek(40.0)
    assert engine.finished.wait(5)
    assert _plain(held.state) == _state(44.0)


@pytest.mark.parametrize("speed", [-1.0, 0.001, 1e6, math.nan, math.inf])
def test_impossible_speeds(held: Session, speed: float) -> None:
    with pytest.raises(ActionFailed, match="cannot play at"):
        held.engine.speed = speed  # type: ignore[attr-defined]


def test_no_moment_that_is_no_number(held: Session) -> None:
    with pytest.raises(ActionFailed, match="there is no nan s"):
        held.seek(math.nan)


def test_stepping_shows_one_fact_at_a_time(held: Session) -> None:
    engine = held.engine
    assert isinstance(engine, ReplayEngine)
    held.seek(12.0)
    reader = held.reader()
    reader.drain()
    for _ in range(5):
        engine.step()
        facts = [x for x in reader.drain().events if not x.derived and not isinstance(x, e.Tick)]
        assert len(facts) == 1
        assert engine.now() == pytest.approx(max(facts[0].at, held.state.at))
    held.seek(44.0)
    with pytest.raises(ActionFailed, match="the recording ends here"):
        engine.step()


def test_going_to_what_comes_next(held: Session) -> None:
    engine = held.engine
    assert isinstance(engine, ReplayEngine)
    recorded = held_events(engine)
    for what, kind in (("transition", e.Vrrp), ("outage", e.Outage)):
        held.seek(0.0)
        moments = [getattr(x, "began", x.at) for x in recorded if isinstance(x, kind)]
        assert moments
        for moment in sorted({m for m in moments if m > 0}):
            assert engine.next_moment(what) == pytest.approx(moment)
            held.seek(engine.next_moment(what))
        with pytest.raises(ActionFailed, match=f"no further {what}"):
            engine.next_moment(what)


def held_events(engine: ReplayEngine) -> list[e.Event]:
    return [e.from_dict(json.loads(line)) for line in Path(engine.recording.name).read_text().splitlines()]


def test_it_can_begin_in_the_middle(path: Path) -> None:
    session = Session(ReplayEngine(path, 0.0, begin=30.0))
    session.start()
    assert session.wait_for(lambda s: s.at >= 29.7, 5)
    assert session.state.owners(VIP) == _state(30.0).owners(VIP)
    session.stop()
    with pytest.raises(UserError, match="there is no 1e\\+06 s"):
        ReplayEngine(path, begin=1e6)


def test_seeking_from_several_threads_leaves_one_of_the_states(held: Session) -> None:
    moments = [5.0, 15.0, 25.0, 35.0]
    threads = [threading.Thread(target=held.seek, args=(at,)) for at in moments * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert _plain(held.state) in [_state(at) for at in moments]


def test_time_cannot_be_set_in_a_live_lab() -> None:
    with pytest.raises(ActionFailed, match="time cannot be set"):
        Session(FakeEngine("two-node", load_topology("two-node"))).seek(1.0)


def test_nothing_can_be_done_to_a_recording(path: Path) -> None:
    session = Session(ReplayEngine(path))
    with pytest.raises(ActionFailed, match="cannot be changed"):
        session.act(Action("kill", ("mysqld", "db1")))
    with pytest.raises(ActionFailed, match="no shell"):
        session.engine.shell("db1")


# -- what is wrong with a file, and where


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(tmp_path: Path) -> None:
    broken = [*LINES[:3], "{not json\n", '{"at":1,"kind":"quasar"}\n', *LINES[3:], LINES[4][:20]]
    engine = ReplayEngine(_file(tmp_path, broken), as_fast=True)
    told = list(engine.recording.faults.values())
    assert [fault.line for fault in told] == [len(broken)]
    assert "the file ends in the middle of it" in told[0].message
    events = _all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)] == STORY
    dropped = [x for x in events if isinstance(x, e.Dropped)]
    assert [(x.count, x.at) for x in dropped] == [(2, STORY[2].at), (1, STORY[-1].at)]
    assert "run.jsonl:4:1: this line is no JSON" in dropped[0].where
    assert sorted(engine.recording.faults) == [4, 5, len(broken)]


def test_seeking_over_a_damaged_place_counts_right(tmp_path: Path) -> None:
    broken = [x for k, line in enumerate(LINES) for x in ([line, "{\n"] if k % 7 == 3 else [line])]
    session = Session(ReplayEngine(_file(tmp_path, broken), 0.0))
    session.start()
    session.seek(44.0)
    events = session.reader().drain(most=10**6).events
    for moment in (20.0, 3.0, 33.3):
        session.seek(moment)
        session.seek(44.0)
        assert session.reader().drain(most=10**6).events == events
    session.stop()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "it is empty"),
        ("\n\n", "it has no event"),
        ("hello\n", "no line that can be read"),
        ("[1,2]\n", "no line that can be read"),
        ("".join(LINES[1:]), "events can be read, but not the `lab` event"),
        ('{"version": 2, "width": 80, "height": 24}\n[0.1, "o", "x"]\n', "it has no event|no line that can"),
        (LINES[0].replace('"version":1', '"version":"x"'), "its version is 'x'"),
        (LINES[0].replace('"heartbeat"', '"heart beat"', 1), "description cannot be read"),
        ("\x1f\x8b12345", "compressed by gzip"),
        ("[" * 100_000, "no line that can be read"),
    ],
)
def test_no_recording(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content.encode("latin-1", "replace"))
    with pytest.raises(FileError, match=says) as caught:
        RecordingFile(path)
    assert str(caught.value).startswith(f"{path}:")


def test_a_file_that_lost_its_first_line_but_has_another(tmp_path: Path) -> None:
    recording = RecordingFile(_file(tmp_path, [LINES[3][10:], *LINES]))
    assert recording.begin.line == 2
    assert "read from line 2 on" in recording.faults[1].message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match="cannot read"):
            RecordingFile(path)


def test_of_a_newer_version_is_shown_what_can_be(tmp_path: Path) -> None:
    newer = [LINES[0].replace('"version":1', '"version":99', 1), '{"at":0.1,"kind":"quasar"}\n', *LINES[1:]]
    engine = ReplayEngine(_file(tmp_path, newer), as_fast=True)
    assert "a newer hatlab wrote this (version 99" in engine.recording.faults[1].message
    events = _all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)][1:] == STORY[1:]


VERSION_0 = [LINES[0].replace('"version":1,', "", 1), '{"at":1.0,"kind":"tick"}\n']


def test_version_0_a_file_without_a_version(tmp_path: Path) -> None:
    assert [x.kind for x in _all(Session(ReplayEngine(_file(tmp_path, VERSION_0), as_fast=True)))] == [
        "lab",
        "tick",
    ]


def test_old_versions_are_brought_up_to_date_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(e, "FORMAT", 2)
    monkeypatch.setitem(MIGRATIONS, 1, lambda data: {**data, "at": data["at"] + 1})
    events = _all(Session(ReplayEngine(_file(tmp_path, VERSION_0), as_fast=True)))
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
def test_values_of_a_wrong_type_are_faults(tmp_path: Path, line: str) -> None:
    engine = ReplayEngine(_file(tmp_path, [*LINES[:2], line + "\n", *LINES[2:4]]), as_fast=True)
    _all(Session(engine))
    assert list(engine.recording.faults) == [3]


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
        events = _all(Session(engine))
        assert engine.recording.faults or events


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("".join(LINES),))
    writer.start()
    events = _all(Session(ReplayEngine(pipe, as_fast=True)))
    writer.join()
    assert [x for x in events if not x.derived] == STORY


@pytest.mark.parametrize(("key", "value"), [("interval", None), ("source", "1.2.3"), ("priority", "150")])
def test_an_advert_that_cannot_be(tmp_path: Path, key: str, value: object) -> None:
    advert = next(x for x in STORY if isinstance(x, e.Advert))
    line = json.dumps({**e.to_dict(advert), key: value}) + "\n"
    engine = ReplayEngine(_file(tmp_path, [LINES[0], line, *LINES[1:]]), as_fast=True)
    events = _all(Session(engine))
    assert [x for x in events if not x.derived and not isinstance(x, e.Dropped)] == STORY
    assert list(engine.recording.faults) == [2]


def test_values_that_no_lab_has_are_shown_or_told(tmp_path: Path) -> None:
    chance = random.Random(11)
    odd = [
        "",
        "x" * 99,
        "::1",
        "1.2.3",
        "\0",
        "\u2603",
        "db1",
        "lan",
        "VI_1",
        -1,
        0,
        2**40,
        -5.5,
        None,
        True,
        [],
        {},
    ]
    for _ in range(10):
        lines = []
        for line in LINES[1:600]:
            data = json.loads(line)
            if chance.random() < 0.1:
                data[chance.choice(sorted(data.keys() - {"kind"}))] = chance.choice(odd)
            lines.append(json.dumps(data) + "\n")
        engine = ReplayEngine(_file(tmp_path, [LINES[0], *lines]), as_fast=True)
        session = Session(engine)
        _all(session)
        stopping = session.state.stopping
        assert stopping is None or "cannot be shown" not in stopping
