"""Every command with hostile arguments prints nothing that steers a terminal, and says what is wrong."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from hatlab.commands import COMMANDS
from tests.texts.command_lines import hostile_command_lines, options_of, run_hostile


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_command_takes_hostile_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    lines = list(hostile_command_lines(random.Random(7)))
    assert {line[0] for line in lines} >= set(COMMANDS)
    assert [problem for line in lines for problem in run_hostile(line)] == []


def test_the_options_are_found() -> None:
    assert any("--record" in option.option_strings for option in options_of("start")[0])


@pytest.mark.parametrize("found", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_encoding_of_stdout_breaks_a_command(encoding: str, found: bool, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\u202e你好.conf"
    path.write_text("vrrp_instance \u202e\x1b[31m\x9b\u4f60 {\n")
    names = (tmp_path, path) if found else (tmp_path, os.fsdecode(b"\xff\x1b"))
    done = subprocess.run(
        [sys.executable, "-m", "hatlab.cli", "check", *names],
        env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode in {1, 2}
    assert b"\x1b" not in printed
    assert b"\\x1b" in printed
    assert b"Traceback" not in printed
    printed.decode(encoding)
