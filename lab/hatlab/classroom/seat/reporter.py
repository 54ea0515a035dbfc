"""What a seat tells: the board, how its student is doing; the hub, when somebody last typed.

Keys alone count as activity: a page that is open, or a lab that draws, keeps no seat alive.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPError

from hatlab.classroom.seat.lab_link import LabLink
from hatlab.classroom.seat.seat import Seat

_AT_MOST_EVERY = 0.25
"""Seconds between two reports."""
_AT_LEAST_EVERY = 10.0
_ACTIVITY_EVERY = 60.0
"""Seconds between two reports of activity to the hub."""
_PATIENCE = 5.0


class Reporter:
    """Reports a seat for as long as it lives.

    Args:
        seat: whose.
        lab: the lab that runs in it.
    """

    def __init__(self, seat: Seat, lab: LabLink) -> None:
        self._seat, self._lab = seat, lab
        self._changed = asyncio.Event()
        self._token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
        self._activity_url = os.environ.get("JUPYTERHUB_ACTIVITY_URL", "")

    def note_change(self) -> None:
        """Something is new: it is reported soon."""
        self._changed.set()

    def report(self) -> dict[str, Any]:
        """Return what the board is told."""
        seat = self._seat
        return {
            "user": seat.settings.name,
            "lesson": self._lab.lesson,
            "last_key": round(seat.last_key, 3),
            "idle": round(seat.idle_for, 1),
            "engine": self._lab.engine,
            "sockets": sum(page.part == "student" for page in seat.pages),
        }

    async def report_to_board(self) -> None:
        """Send each change, and from time to time that nothing has changed; for ever."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _AT_LEAST_EVERY)
            self._changed.clear()
            if self._seat.settings.board:
                await self._post(self._seat.settings.board, self.report())
            await asyncio.sleep(_AT_MOST_EVERY)

    async def report_activity(self) -> None:
        """Tell the hub when somebody last typed, if that is new; for ever."""
        told = 0.0
        while True:
            last_key = self._seat.last_key
            if last_key != told and self._activity_url:
                at = datetime.fromtimestamp(last_key, UTC).isoformat()
                name = os.environ.get("JUPYTERHUB_SERVER_NAME", "")
                await self._post(
                    self._activity_url, {"servers": {name: {"last_activity": at}}, "last_activity": at}
                )
                told = last_key
            await asyncio.sleep(_ACTIVITY_EVERY)

    async def _post(self, url: str, data: dict[str, Any]) -> None:
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        with suppress(OSError, HTTPError, TimeoutError):  # whoever is told may be starting again
            await AsyncHTTPClient().fetch(
                url,
                method="POST",
                headers=headers,
                body=json.dumps(data),
                connect_timeout=_PATIENCE,
                request_timeout=_PATIENCE,
            )
