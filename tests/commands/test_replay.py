"""`hatlab replay` without a screen."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.cli import main
from hatlab.engine.replay.recording_reader import RecordingReader
from tests.support.story import story

FACTS = story(44.0)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(e.to_json(event) + "\n" for event in FACTS))
    return path


def _moments(log: str) -> list[float]:
    return [float(line[:9]) for line in log.splitlines() if line[:9].strip()]


def test_without_a_screen_the_whole_log_is_printed_at_once(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(recording), "--headless"]) == 0
    out = capsys.readouterr().out
    assert "VI_1 is MASTER" in out
    assert "split brain" in out


def test_from_a_moment_on_only_what_changes_after_it(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(recording), "--headless"]) == 0
    whole = capsys.readouterr().out.splitlines()
    assert main(["replay", str(recording), "--headless", "--from", "30"]) == 0
    since = capsys.readouterr().out
    assert since.splitlines() == whole[-len(since.splitlines()) :]
    assert min(_moments(since)) >= 30


def test_json_from_a_moment_on_begins_with_the_lab(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(recording), "--json", "--from", "30"]) == 0
    first, *rest = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["kind"] == "lab"
    assert rest
    assert min(event["at"] for event in rest) >= 30


def test_a_recording_is_played_from_a_moment_on_at_a_speed(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    assert main(["replay", str(recording), "--headless", "--from", "34", "--speed", "20"]) == 0
    assert time.monotonic() - began >= 0.95 * (FACTS[-1].at - 34) / 20
    assert _moments(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--speed", "0"], "out of range"),
        (["--speed", "nan"], "out of range"),
        (["--from", "1000"], "there is no 1000 s in it"),
        (["--from", "nan"], "there is no nan s in it"),
    ],
)
def test_impossible_speeds_and_moments_are_refused(
    words: list[str], says: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(recording), "--headless", *words]) == 2
    assert says in capsys.readouterr().err


def test_an_unreadable_line_is_reported(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording.write_text(recording.read_text().replace('"kind":"tick"', '"kind":"tock"', 1))
    assert main(["replay", str(recording), "--headless"]) == 0
    assert "unknown event kind 'tock'" in capsys.readouterr().out


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
