"""The control socket of the lab that runs in a seat: what it is asked, and what it tells of its lesson.

A lesson has a lab of its own, so the socket changes when the student goes on to the next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hatlab.errors import LabError
from hatlab.util.unix_socket import socket_address

_LONGEST_LINE = 1_000_000
_ANSWER_WITHIN = 60.0
_LOOK_EVERY = 0.5
"""Seconds between two looks for the socket of a lab that has just begun."""


class LabLink:
    """Talks to the lab of a seat, whichever it is now.

    Args:
        state: hatlab's folder of state in the seat: its sockets are below.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self.lesson: dict[str, Any] | None = None
        """What the lab tells of its lesson; None while there is none."""
        self.engine = ""
        """The engine of the lab."""

    def newest_socket(self) -> Path | None:
        """The socket of the lab that was started last."""
        sockets = [(path.stat().st_mtime, path) for path in self._state.glob("run/*/*.sock")]
        return max(sockets)[1] if sockets else None

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Ask the lab something; return its result.

        Raises:
            LabError: no lab runs, it does not answer, or refuses.
        """
        path = self.newest_socket()
        if path is None:
            raise LabError("no lab is running at this seat", "the student starts one by pressing Enter")
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                async for reply in _replies(path, request):
                    if "error" in reply:
                        raise LabError(reply["error"]["message"], reply["error"].get("hint", ""))
                    if "result" in reply:
                        result: dict[str, Any] = reply["result"]
                        return result
        except (OSError, ValueError, TimeoutError) as error:
            raise LabError(f"the lab does not answer: {error}", "try again in a moment") from None
        return {}

    async def follow_lesson(self, on_change: Callable[[], None]) -> None:
        """Keep `lesson` as the lab tells it, for ever; `on_change` is called at each change."""
        while True:
            path = self.newest_socket()
            if path is not None:
                with suppress(OSError, ValueError, LabError):
                    await self._follow_lab(path, on_change)
                if self.lesson is not None:
                    self.lesson = None
                    on_change()
            await asyncio.sleep(_LOOK_EVERY)

    async def _follow_lab(self, path: Path, on_change: Callable[[], None]) -> None:
        hello = await self.ask({"ask": "hello"})
        self.engine = str(hello.get("engine", ""))
        async for reply in _replies(path, {"ask": "lesson"}):
            if "error" in reply:
                return
            lesson = reply.get("lesson")
            self.lesson = lesson if isinstance(lesson, dict) else None
            on_change()


async def _replies(path: Path, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yield the replies of a lab to a request; raises OSError and ValueError."""
    with socket_address(path) as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=_LONGEST_LINE)
    try:
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        while line := await reader.readline():
            yield json.loads(line)
    finally:
        writer.close()
