"""`hatlab down`: what it removes from the engine and what it leaves alone."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.docker import cleanup, connection
from hatlab.engine.docker.cleanup import LabRemains
from hatlab.errors import EngineUnavailable
from hatlab.util.paths import sockets_dir
from tests.support.command_line import CommandLine


class _Engine:
    """Labs by id: the states of their containers."""

    def __init__(self, **labs: list[str]) -> None:
        self.labs = {name.replace("_", "-"): states for name, states in labs.items()}
        self.removed: list[str] = []
        self.api = self

    def containers(self, *, all: bool, filters: dict[str, str]) -> list[dict[str, str]]:
        lab = filters["label"].partition("=")[2]
        return [{"State": state} for state in self.labs[lab]]

    def close(self) -> None:
        pass

    def remains(self, client: Any) -> list[LabRemains]:
        return [
            LabRemains(
                lab, "two-node", tuple(f"{lab}-{k}" for k in range(len(states))), (), "running" in states
            )
            for lab, states in self.labs.items()
        ]

    def remove(self, client: Any, lab: str) -> list[str]:
        self.removed.append(lab)
        return [f"{lab}-db1"]


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        monkeypatch.setenv("XDG_STATE_HOME", state)
        yield


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> _Engine:
    found = _Engine(t_over=["exited", "exited"], t_runs=["running", "exited"], t_new=["created"], t_bare=[])
    monkeypatch.setattr(connection, "connect", lambda context=None: found)
    monkeypatch.setattr(cleanup, "find_labs", found.remains)
    monkeypatch.setattr(cleanup, "remove_lab", found.remove)
    return found


def test_only_what_ended_is_removed_unasked(engine: _Engine, hatlab: CommandLine) -> None:
    out = hatlab("down").out
    assert engine.removed == ["t-over"]
    assert "removed lab t-over: t-over-db1" in out
    assert "lab t-runs is running, but is not yours. To remove it: hatlab down --lab t-runs" in out
    assert "lab t-new is being made, but is not yours." in out


def test_all_removes_running_labs_too(engine: _Engine, hatlab: CommandLine) -> None:
    hatlab("down", "--all")
    assert engine.removed == ["t-over", "t-runs", "t-new", "t-bare"]


@pytest.mark.parametrize("name", ["t-runs", "runs"])
def test_a_lab_is_removed_by_its_id(engine: _Engine, name: str, hatlab: CommandLine) -> None:
    hatlab("down", "--lab", name)
    assert engine.removed == ["t-runs"]


def test_a_lab_whose_owner_was_killed_is_removed(engine: _Engine, hatlab: CommandLine) -> None:
    path: Path = sockets_dir() / "t-runs.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    hatlab("down")
    assert engine.removed == ["t-over", "t-runs"]
    assert not path.exists()


def test_an_unknown_id_is_an_error(engine: _Engine, hatlab: CommandLine) -> None:
    assert "there is no lab 'nope'" in hatlab("down", "--lab", "nope", code=1).err
    assert engine.removed == []


def test_with_nothing_to_do_it_says_so(engine: _Engine, hatlab: CommandLine) -> None:
    engine.labs.clear()
    assert hatlab("down").out == "no lab is running, and nothing is left over\n"


def test_without_docker_it_says_what_is_unseen(monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine) -> None:
    def refuse(context: str | None = None) -> None:
        raise EngineUnavailable("no Docker engine answers", "start it")

    monkeypatch.setattr(connection, "connect", refuse)
    assert "no lab is running; whether others left anything is unknown" in hatlab("down").out
    hatlab("down", "--all", code=1)
