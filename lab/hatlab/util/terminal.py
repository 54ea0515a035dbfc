"""The terminal where no app has it: what is shown, and whether what is typed then is echoed and kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import termios
except ImportError:  # pragma: no cover - Windows has none
    termios = None  # type: ignore[assignment]

CLEAR_SCREEN = "\x1b[2J\x1b[H"
"""Written: nothing stands on the screen any more."""
_LOCAL = 3
"""Where the flags stand that echo and gather lines."""


@contextmanager
def no_echo() -> Iterator[None]:
    """What is typed meanwhile is neither echoed nor read by whoever comes next."""
    with _echo(on=False):
        try:
            yield
        finally:
            discard_typed()


@contextmanager
def with_echo() -> Iterator[None]:
    """For a shell inside of `no_echo`: what is typed is echoed, and gathered into lines."""
    with _echo(on=True):
        yield


def discard_typed() -> None:
    """What was typed and not read yet is read by nobody."""
    if _is_one():
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


@contextmanager
def _echo(*, on: bool) -> Iterator[None]:
    if not _is_one():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    wanted, flags = termios.tcgetattr(sys.stdin), termios.ECHO | termios.ICANON
    wanted[_LOCAL] = wanted[_LOCAL] | flags if on else wanted[_LOCAL] & ~flags
    termios.tcsetattr(sys.stdin, termios.TCSANOW, wanted)
    try:
        yield
    finally:
        with suppress(termios.error, OSError):  # it may have gone away
            termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _is_one() -> bool:
    if termios is None or sys.stdin is None or sys.stdin.closed:
        return False
    try:
        termios.tcgetattr(sys.stdin)
    except (termios.error, OSError, ValueError):
        return False
    return True
