"""A seat whose program is a few lines of Python, and pages that only note what they are sent."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hatlab.classroom.seat.seat import Part, Seat
from hatlab.classroom.seat.settings import SeatSettings, program_environment

ECHO = """
import fcntl, os, signal, sys, termios, tty
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
def draw(*_):
    os.write(1, b"drawn %d %d;" % tuple(reversed(os.get_terminal_size())))
signal.signal(signal.SIGWINCH, draw)
tty.setraw(0)
os.write(1, b"\\x1b[?1049h\\x1b[?25l")
draw()
while True:
    keys = os.read(0, 1000)
    if keys == b"q":
        os.write(1, b"\\x1b[?1049l\\x1b[?25hbye;")
        sys.exit(0)
    if keys == b"!":
        os.write(1, b"\\x1b[?1049lno engine here;")
        sys.exit(1)
    os.write(1, b"typed " + keys + b";")
"""


def settings_of(folder: Path, name: str = "s01", **values: Any) -> SeatSettings:
    usual: dict[str, Any] = {
        "title": "A class",
        "home": str(folder),
        "words": ("learn",),
        "idle": 1800.0,
        "memory": 400,
        "board": "",
        "signing_key": "00" * 32,
        "parts": str(folder),
    }
    return SeatSettings(name=name, **{**usual, **values})


def echo_seat(folder: Path, **values: Any) -> Seat:
    """A seat whose program draws its size, and says what was typed; q ends it, ! makes it fail."""
    settings = settings_of(folder, **values)
    env = program_environment(settings, {"PATH": "/usr/bin:/bin", "JUPYTERHUB_API_TOKEN": "secret"})
    return Seat(settings, env, command=[sys.executable, "-c", ECHO])


@dataclass(eq=False)
class NotingPage:
    """A page that notes what it is sent."""

    part: Part = "student"
    who: str = "s01"
    size: tuple[int, int] | None = None
    output: bytes = b""
    notices: list[dict[str, Any]] = field(default_factory=list)

    def send_output(self, data: bytes) -> None:
        self.output += data

    def send_notice(self, text: str) -> None:
        self.notices.append(json.loads(text))
