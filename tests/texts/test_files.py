"""Every kind of file with hostile texts in it: what the commands that read it print is clean."""

import random
from pathlib import Path

import pytest
import yaml

from hatlab.cli import main
from hatlab.util.files import shipped_folder
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


def test_a_title_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    topology = yaml.safe_load((shipped_folder("topologies") / "two-node.yaml").read_text())
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump({**topology, "title": "first\n\nsecond\u2028third"}))
    assert main(["topologies", str(path)]) == 0
    assert "first second third\n" in capsys.readouterr().out
