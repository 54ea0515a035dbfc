"""The terminal where no app has it: its contents, and what happens to what is typed then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import termios
except ImportError:  # pragma: no cover - Windows has none
    termios = None  # type: ignore[assignment]

CLEAR_SCREEN = "\x1b[2J\x1b[H"
"""An empty screen, once it is written."""
_LOCAL_FLAGS = 3
"""The index of the flags that echo, and that gather lines, in what termios.tcgetattr returns."""


@contextmanager
def no_echo() -> Iterator[None]:
    """Neither echo what is typed meanwhile, nor leave it to be read by whoever comes next."""
    with _set_echo(on=False):
        try:
            yield
        finally:
            discard_typed()


@contextmanager
def with_echo() -> Iterator[None]:
    """For a shell inside of `no_echo`: echo what is typed, and gather it into lines."""
    with _set_echo(on=True):
        yield


def discard_typed() -> None:
    """Throw away what was typed and not read yet."""
    if _stdin_is_terminal():
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


@contextmanager
def _set_echo(*, on: bool) -> Iterator[None]:
    if not _stdin_is_terminal():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    changed, flags = termios.tcgetattr(sys.stdin), termios.ECHO | termios.ICANON
    changed[_LOCAL_FLAGS] = changed[_LOCAL_FLAGS] | flags if on else changed[_LOCAL_FLAGS] & ~flags
    termios.tcsetattr(sys.stdin, termios.TCSANOW, changed)
    try:
        yield
    finally:
        with suppress(termios.error, OSError):  # it may have gone away
            termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _stdin_is_terminal() -> bool:
    if termios is None or sys.stdin is None or sys.stdin.closed:
        return False
    try:
        termios.tcgetattr(sys.stdin)
    except (termios.error, OSError, ValueError):
        return False
    return True
