"""How hatlab names itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.util.paths import hatlab_command


def test_a_command_that_is_not_on_the_path_is_named_by_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / ".venv" / "bin" / "hatlab"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(command), "start"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hatlab_command() == str(Path(".venv") / "bin" / "hatlab")
    monkeypatch.setenv("PATH", str(command.parent))
    assert hatlab_command() == "hatlab"
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["-c"])
    assert hatlab_command() == "hatlab"
