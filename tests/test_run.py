"""What failed on a busy machine is run once more; what fails again has failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import __main__ as run

PASSES_THE_SECOND_TIME = """
from pathlib import Path

def test_late():
    seen = Path(__file__).with_suffix(".seen")
    if not seen.exists():
        seen.touch()
        assert False

def test_sound():
    pass
"""
FAILS = "def test_wrong():\n    assert False\n"


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [(PASSES_THE_SECOND_TIME, 0, "they passed the second time:"), (FAILS, 1, "run once more, alone:")],
)
def test_a_failure_counts_if_it_fails_again(
    text: str,
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "test_it.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(run, "GROUPS", {"others": [str(tmp_path)]})
    monkeypatch.setattr(run, "CACHE", tmp_path / "cache")
    assert subprocess.call(run._pytest("others")) == run.FAILED
    assert run._run_again("others") == code
    assert told in capfd.readouterr().out


def test_what_failed_in_a_group_of_workers_is_found_again_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_it.py").write_text(PASSES_THE_SECOND_TIME)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(run, "GROUPS", {"docker": [str(tmp_path)]})
    monkeypatch.setattr(run, "CACHE", tmp_path / "cache")
    assert subprocess.call(run._pytest("docker")) == run.FAILED
    cache = tmp_path / "cache/docker/v/cache/lastfailed"
    cache.write_text(cache.read_text().replace("test_late", "test_late@tests/docker/test_it.py"))
    capfd.readouterr()
    assert run._run_again("docker") == 0
    assert "1 passed in" in capfd.readouterr().out


def test_many_failures_are_no_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_it.py").write_text("".join(f"def test_{n}():\n    assert False\n" for n in range(20)))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(run, "GROUPS", {"others": [str(tmp_path)]})
    monkeypatch.setattr(run, "CACHE", tmp_path / "cache")
    assert subprocess.call(run._pytest("others")) == run.FAILED
    monkeypatch.setattr(sys, "executable", "/nowhere")  # nothing more is run
    assert run._run_again("others") == run.FAILED
