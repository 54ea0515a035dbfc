"""From the command to the first full screen of a simulated lab, in a pseudo-terminal of 140x45."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from pathlib import Path

from tests.benchmarks.commands import median_of

FULL = (b"MASTER", b"timeline", b"packets", b"answered by")
DEADLINE = 30.0


def first_screen(topology: str = "two-node") -> float:
    """Seconds until everything that the first full screen shows has been written."""
    hatlab = str(Path(sys.executable).with_name("hatlab"))
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(hatlab, [hatlab, "start", topology, "--engine", "sim"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 140, 0, 0))
    seen = b""
    try:
        while not all(word in seen for word in FULL):
            if time.perf_counter() - began > DEADLINE:
                raise TimeoutError(f"no full screen in {DEADLINE:.0f} s")
            seen += os.read(terminal, 65536)
        return time.perf_counter() - began
    finally:
        os.close(terminal)
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def rows() -> list[str]:
    """A Markdown table row."""
    return [f"| `hatlab start --engine sim` to the first full screen | {median_of(5, first_screen)} |"]
