"""A Docker engine that hangs, breaks off or lies: every command ends soon, and says which engine it was."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from hatlab.commands import doctor
from hatlab.engine.docker import connection, engine
from hatlab.engine.docker.watched_client import CallWatch
from hatlab.errors import EngineError
from hatlab.topology.library import load_topology
from tests.support.command_line import CommandLine
from tests.support.troubled_engine import TROUBLES, troubled_engine
from tests.support.waiting import wait_until

COMMANDS = (
    ["doctor"],
    ["down"],
    ["down", "--json"],
    ["image", "build"],
    ["start", "--engine", "docker", "--headless", "--for", "0"],
    ["learn", "one-server", "--engine", "docker", "--plain"],
    ["drill", "--engine", "docker", "--plain", "--seed", "1"],
    ["verify", "--engine", "docker", "one-server"],
)
DEADLINE = 10.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for an engine in trouble a tenth as long."""
    monkeypatch.setattr(connection, "ANSWER_TIME", 0.5)
    monkeypatch.setattr(connection, "CALL_TIME", 1)
    monkeypatch.setattr(doctor, "_ANSWER_TIME", 0.5)
    monkeypatch.setattr(doctor, "_DOCTOR_TIME", 2.0)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_command_ends_and_says_why(
    trouble: str, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="hl") as folder, troubled_engine(Path(folder), trouble) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        for command in COMMANDS:
            began = time.monotonic()
            done = hatlab(*command, code=None if command[0] in ("down", "image") else 1)
            assert time.monotonic() - began < DEADLINE, command
            assert "bug in hatlab" not in done.err, (command, done.err)
            assert "Traceback" not in done.err + done.out
            if command != ["down", "--json"]:
                assert "docker" in (done.out + done.err).lower(), command
        assert "nothing is left over" not in hatlab("down", code=None).out


def test_a_lab_is_not_waited_for_where_docker_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "GIVE_UP_AFTER", 0.5)
    lab = engine.DockerEngine("two-node", load_topology("two-node"))
    lab._watch = CallWatch(None)
    with lab._watch.watch_call(), lab._construction, pytest.raises(EngineError) as caught:
        lab.stop()
    assert "Docker has not answered for" in caught.value.message
    assert "hatlab down removes the rest" in caught.value.hint


def test_a_slow_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatlab.engine.docker.watched_client.SLOW", 0.05)
    heard = list[str]()
    watch = CallWatch(heard.append)
    assert watch.silence == 0
    with watch.watch_call():
        wait_until(lambda: len(heard) >= 2, 5, "two words")
        assert watch.silence > 0.05
        with watch.watch_call():
            pass
        assert watch.silence < 0.05, "an engine that answers others is not silent"
    assert watch.silence == 0
    assert "Waiting for Docker, which has not answered for" in heard[0]
