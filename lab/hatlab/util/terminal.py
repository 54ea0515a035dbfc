"""The terminal where no app has it: its contents, what it can draw, what happens to what is typed then."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

try:
    import termios
except ImportError:  # pragma: no cover - Windows has none
    termios = None  # type: ignore[assignment]

from hatlab.util.glyphs import ASCII_FORMS
from hatlab.util.visible import show_controls


class TerminalText(str):
    """A text with control sequences of hatlab's own, in which everything else is made visible already."""

    __slots__ = ()


CLEAR_SCREEN = TerminalText("\x1b[2J\x1b[H")
"""An empty screen, once it is written."""
EMPTY_LINE = TerminalText("\r\x1b[K")
"""An empty line in place of the one that the cursor is in."""
CURSOR_UP = TerminalText("\x1b[A")
"""The cursor in the row above."""
ASCII_VARIABLE = "HATLAB_ASCII"
"""The environment variable that asks for ASCII alone."""
DRIVER_VARIABLE = "TEXTUAL_DRIVER"
"""The environment variable that names a driver of Textual's; `textual serve` sets it."""
_FEW_GLYPHS = re.compile(r"linux$|vt\d|ansi$|cons25")
"""Terminals, by `TERM`, whose fonts have no such glyphs: the console of Linux, and real old ones."""
_AMBIGUOUS = "★"
"""A glyph that some terminals, of East Asian locales above all, draw in two cells."""
_ANSWER_TIME = 0.25
"""Seconds in which a terminal must say where its cursor is."""
_LOCAL_FLAGS = 3
"""The index of the flags that echo, and that gather lines, in what termios.tcgetattr returns."""


def watch_terminal() -> None:
    """Have this process told by SIGHUP when its terminal goes.

    The kernel does so only for a controlling terminal, which after `setsid` it is not; and Textual waits for
    ever for a terminal that takes nothing. Only Linux says so here.
    """
    if sys.platform == "linux" and sys.stdin is not None and sys.stdin.isatty():
        fileno = sys.stdin.fileno()
        threading.Thread(target=_wait_for_hangup, args=(fileno,), name="terminal", daemon=True).start()


def _wait_for_hangup(fileno: int) -> None:
    poller = select.poll()
    poller.register(fileno, 0)  # that it hangs up is told without being asked for
    if any(event & select.POLLHUP for _, event in poller.poll()):
        os.kill(os.getpid(), signal.SIGHUP)


def wants_ascii(environ: Mapping[str, str]) -> bool:
    """Return True if the environment asks for ASCII alone."""
    return environ.get(ASCII_VARIABLE, "") not in {"", "0"}


def wants_colour(environ: Mapping[str, str], tty: bool) -> bool:
    """Return True for a terminal that can show colour, unless NO_COLOR is set (to more than "")."""
    return tty and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def replace_glyphs(*streams: TextIO, only_ascii: bool, errors: str = ASCII_FORMS) -> None:
    """Let streams write what they cannot encode in another form, and ASCII alone if that is asked for.

    Args:
        streams: as Python made them; others stay as they are.
        only_ascii: whether what they could encode is replaced, too.
        errors: the form, a handler of codecs.
    """
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="ascii" if only_ascii else None, errors=errors)


def can_show_screen(environ: Mapping[str, str]) -> bool:
    """Return True if the UI can be shown: on a terminal, or by a driver of Textual's, as in a browser."""
    return bool(environ.get(DRIVER_VARIABLE)) or (sys.stdin.isatty() and sys.stdout.isatty())


class VisibleStream:
    """A text stream on which nothing steers the terminal but a `TerminalText`: all else is made visible."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text if isinstance(text, TerminalText) else show_controls(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def visible_output() -> Iterator[None]:
    """Meanwhile stdout and stderr are a `VisibleStream` each."""
    before = sys.stdout, sys.stderr
    out, err = (
        cast(TextIO, stream if stream is None or isinstance(stream, VisibleStream) else VisibleStream(stream))
        for stream in before
    )
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def cannot_draw_glyphs(environ: Mapping[str, str]) -> bool:
    """Return True if the screen is to be drawn in ASCII alone.

    That is asked for, or the locale is not one of UTF-8, or the terminal has no such glyphs, or it draws one
    in two cells.
    """
    if environ.get(DRIVER_VARIABLE):
        return wants_ascii(environ)  # the driver writes UTF-8, wherever stdout leads
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if wants_ascii(environ) or encoding not in {"utf8", ""}:
        return True
    if environ.get(ASCII_VARIABLE):
        return False  # who asks for glyphs knows the terminal
    return _FEW_GLYPHS.match(environ.get("TERM", "")) is not None or _glyph_width(environ) == 2


def _glyph_width(environ: Mapping[str, str]) -> int | None:
    """Return how many cells the terminal draws an ambiguous glyph in, None if it does not tell in time."""
    if not _stdin_is_terminal() or not sys.stdout.isatty() or environ.get("TERM", "dumb") == "dumb":
        return None
    with _set_echo(on=False):
        sys.stdout.write(TerminalText(f"\r{_AMBIGUOUS}\x1b[6n"))
        sys.stdout.flush()
        column = _read_cursor_column(time.monotonic() + _ANSWER_TIME)
        sys.stdout.write(EMPTY_LINE)
        sys.stdout.flush()
    return None if column is None else column - 1


def _read_cursor_column(deadline: float) -> int | None:
    """Read a terminal's answer, `ESC [ row ; column R`."""
    answer = b""
    while not answer.endswith(b"R"):
        ready, _, _ = select.select([sys.stdin], [], [], max(0.0, deadline - time.monotonic()))
        if not ready or not (more := os.read(sys.stdin.fileno(), 1)):
            return None
        answer += more
    column = answer[:-1].rpartition(b";")[2]
    return int(column) if column.isdigit() else None


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
