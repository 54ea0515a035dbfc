"""A program in place of a socket, as the SDK has it of an engine that is reached by ssh."""

from __future__ import annotations

import select
import subprocess
import sys

from hatlab.engine.docker.sockets import close_socket, pipes_as_socket, unwrap_socket
from tests.support.waiting import wait_until

DEADLINE = 30.0
_ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


def _program(code: str = _ECHO) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _wait_for_its_end(program: subprocess.Popen[bytes]) -> None:
    """Wait until it is gone, and its pipes are closed."""
    stdin = program.stdin
    assert stdin is not None
    wait_until(lambda: program.returncode is not None and stdin.closed, DEADLINE, "end of the program")


def test_each_piece_comes_at_once_and_can_be_waited_for() -> None:
    program = _program()
    sock = pipes_as_socket(program)
    sock.settimeout(DEADLINE)
    for line in (b"one\n", b"two\n"):
        sock.sendall(line)
        assert select.select([sock], [], [], DEADLINE)[0]
        assert sock.recv(65536) == line
    close_socket(sock)
    _wait_for_its_end(program)


def test_what_was_read_ahead_comes_first() -> None:
    """The head of the engine's answer is read from the same buffer."""
    program = _program("print('head'); print('body')")
    assert program.stdout is not None
    assert program.stdout.readline() == b"head\n"
    sock = pipes_as_socket(program)
    sock.settimeout(DEADLINE)
    with sock.makefile("rb") as rest:
        assert rest.read() == b"body\n"
    sock.close()
    _wait_for_its_end(program)


def test_what_the_sdk_returns_is_told_by_its_program() -> None:
    class SshSocket:
        proc = _program()

    sock = unwrap_socket(SshSocket())
    sock.settimeout(DEADLINE)
    sock.sendall(b"hello\n")
    assert sock.recv(65536) == b"hello\n"
    close_socket(sock)
    _wait_for_its_end(SshSocket.proc)
