"""Every kind of file with hostile texts in it: what the commands that read it print is clean."""

import random
from pathlib import Path

import pytest

from tests.texts.command_lines import run_hostile
from tests.texts.files import CONF, hostile_files


def test_a_backslash_in_a_configuration_s_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "db1\\.conf"
    path.write_text(CONF)
    assert run_hostile(["topology-from", str(path)]) == []


@pytest.mark.parametrize("seed", range(2))
def test_no_file_steers_the_terminal(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert [p for line in hostile_files(folder, random.Random(seed)) for p in run_hostile(line)] == []
