"""A shell in a terminal of its own: keys are pressed in it, and what it shows is known and kept."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyte

from tests.films.cast import Cast

PATIENCE = 90.0
"""Seconds to wait for a text: a lab on a busy machine starts slowly."""
_NOT_FOR_A_SCREEN = re.compile(
    r"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP.*?\x1b\\", re.S
)
"""Questions to a terminal, and modes of its keyboard: pyte would print parts of them."""


class Screen:
    """What a terminal shows that is sent some output."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        """Take some output."""
        self._stream.feed(_NOT_FOR_A_SCREEN.sub("", text))

    @property
    def text(self) -> str:
        """Every row, as text."""
        return "\n".join(self.screen.display)


class Terminal:
    """A running command in its terminal."""

    def __init__(self, file: int, width: int, height: int) -> None:
        self._file, self._size = file, (width, height)
        self._began = time.monotonic()
        self._half = b""
        self.screen = Screen(width, height)
        self.output: list[tuple[float, str]] = []

    def film(self, title: str) -> Cast:
        """Return what was shown so far."""
        return Cast(*self._size, title, tuple(self.output))

    def type(self, text: str, pace: float = 0.06) -> None:
        """Type a text, as a person does."""
        for letter in text:
            os.write(self._file, letter.encode())
            self.watch(pace)

    def wait_for(self, pattern: str, linger: float = 0.0) -> None:
        """Wait until a pattern is on the screen, then watch on for some seconds.

        Raises:
            TimeoutError: it never was.
        """
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.screen.text):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{pattern!r} never stood on the screen:\n{self.screen.text}")
            self._read(0.1)
        self.watch(linger)

    def watch(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)

    def _read(self, seconds: float) -> None:
        if not select.select([self._file], [], [], seconds)[0]:
            return
        data = self._half + os.read(self._file, 1 << 16)
        text = data.decode(errors="ignore")
        whole = len(text.encode())
        self._half = data[whole:] if len(data) - whole < 4 else b""
        self.output.append((time.monotonic() - self._began, text))
        self.screen.feed(text)


@contextmanager
def shell_in_terminal(width: int, height: int, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a shell in a terminal for the length of a block."""
    process, file = pty.fork()
    if process == 0:
        os.chdir(environment["HOME"])
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile"], dict(environment))
    fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    try:
        yield Terminal(file, width, height)
    finally:
        os.close(file)  # a hangup, by which hatlab ends its lab
        os.waitpid(process, 0)
