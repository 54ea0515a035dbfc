"""A seat: one terminal, the pages that show it, who of them types, and when it has been left alone."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal, Protocol

from hatlab.classroom.seat.settings import SeatSettings
from hatlab.classroom.seat.terminal import Terminal, hatlab_on_terminal

Part = Literal["student", "watch", "help"]
"""What somebody does at a seat: their own work, only look, or type as well."""
_END_WITHIN = 30.0
"""Seconds that hatlab has to put its lab away."""

_WHOLE_SCREEN = b"1049"
"""The mode in which a program draws the whole screen, and puts it back at its end."""
_MOST_LAST_WORDS = 4000
BEAT = 10.0
"""Seconds after which pages are told how things are, so that they know that the network is there."""


class Page(Protocol):
    """One page that shows the seat."""

    part: Part
    who: str
    size: tuple[int, int] | None

    def send_output(self, data: bytes) -> None: ...
    def send_notice(self, text: str) -> None: ...


class Seat:
    """One student's terminal, and everybody who looks at it.

    Args:
        settings: the seat's.
        env: the environment of hatlab.
        keep: descriptors that hatlab inherits.
        clock: seconds, of a clock that nobody sets.
        command: what runs in place of hatlab.
    """

    def __init__(
        self,
        settings: SeatSettings,
        env: dict[str, str],
        keep: tuple[int, ...] = (),
        clock: Callable[[], float] = time.monotonic,
        command: Sequence[str] = (),
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._typed_at = clock()
        self.last_key = time.time()
        """When somebody typed last, in seconds of the wall's clock; its beginning counts."""
        self.pages: list[Page] = []
        self.ended = asyncio.Event()
        """The seat is to end."""
        self.reason = ""
        """Why, as it is told to the pages."""
        self.exit_code: int | None = None
        """Of hatlab, if it has ended by itself."""
        self._last_words = b""
        """What hatlab wrote outside its screen: why it cannot start, or has ended."""
        command = command or hatlab_on_terminal(settings.memory, settings.words)
        self.terminal = Terminal(command, env, settings.home, keep, self._spread_output, self._tell_end)

    def join(self, page: Page) -> None:
        """Let a page show the seat: it gets the terminal's modes and a whole screen."""
        self.pages.append(page)
        if not self.terminal.is_running and self.exit_code is None:
            self._start()
        if self.terminal.is_running:
            page.send_output(b"\x1bc" + self.terminal.modes.sequence)
            self.terminal.ask_to_redraw()
        else:
            page.send_output(b"\x1bc" + self._last_words)
        self._tell_state()

    def leave(self, page: Page) -> None:
        """A page is gone; the terminal stays."""
        if page in self.pages:
            self.pages.remove(page)
            self._resize()
            self._tell_state()

    def type_keys(self, page: Page, data: bytes) -> None:
        """Take keys from a page that may type. If hatlab has ended, Enter starts it again."""
        if page.part == "watch":
            return
        self._typed_at, self.last_key = self._clock(), time.time()
        if self.terminal.is_running:
            self.terminal.write(data)
        elif b"\r" in data:
            self._start()

    def _start(self) -> None:
        self.exit_code = None
        self._last_words = b""
        try:
            self.terminal.start()
        except OSError as error:
            self.exit_code = 1
            text = f"The lab cannot be started here: {error.strerror}. Tell your teacher."
            self._spread_output(f"\r\n{text}\r\n".encode())
        self._tell_state()

    def set_size(self, page: Page, rows: int, columns: int) -> None:
        """A page has room for so much; whoever types decides, and the smallest of them."""
        page.size = (rows, columns)
        self._resize()

    def _resize(self) -> None:
        sizes = [page.size for page in self.pages if page.size is not None and page.part != "watch"]
        if sizes:
            self.terminal.resize(min(rows for rows, _ in sizes), min(columns for _, columns in sizes))
            self._tell_state()

    def _spread_output(self, data: bytes) -> None:
        if not self.terminal.modes.is_set(_WHOLE_SCREEN):
            self._last_words = (self._last_words + data)[-_MOST_LAST_WORDS:]
        for page in list(self.pages):
            page.send_output(data)

    def _tell_end(self, code: int) -> None:
        self.exit_code = code
        self._spread_output(self.terminal.modes.undoing)
        self._tell_state()

    def _tell_state(self) -> None:
        """Tell every page who else is there, how large the terminal is, and whether hatlab runs."""
        others = [{"who": page.who, "part": page.part} for page in self.pages if page.part != "student"]
        rows, columns = self.terminal.size
        ended = self.exit_code is not None and not self.terminal.is_running
        state = {
            "rows": rows,
            "columns": columns,
            "others": others,
            "ended": ended,
            "failed": ended and self.exit_code != 0,
        }
        for page in list(self.pages):
            page.send_notice(json.dumps({**state, "part": page.part}))

    async def tell_pages(self) -> None:
        """Tell every page, again and again; for ever."""
        while True:
            await asyncio.sleep(BEAT)
            self._tell_state()

    @property
    def idle_for(self) -> float:
        """Seconds without a key, whoever sets the machine's clock meanwhile."""
        return self._clock() - self._typed_at

    def end(self, reason: str) -> None:
        """Ask for the end of the seat."""
        self.reason = self.reason or reason
        for page in list(self.pages):
            with suppress(Exception):
                page.send_notice(json.dumps({"over": self.reason}))
        self.ended.set()

    async def close(self) -> None:
        """End hatlab, and its lab with it."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            self.terminal.signal(number)
            if await self._wait_for_program(_END_WITHIN / 2):
                return
        self.terminal.signal(signal.SIGKILL)
        await self._wait_for_program(2)

    async def _wait_for_program(self, within: float) -> bool:
        until = time.monotonic() + within
        while self.terminal.is_running:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.05)
        return True
