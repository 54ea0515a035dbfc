"""Opens a seat: as JupyterHub does, but nobody is sent to one that does not answer.

A machine that has died answers nothing at all, and until its swarm or cluster knows, its seats count as
running: whoever were sent there would look at an empty page for as long as the proxy waits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from jupyterhub.handlers.pages import SpawnHandler
from tornado import web

_ANSWERS_WITHIN = 3.0
"""Seconds; a machine that lives takes a connection in milliseconds, however busy its seats are."""


class SeatHandler(SpawnHandler):  # type: ignore[misc]
    """Sends somebody to their seat, which is started if it does not run."""

    @web.authenticated
    async def get(self) -> None:
        spawner = self.current_user.spawner
        if spawner.ready and not await is_there(spawner):
            self.set_header("Cache-Control", "no-store")
            self.finish(await self.render_template("no_answer.html"))
            return
        await super().get()


async def is_there(spawner: Any) -> bool:
    """True if the machine of a seat takes connections, or it is known now that the seat has ended.

    Args:
        spawner: JupyterHub's, of a seat that counts as running.
    """
    with suppress(OSError, TimeoutError):
        connecting = asyncio.open_connection(spawner.server.ip, spawner.server.port)
        _, writer = await asyncio.wait_for(connecting, _ANSWERS_WITHIN)
        writer.close()
        return True
    return await spawner.poll_and_notify() is not None
