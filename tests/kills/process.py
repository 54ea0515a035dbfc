"""Runs hatlab in a process of its own, with or without a terminal, and ends it the hard ways."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

_START = "import sys; from hatlab.cli import main; sys.exit(main())"
HATLAB = (sys.executable, "-c", _START)
SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM, "HUP": signal.SIGHUP}


def environment(state: Path) -> dict[str, str]:
    """The environment of a hatlab with this state folder."""
    return {**os.environ, "XDG_STATE_HOME": str(state), "TERM": "xterm-256color"}


def run_hatlab(state: Path, *argv: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*HATLAB, *argv], env=environment(state), capture_output=True, text=True, timeout=timeout, check=False
    )


class HatlabProcess:
    """A hatlab that runs, and can be ended at any moment.

    Args:
        state: its state folder.
        on_screen: on a terminal of its own.
        argv: its command line.
        program: of Python, that starts it.
    """

    def __init__(self, state: Path, on_screen: bool, *argv: str, program: str = _START) -> None:
        self._terminal = -1
        hatlab = [sys.executable, "-c", program]
        if on_screen:
            self._terminal, other = pty.openpty()
            self._process = subprocess.Popen(
                [*hatlab, *argv],
                env=environment(state),
                stdin=other,
                stdout=other,
                stderr=other,
                start_new_session=True,
                preexec_fn=_take_terminal,
            )
            os.close(other)
            threading.Thread(target=self._read, daemon=True).start()
        else:
            self._process = subprocess.Popen(
                [*hatlab, *argv],
                env=environment(state),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(self._terminal, 65536):
                pass

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def press(self, keys: bytes) -> None:
        """Press keys on its terminal, if it has one."""
        if self._terminal >= 0:
            os.write(self._terminal, keys)

    def end(self, how: str) -> None:
        """End it so: a signal, or its terminal is closed."""
        if how == "terminal closed":
            self._hang_up()
        else:
            self._process.send_signal(SIGNALS[how])

    def _hang_up(self) -> None:
        """What a kernel does when a terminal's window is closed: SIGHUP, and every read and write fails."""
        terminal, self._terminal = self._terminal, -1
        self._process.send_signal(signal.SIGHUP)
        with contextlib.suppress(OSError):
            os.close(terminal)

    def wait(self, seconds: float) -> bool:
        """True once it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.runs

    def close(self) -> None:
        """End it in any case, and let go of its terminal."""
        if self.runs:
            self._process.kill()
            self._process.wait()
        if self._terminal >= 0:
            terminal, self._terminal = self._terminal, -1
            time.sleep(0.05)
            with contextlib.suppress(OSError):
                os.close(terminal)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, b"\x18\x00\x50\x00\x00\x00\x00\x00")
