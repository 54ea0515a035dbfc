"""An engine at ssh://: deadlines hold whatever ssh does, and no ssh is left."""

from __future__ import annotations

import sys
import time

import pytest

pytest.importorskip("paramiko", reason="the SDK asks for it")

from hatlab.engine.docker import connection, ssh_transport
from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.ssh_transport import ssh_command
from hatlab.errors import EngineError, EngineUnavailable
from tests.support.waiting import wait_until

_VERSION = r"""
import sys
for line in sys.stdin.buffer:
    if line == b"\r\n":
        body = b'{"ApiVersion": "1.41", "Version": "20.10"}'
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        sys.stdout.buffer.write(head % len(body) + body)
        sys.stdout.flush()
        if "once" in sys.argv:
            import time
            time.sleep(1000)
"""
_SILENT = "import time; time.sleep(1000)"
_REFUSES = "import sys; sys.exit('\\x1b[31mPermission denied (publickey).')"


def _put_in_place(monkeypatch: pytest.MonkeyPatch, program: str, *words: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@far")
    monkeypatch.setattr(ssh_transport, "ssh_command", lambda _: [sys.executable, "-c", program, *words])


def _none_left() -> None:
    ssh_transport.end_programs()
    wait_until(lambda: all(p.poll() is not None for p in ssh_transport._running), 10, "the end of every ssh")


def test_one_connection_serves_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    _put_in_place(monkeypatch, _VERSION)
    client = connect()
    for _ in range(3):
        assert client.info()["Version"] == "20.10"
    assert len([p for p in ssh_transport._running if p.poll() is None]) == 1
    client.close()
    _none_left()


@pytest.mark.parametrize("words", [[], ["once"]], ids=["from the first call", "after it"])
def test_one_that_hangs_is_given_up_and_ended(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_TIME", 1.0)
    _put_in_place(monkeypatch, _VERSION if words else _SILENT, *words)
    began = time.monotonic()
    if words:
        client = connect(timeout=0.2)
        with pytest.raises(EngineError), connection.plain_errors("cannot ask"):
            client.info()
        client.close()
    else:
        with pytest.raises(EngineUnavailable, match="ssh to ssh://me@far has brought no answer"):
            connect()
    assert time.monotonic() - began < 30
    _none_left()


def test_what_ssh_says_is_told_and_not_written_over_the_screen(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _put_in_place(monkeypatch, _REFUSES)
    with pytest.raises(EngineUnavailable, match=r"Permission denied \(publickey\)"):
        connect()
    assert capfd.readouterr().err == ""
    _none_left()


def test_the_command_is_docker_s_own() -> None:
    *options, host, program = ssh_command("me@far:2222")
    assert (host, program) == ("far", "docker system dial-stdio")
    assert options[options.index("-l") + 1] == "me"
    assert options[options.index("-p") + 1] == "2222"
    assert options[-1] == "--"
    assert ssh_command("far")[-2] == "far"
