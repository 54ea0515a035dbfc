"""What a lab answers, what is typed and what the environment says: nothing of it steers a terminal."""

from __future__ import annotations

import io
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab.actions import Action
from hatlab.control.server import ControlServer
from hatlab.engine.sql_table import format_rows
from hatlab.errors import ActionFailed
from hatlab.topology.library import load_topology
from tests.support.scripted_engine import FakeEngine
from tests.support.served_lab import served_lab
from tests.texts.command_lines import run_hostile
from tests.texts.hostile import random_text, unsafe_in

VARIABLES = (
    "TERM",
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_ALL",
    "COLORTERM",
    "NO_COLOR",
    "EDITOR",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
)


class HostileEngine(FakeEngine):
    """A lab whose SQL answers, effects and errors attack whoever reads them."""

    rng = random.Random(11)

    def act(self, action: Action) -> str:
        if action.verb == "sql":
            rows = [[random_text(self.rng), None, 7] for _ in range(3)]
            return format_rows([random_text(self.rng), "b", "c"], rows)
        if action.verb == "kill":
            return random_text(self.rng)
        raise ActionFailed(random_text(self.rng), random_text(self.rng))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlServer]:
    with served_lab(HostileEngine("two-node", load_topology("two-node")), monkeypatch) as (_, server):
        yield server


def test_what_a_lab_answers_is_clean_in_every_form(server: ControlServer) -> None:
    for words in (["sql", "db1", "SELECT 1"], ["kill", "mysqld", "db1"], ["pause", "db1"]):
        for form in ([], ["--json"]):
            for _ in range(8):
                assert run_hostile(["do", *form, *words]) == []
    assert run_hostile(["status"]) == run_hostile(["status", "--json"]) == []


def test_the_bytes_of_an_answer_are_clean(server: ControlServer) -> None:
    for _ in range(10):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(20)
            asking.connect(str(server.path))
            asking.sendall(b'{"ask": "do", "words": ["sql", "db1", "SELECT 1"]}\n')
            said = asking.makefile("rb").read().decode()
        assert not unsafe_in(said, "\n")


def test_what_is_typed_into_a_lesson_comes_back_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    rng = random.Random(5)
    typed = "".join(random_text(rng).replace("\n", " ") + "\n" for _ in range(40))
    typed += "".join(f"sql db1 SELECT '{random_text(rng)}'\n".replace("\n", " ") + "\n" for _ in range(5))
    argv = ["learn", "one-server", "--engine", "sim", "--plain"]
    assert run_hostile(argv, io.StringIO(typed)) == []


@pytest.mark.parametrize("command", [["doctor"], ["status"], ["--help"], ["start", "--help"], ["topologies"]])
def test_no_variable_of_the_environment_reaches_the_terminal(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(3)
    for _ in range(4):
        for name in VARIABLES:
            value = random_text(rng).replace("\0", "").encode("utf-8", "replace").decode()
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XDG_STATE_HOME", f"{tmp_path}/\x1b]0;owned\x07\u202e")
        assert run_hostile(command, environ={}) == []
