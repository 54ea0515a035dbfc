"""`hatlab replay` without a screen."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.describe.times import parse_moment
from hatlab.engine.replay.recording_reader import RecordingReader
from tests.support.command_line import CommandLine
from tests.support.story import story, write_recording

FACTS = story(44.0)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "run.jsonl", FACTS)


def _moments(log: str) -> list[float]:
    return [parse_moment(line[:9]) for line in log.splitlines() if line[:9].strip()]


def test_without_a_screen_the_whole_log_is_printed_at_once(recording: Path, hatlab: CommandLine) -> None:
    out = hatlab("replay", recording, "--headless").out
    assert "VI_1 is MASTER" in out
    assert "split brain" in out


def test_from_a_moment_on_only_what_changes_after_it(recording: Path, hatlab: CommandLine) -> None:
    whole = hatlab("replay", recording, "--headless").out.splitlines()
    since = hatlab("replay", recording, "--headless", "--from", "30").out
    assert since.splitlines() == whole[-len(since.splitlines()) :]
    assert min(_moments(since)) >= 30


def test_json_from_a_moment_on_begins_with_the_lab(recording: Path, hatlab: CommandLine) -> None:
    first, *rest = map(json.loads, hatlab("replay", recording, "--json", "--from", "30").out.splitlines())
    assert first["kind"] == "lab"
    assert rest
    assert min(event["at"] for event in rest) >= 30


def test_a_recording_is_played_from_a_moment_on_at_a_speed(recording: Path, hatlab: CommandLine) -> None:
    began = time.monotonic()
    out = hatlab("replay", recording, "--headless", "--from", "34", "--speed", "20").out
    assert time.monotonic() - began >= 0.95 * (FACTS[-1].at - 34) / 20
    assert _moments(out)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--speed", "0"], "out of range"),
        (["--speed", "nan"], "out of range"),
        (["--from", "1000"], "there is no 16:40 in it"),
        (["--from", "nan"], "--from nan is not a moment"),
    ],
)
def test_impossible_times_are_refused(
    words: list[str], says: str, recording: Path, hatlab: CommandLine
) -> None:
    assert says in hatlab("replay", recording, "--headless", *words, code=2).err


def test_an_unreadable_line_is_reported(recording: Path, hatlab: CommandLine) -> None:
    recording.write_text(recording.read_text().replace('"kind":"tick"', '"kind":"tock"', 1))
    assert "unknown event kind 'tock'" in hatlab("replay", recording, "--headless").out


def test_a_long_recording_opens_without_being_read(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recording.open("a") as out:
        for k in range(200_000):
            out.write(f'{{"at":{45 + k / 38:.6f},"kind":"tick"}}\n')
    decoded = 0
    decode = RecordingReader._decode

    def counted(self: RecordingReader, line: bytes) -> e.Event:
        nonlocal decoded
        decoded += 1
        return decode(self, line)

    monkeypatch.setattr(RecordingReader, "_decode", counted)
    assert RecordingReader(recording).ends == pytest.approx(45 + 199_999 / 38, abs=1e-5)
    assert decoded < 100


@pytest.mark.parametrize("moment", ["34", "0:34.0"])
def test_a_moment_is_given_as_it_is_shown_or_in_seconds(
    recording: Path, hatlab: CommandLine, moment: str
) -> None:
    moments = _moments(hatlab("replay", recording, "--headless", "--from", moment).out)
    assert min(moments) >= 34


def test_what_is_no_moment_is_refused(recording: Path, hatlab: CommandLine) -> None:
    done = hatlab("replay", recording, "--headless", "--from", "1:x", code=2)
    assert "--from 1:x is not a moment" in done.err
