"""A terminal that goes away, also one that is nobody's controlling terminal."""

from __future__ import annotations

import errno
import io
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import TextIO, cast

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from hatlab.tui.app.terminal_input import LastingFile
from tests.support.waiting import wait_until


def _stop_and_go_on(run: subprocess.Popen[bytes], outside: int) -> None:
    """Stop it for a moment, as a shell may; what reads keys and what writes is there once, as before."""
    threads = Path(f"/proc/{run.pid}/task")
    before = len([*threads.iterdir()])
    for number in (signal.SIGSTOP, signal.SIGCONT):
        run.send_signal(number)
    drawn = b""
    while b"\x1b[?1049h" not in drawn:
        drawn += os.read(outside, 65_536)
    wait_until(lambda: len([*threads.iterdir()]) <= before, 30, "end of the threads of before")


class GoneTerminal(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.EIO, text)

    def flush(self) -> None:
        raise OSError(errno.EIO, "flush")


def test_who_writes_to_a_terminal_that_is_gone_does_not_wait() -> None:
    """Textual's thread that writes has a queue, and whoever writes waits for room in it."""
    writer = WriterThread(cast("TextIO", LastingFile(GoneTerminal())))
    writer.start()
    for _ in range(2 * MAX_QUEUED_WRITES):
        writer.write("text")
    writer.stop()
    assert not writer.is_alive()


@pytest.mark.parametrize("stopped_before", [False, True])
def test_the_screen_ends_with_its_terminal(stopped_before: bool) -> None:
    outside, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    hatlab = [sys.executable, "-m", "hatlab.cli", "start", "--engine", "sim"]
    with subprocess.Popen(
        hatlab, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ) as run:
        os.close(terminal)
        try:
            drawn = b""
            while b"db1" not in drawn:
                drawn += os.read(outside, 65_536)
            if stopped_before:
                _stop_and_go_on(run, outside)
            os.close(outside)
            wait_until(lambda: run.poll() is not None, 30, "end of hatlab")
        finally:
            run.kill()
    assert run.returncode == 128 + signal.SIGHUP
