"""A Docker engine that hangs, breaks off or lies: every command ends soon, and says which engine it was."""

from __future__ import annotations

import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException

from hatlab.actions import Action
from hatlab.commands import doctor
from hatlab.engine.docker import connection, engine
from hatlab.engine.docker.parallel import on_daemon_thread
from hatlab.engine.docker.watched_client import CallWatch
from hatlab.errors import ActionFailed, EngineError, EngineUnavailable
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.support.command_line import CommandLine
from tests.support.scripted_engine import FakeEngine
from tests.support.served_lab import served_lab
from tests.support.story import story, write_recording
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
        may_succeed = ("down", "image", *(["doctor"] if trouble == "is slow" else ()))
        for command in COMMANDS:
            began = time.monotonic()
            done = hatlab(*command, code=None if command[0] in may_succeed else 1)
            assert time.monotonic() - began < DEADLINE, command
            assert "bug in hatlab" not in done.err, (command, done.err)
            assert "Traceback" not in done.err + done.out
            if command != ["down", "--json"] and trouble != "is slow":
                assert "docker" in (done.out + done.err).lower(), command
        assert trouble == "is slow" or "nothing is left over" not in hatlab("down", code=None).out


@pytest.fixture
def running_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A lab that says it is on Docker, with its control socket."""
    with served_lab(FakeEngine("two-node", load_topology("two-node")), monkeypatch) as (session, _):
        yield session


@pytest.mark.usefixtures("running_lab")
@pytest.mark.parametrize("trouble", ["never answers", "drips", "fails"])
def test_what_asks_the_lab_and_not_docker_works(
    trouble: str, hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = write_recording(tmp_path / "run.jsonl", story(5))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with tempfile.TemporaryDirectory(prefix="hl") as folder, troubled_engine(Path(folder), trouble) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        assert "db1" in hatlab("status").out
        assert "up → down" in hatlab("do", "kill", "mysqld", "db1").out
        assert "run.html" in hatlab("export", run, "--to", "html", "-o", tmp_path / "run.html").err
        assert "Docker" in hatlab("shell", "db1", code=1).err


HANGING = ("never answers", "drips", "answers once")


@pytest.mark.parametrize("trouble", HANGING)
@pytest.mark.parametrize("command", [c for c in COMMANDS if "--json" not in c], ids=" ".join)
def test_ctrl_c_needs_no_answer(
    trouble: str, command: list[str], hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANSWER_TIME", "CALL_TIME"):
        monkeypatch.setattr(connection, name, 20.0)
    for name in ("_ANSWER_TIME", "_DOCTOR_TIME"):
        monkeypatch.setattr(doctor, name, 20.0)
    with tempfile.TemporaryDirectory(prefix="hl") as folder, troubled_engine(Path(folder), trouble) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        main = threading.main_thread().ident
        assert main is not None
        pressed = threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT])
        pressed.start()
        began = time.monotonic()
        assert "Traceback" not in hatlab(*command, code=130).err
        assert time.monotonic() - began < DEADLINE


def test_a_connection_that_knows_no_deadline_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker's SDK reads the output of ssh, however long that takes."""
    ended = threading.Event()
    monkeypatch.setattr("hatlab.engine.docker.watched_client.WatchedClient", lambda *_, **__: ended.wait())
    with pytest.raises(EngineUnavailable, match="has not answered for"):
        connection.connect()
    ended.set()


def test_which_error_it_was_is_known_by_its_type() -> None:
    from requests.exceptions import ConnectionError as ConnectionFailed
    from requests.exceptions import ReadTimeout

    def unavailable(error: Exception) -> str:
        return connection._unavailable(DockerException(f"no: {error}", ConnectionFailed(error))).message

    assert "not allowed" in unavailable(PermissionError(13, "x"))
    assert "no Docker engine answers" in unavailable(FileNotFoundError(2, "x"))
    assert "no Docker engine answers" in unavailable(ConnectionRefusedError(111, "x"))
    assert "has not answered" in unavailable(ReadTimeout("x"))
    assert "cannot talk to" in unavailable(ValueError("timed out, refused, Permission denied"))


def test_a_system_without_unix_sockets(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    for command, code in ((["status"], 2), (["down"], 0), (["doctor"], 1), (["do", "reset"], 2)):
        told = hatlab(*command, code=code)
        assert "unexpected" not in told.err
        assert "no Unix sockets" in told.out + told.err


@pytest.mark.parametrize(("silence", "word"), [(0.0, "is slow"), (60.0, "it hangs")])
def test_doctor_tells_a_slow_engine_from_one_that_hangs(silence: float, word: str) -> None:
    assert word in doctor._too_late(silence, 12.0).text


def test_an_action_on_a_silent_engine_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = engine.DockerEngine("two-node", load_topology("two-node"))
    lab._watch = CallWatch(None)
    ended = threading.Event()
    monkeypatch.setattr(lab, "kill_container", lambda _: ended.wait())
    monkeypatch.setattr(engine, "GIVE_UP_AFTER", 0.5)
    with lab._watch.watch_call(), pytest.raises(ActionFailed, match="has not answered") as caught:
        lab.act(Action("power off", ("db1",)))
    assert not caught.value.definite
    ended.set()


def test_a_node_that_could_not_be_powered_off_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = engine.DockerEngine("two-node", load_topology("two-node"))
    lab._watch = CallWatch(None)

    def kill(_: str) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(lab, "kill_container", kill)
    with pytest.raises(ActionFailed, match="cannot power off db1") as caught:
        lab.act(Action("power off", ("db1",)))
    assert not caught.value.definite
    assert lab.off == set()


def test_who_gives_up_waits_no_longer_for_a_silent_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatlab.engine.docker.watched_client.SLOW", 0.1)
    lab = engine.DockerEngine("two-node", load_topology("two-node"))
    lab._watch = CallWatch(None)
    assert not lab.give_up(), "nothing is waited for"
    session = Session(lab)
    with lab._watch.watch_call(), lab._construction:
        wait_until(lambda: session.waiting, 5, "a word")
        stopping = on_daemon_thread(session.stop, "stop")
        assert session.give_up()
        assert "was not removed" in str(stopping.exception(timeout=5))


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
