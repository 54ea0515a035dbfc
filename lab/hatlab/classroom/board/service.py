"""The board's server: its addresses, what it does by itself, its start from the environment of a service."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.web import Application, RequestHandler

from hatlab.classroom import keys
from hatlab.classroom.board import handlers
from hatlab.classroom.board.commands import FROZEN_FOR, SeatCommands, make_request
from hatlab.classroom.board.report import MOST_BYTES
from hatlab.classroom.board.room import Room, Seat
from hatlab.classroom.course import COURSE_VARIABLE, Course, open_course
from hatlab.classroom.hub.addresses import bind_address
from hatlab.classroom.seat.hub_login import HubOAuth
from hatlab.errors import LabError, UserError

PAGE = Path(__file__).parent / "page"
LOOK_EVERY = 1.0
"""Seconds between two looks at what time alone has changed."""
ROSTER_EVERY = DISK_EVERY = 5.0
LEAST_ROOM = 20_000_000
"""Bytes below which a disk counts as full: what thirty seats record in some minutes."""
FREEZE_EVERY = FROZEN_FOR / 3
REPEAT_AFTER = 3.0
"""Seconds after which a seat that should be frozen and is not, or the other way round, is asked once more."""


class Board:
    """Everything that a board keeps.

    Args:
        room: the class.
        commands: sends what is wanted.
        folder: where the class is kept; None if nobody looks at its disk.
    """

    def __init__(self, room: Room, commands: SeatCommands, folder: Path | None = None) -> None:
        self.room, self.commands, self._folder = room, commands, folder
        self._asked: dict[str, float] = {}
        self._sending: set[asyncio.Task[Any]] = set()

    def start(self) -> list[PeriodicCallback]:
        """Do from now on what needs no request; return what does it."""
        every = [
            (self.room.update, LOOK_EVERY),
            (self._refresh_students, ROSTER_EVERY),
            (self._renew_freeze, FREEZE_EVERY),
            (self.look_at_disk, DISK_EVERY),
        ]
        callbacks = [PeriodicCallback(work, seconds * 1000) for work, seconds in every]
        for callback in callbacks:
            callback.start()
        return callbacks

    def follow_freeze(self, seat: Seat) -> None:
        """Bring somebody to what holds for everybody: they have just come, or have not heard of it."""
        lesson, name = seat.lesson, seat.student.name
        if lesson is None or (lesson.frozen is None) == (self.room.frozen is None):
            return
        now, asked_at = time.monotonic(), self._asked.get(name, -math.inf)
        if self.room.frozen is None:  # what was wanted a moment ago is on its way
            asked_at = max(asked_at, self.room.thawed_at)
        if now - asked_at >= REPEAT_AFTER:
            self._asked[name] = now
            self._send([name])

    def look_at_disk(self) -> None:
        """Tell the teacher of a disk that is full: the hub and the seats only know that they cannot write."""
        if self._folder is None:
            return
        try:
            left = shutil.disk_usage(self._folder).free
        except OSError as error:
            self.room.notice = f"The folder of the class, {self._folder}, cannot be read: {error.strerror}."
            return
        full = (
            f"The disk of the class is full ({left // 1_000_000} MB left): no new seats open, and recordings "
            f"wait for room. Free some space where {self._folder} is."
        )
        self.room.notice = full if left < LEAST_ROOM else ""

    def _renew_freeze(self) -> None:
        if self.room.frozen is not None:
            self._send(self.room.present)

    def _send(self, names: list[str]) -> None:
        frozen = self.room.frozen
        request = make_request("thaw") if frozen is None else make_request("freeze", frozen)
        task = asyncio.ensure_future(self.commands.send(names, request))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _refresh_students(self) -> None:
        with suppress(LabError):  # the roster is being written; the next look finds it
            self.room.refresh_students()


def make_application(
    board: Board, hub_auth: Any, *, prefix: str, title: str, cookie_secret: bytes
) -> Application:
    """Return the server's application.

    Args:
        board: what it shows.
        hub_auth: JupyterHub's login, as this service has it.
        prefix: what every address begins with, with a slash at its end.
        title: what the class is called.
        cookie_secret: signs the teacher's cookie.
    """
    routes: list[tuple[str, type[RequestHandler]]] = [
        ("", handlers.PageHandler),
        ("oauth_callback", handlers.CallbackHandler),
        ("seat", handlers.SeatHandler),
        ("changes", handlers.ChangesHandler),
        ("live", handlers.LiveHandler),
        ("command", handlers.CommandHandler),
    ]
    parts = (rf"{prefix}([a-z]+\.(?:css|js))", handlers.PartHandler, {"path": str(PAGE)})
    return Application(
        [*((f"{prefix}{path}", handler) for path, handler in routes), parts],
        room=board.room,
        commands=board.commands,
        follow_freeze=board.follow_freeze,
        hub_auth=hub_auth,
        title=title,
        page_folder=PAGE,
        cookie_secret=cookie_secret,
        websocket_ping_interval=20,
        log_function=_log_failures,
    )


def _log_failures(handler: RequestHandler) -> None:
    """Log what went wrong, and nothing of what was sent."""
    if handler.get_status() >= 500:
        from tornado.log import access_log

        access_log.error("%d %s %s", handler.get_status(), handler.request.method, handler.request.path)


def run_board(course: Course) -> None:
    """Serve until a signal asks for the end.

    Raises:
        UserError: a file of the class cannot be read, or what JupyterHub tells a service is missing.
    """
    try:
        address, prefix = os.environ["JUPYTERHUB_SERVICE_URL"], os.environ["JUPYTERHUB_SERVICE_PREFIX"]
        token = os.environ["JUPYTERHUB_API_TOKEN"]
    except KeyError as error:
        raise UserError(f"{error.args[0]} is not set", "hatlab class start runs the board") from None
    board = Board(Room(course.read_students), SeatCommands(proxy_address(course), token), course.folder)
    board.look_at_disk()
    title = course.config.class_.title
    secret = keys.cookie_secret(course.secret, "board")
    asyncio.run(
        _serve(
            lambda: make_application(board, HubOAuth(), prefix=prefix, title=title, cookie_secret=secret),
            board,
            urlsplit(address).port or 80,
        )
    )


async def _serve(make: Callable[[], Application], board: Board, port: int) -> None:
    server = HTTPServer(make(), xheaders=True, max_body_size=2 * MOST_BYTES, idle_connection_timeout=3600)
    server.listen(port, "127.0.0.1")
    callbacks, end = board.start(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await end.wait()
    for callback in callbacks:
        callback.stop()
    server.stop()
    await server.close_all_connections()


def proxy_address(course: Course) -> str:
    """Return where the class's proxy listens, for this machine."""
    listen, port = bind_address(course)
    scheme = urlsplit(course.config.server.address).scheme
    host = listen or "127.0.0.1"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def main() -> None:
    """Run the board of the class that the environment names."""
    run_board(open_course(Path(os.environ[COURSE_VARIABLE])))
