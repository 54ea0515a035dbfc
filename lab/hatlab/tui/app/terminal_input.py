"""What a terminal sends becomes keys, and an Esc stays an Esc however fast the next key follows.

A terminal sends ESC for the Esc key, and as the first byte of what an arrow key or Alt with a key sends.
Textual takes ESC and a key within a tenth of a second for Alt with that key: the Esc is lost, and `3` becomes
`£`. hatlab has no use for Alt with a printable key, so here that is an Esc and then the key.
"""

from __future__ import annotations

import os
import re
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

ESC = "\x1b"
ESCAPE_TIME = 0.03
"""Seconds within which the rest of a sequence follows its ESC."""
_KEY_AFTER_ESCAPE = re.compile(r"(?<=\x1b)(?=[^\x1b\x7f\[\]OPX^_\\])")
"""Where ESC is followed by what begins no sequence. Alt with backspace stays: it deletes a word."""


class EscapeParser(XTermParser):
    """A parser that ends an Esc where a key follows that begins no sequence."""

    escape_pending = False
    """True if the last thing fed was an ESC, and nobody knows yet what it begins."""

    def feed(self, data: str) -> Iterable[Message]:
        if self.escape_pending and _KEY_AFTER_ESCAPE.search(ESC + data[:1]):
            yield from self.end_escape()
        *complete, last = _KEY_AFTER_ESCAPE.split(data)
        for piece in complete:
            yield from super().feed(piece)
            yield from self.end_escape()
        yield from super().feed(last)
        self.escape_pending = last.endswith(ESC)

    def end_escape(self) -> Iterable[Message]:
        """Take an ESC for the Esc key."""
        self.escape_pending = False
        self._timeout_time = 0.0
        return self.tick()


class LastingFile:
    """A terminal's file that takes whatever is written once the terminal is gone, too.

    An error would end Textual's thread that writes, and whoever writes next would wait for it for ever.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()


class TerminalDriver(LinuxDriver):
    """Textual's driver with an `EscapeParser`, which tells of an Esc in hundredths of a second."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = LastingFile(cast("TextIO", self._file))

    def _sigcont_application(self, *_: object) -> None:
        """Begin anew when the process goes on after a stop, Ctrl+Z or not.

        The kernel sends SIGCONT with a hangup, too, and Textual would start a second time what still runs:
        two threads that read keys, and two that write.
        """
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application()

    def run_input_thread(self) -> None:
        parser = EscapeParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                messages: Iterable[Message]
                if selector.select(ESCAPE_TIME if parser.escape_pending else 0.1):
                    sent = os.read(self.fileno, 4096)
                    if not sent:
                        return  # the terminal is gone
                    text = decode(sent)
                    messages = parser.feed(text) if text else ()
                else:
                    messages = parser.end_escape() if parser.escape_pending else parser.tick()
                for message in messages:
                    self.process_message(message)
