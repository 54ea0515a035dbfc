"""A terminal that goes away, also one that is nobody's controlling terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios

from tests.support.waiting import wait_until


def test_the_screen_ends_with_its_terminal() -> None:
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
            os.close(outside)
            wait_until(lambda: run.poll() is not None, 30, "end of hatlab")
        finally:
            run.kill()
    assert run.returncode == 128 + signal.SIGHUP
