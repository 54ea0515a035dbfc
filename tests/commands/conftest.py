from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.engine.docker import cleanup, connection
from tests.support.command_line import CommandLine
from tests.support.fake_docker import FakeDocker


@pytest.fixture
def hatlab(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds, or leaves, anything in the folder of who runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A Docker engine that every command finds, and that is looked at once."""
    found = FakeDocker()
    monkeypatch.setattr(connection, "connect", lambda context=None, **_: found)
    monkeypatch.setattr(cleanup, "LOOK_AGAIN_FOR", 0.0)
    return found
