"""`hatlab start` in a terminal: signals end it in order, also when the terminal itself is gone."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Screen:
    """hatlab with the fake engine on a terminal of its own."""

    def __init__(self, state: Path, *argv: str, size: tuple[int, int] = (30, 100)) -> None:
        self.state = state
        self.said = b""
        self.ended: int | None = None
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            environ = {**os.environ, "XDG_STATE_HOME": str(state), "TERM": "xterm-256color"}
            os.execve(sys.executable, [sys.executable, "-m", "tests.support.scripted_engine", *argv], environ)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))

    def read(self, seconds: float = 0.2) -> bool:
        """Takes what was written; False once the other side is closed."""
        if select.select([self.terminal], [], [], seconds)[0]:
            try:
                self.said += os.read(self.terminal, 65536)
            except OSError:
                return False
        return True

    def wait_for(self, text: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while text not in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.said.decode(errors="replace")):
            assert self.read(), f"it ended: {self.said[-500:]!r}"
            assert time.monotonic() < deadline, f"{text!r} was not shown"

    def wait(self, seconds: float = 30, *, gone: bool = False) -> int:
        """The exit code, once it has ended. `gone`: its terminal is closed, so nothing is read."""
        deadline = time.monotonic() + seconds
        while self.ended is None:
            assert time.monotonic() < deadline, "it did not end"
            if gone or not self.read():
                time.sleep(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = os.waitstatus_to_exitcode(status)
        return self.ended

    def sockets(self) -> list[Path]:
        return list(self.state.rglob("*.sock"))


@pytest.fixture
def state() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hl") as name:
        yield Path(name)


def test_sigterm_gives_the_terminal_back(state: Path) -> None:
    screen = Screen(state, "start")
    screen.wait_for("MASTER")
    os.kill(screen.pid, signal.SIGTERM)
    assert screen.wait() == 143
    assert b"\x1b[?1049l" in screen.said  # out of the alternate screen
    assert screen.sockets() == []
    os.close(screen.terminal)


def test_a_terminal_that_is_closed_ends_the_lab(state: Path) -> None:
    screen = Screen(state, "start")
    screen.wait_for("MASTER")
    os.close(screen.terminal)
    assert screen.wait(gone=True) == 129
    assert screen.sockets() == []


def test_for_and_script_end_the_screen_too(state: Path) -> None:
    screen = Screen(state, "start", "--for", "40")
    screen.wait_for("MASTER")
    assert screen.wait() == 0
    os.close(screen.terminal)


def test_a_replay_opens_in_the_same_screen(state: Path) -> None:
    recorded = state / "run.jsonl"
    first = Screen(state, "start", "--for", "8", "--record", str(recorded))
    assert first.wait() == 0
    os.close(first.terminal)
    screen = Screen(state, "replay", str(recorded), "--speed", "5")
    screen.wait_for("MASTER")
    os.write(screen.terminal, b"q")
    assert screen.wait() == 0
    os.close(screen.terminal)


def test_a_missing_engine_is_reported_without_a_screen(state: Path) -> None:
    screen = Screen(state, "start", "--context", "nowhere")
    assert screen.wait() == 1
    assert b"hatlab: no Docker engine answers" in screen.said
    assert b"\x1b[?1049h" not in screen.said
    os.close(screen.terminal)
