"""The server of one seat: `python -m hatlab.classroom.seat`, started by JupyterHub's spawner."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from hatlab.classroom.marks.chain import SeatSigner
from hatlab.classroom.processes import write_pid
from hatlab.classroom.seat.handlers import (
    AliveHandler,
    CallbackHandler,
    CommandHandler,
    PageHandler,
    ScriptHandler,
    TerminalHandler,
)
from hatlab.classroom.seat.lab_link import LabLink
from hatlab.classroom.seat.reporter import Reporter
from hatlab.classroom.seat.seat import Seat
from hatlab.classroom.seat.settings import SOCKET_VARIABLE, SeatSettings, program_environment
from hatlab.util.files import file_to_lock
from hatlab.util.text import plural

LOCK = "seat.lock"
"""The file in a seat's folder that is locked as long as its server, or its lab, is there."""
_PREDECESSOR_ENDS_WITHIN = 45.0
_LOOK_EVERY = 0.5
_SIGN_EVERY = 1.0
_PAGE = Path(__file__).parent / "page"


def main() -> int:
    """Serve until the seat ends; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="seat: %(message)s")
    os.umask(0o077)
    settings = SeatSettings.from_environment(os.environ)
    home = Path(settings.home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock_home(home)
    asyncio.run(_serve(settings, lock))
    return 0


def _lock_home(home: Path) -> int:
    """Lock a seat's folder; whoever had it before is waited for, as its lab may be being removed.

    Raises:
        SystemExit: it is still there.
    """
    handle = file_to_lock(home / LOCK, make=True)
    until = time.monotonic() + _PREDECESSOR_ENDS_WITHIN
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                sys.exit(f"seat: the lab that {home.name} had before has not ended yet")
            time.sleep(0.1)
        else:
            write_pid(handle, os.getpid())
            return handle


async def _serve(settings: SeatSettings, lock: int) -> None:
    seat = Seat(settings, program_environment(settings, os.environ), (lock,))
    lab = LabLink(Path(settings.home) / "hatlab")
    reporter = Reporter(seat, lab)
    key = bytes.fromhex(settings.signing_key)
    signer = SeatSigner(Path(settings.home) / "hatlab" / "recordings", key, settings.name)
    server = HTTPServer(make_application(seat, lab), xheaders=True)
    server.add_sockets(_listening_sockets())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, seat.end, "This lab has ended. What you have done is kept.")
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    tasks = [
        loop.create_task(work)
        for work in (
            lab.follow_lesson(reporter.note_change),
            reporter.report_to_board(),
            reporter.report_activity(),
            _end_when_idle(seat),
            seat.tell_pages(),
            _sign_recordings(signer),
        )
    ]
    await seat.ended.wait()
    await asyncio.sleep(0.1)  # the pages are told why
    server.stop()
    for task in tasks:
        task.cancel()
    await seat.close()
    _sign(signer)


async def _sign_recordings(signer: SeatSigner) -> None:
    while True:
        _sign(signer)
        await asyncio.sleep(_SIGN_EVERY)


def _sign(signer: SeatSigner) -> None:
    for problem in signer.follow():
        logging.warning("%s", problem)


async def _end_when_idle(seat: Seat) -> None:
    while seat.idle_for < seat.settings.idle:
        await asyncio.sleep(min(_LOOK_EVERY, seat.settings.idle))
    seat.end(describe_idle_end(seat.settings.idle))


def describe_idle_end(idle: float) -> str:
    """Return why a seat ends after so many seconds without a key."""
    in_minutes = "Nobody has typed for {count} minutes, so this lab has ended. What you have done is kept."
    if idle >= 90:
        return plural(round(idle / 60), in_minutes, in_minutes)
    one = "Nobody has typed for {count} second, so this lab has ended. What you have done is kept."
    return plural(round(idle), one, in_minutes.replace("minutes", "seconds"))


def _listening_sockets() -> list[socket.socket]:
    """Return the socket that the spawner has opened, or open those that JupyterHub's variable names."""
    number = os.environ.get(SOCKET_VARIABLE, "")
    if number:
        listening = socket.socket(fileno=int(number))
        listening.setblocking(False)
        return [listening]
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    return bind_sockets(address.port or 8888, address.hostname or "")


def make_application(seat: Seat, lab: LabLink, prefix: str | None = None) -> Application:
    """Return what answers for a seat.

    Args:
        seat: whose.
        lab: the lab in it.
        prefix: before each path; None for the one that JupyterHub tells.
    """
    base = prefix if prefix is not None else os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    parts = Path(seat.settings.parts) / "node_modules" / "@xterm"
    here: dict[str, Any] = {"seat": seat}
    return Application(
        [
            (base + r"", PageHandler, here),
            (base + r"terminal", TerminalHandler, here),
            (base + r"command", CommandHandler, {"seat": seat, "lab": lab}),
            (base + r"alive", AliveHandler),
            (base + r"oauth_callback", CallbackHandler),
            (base + r"page/(seat\.(?:js|css))", ScriptHandler, {"path": str(_PAGE)}),
            (base + r"xterm/([\w-]+/(?:lib|css)/[\w-]+\.(?:js|css))", ScriptHandler, {"path": str(parts)}),
        ],
        template_path=str(_PAGE),
        cookie_secret=secrets.token_bytes(32),
        login_url=base,
        websocket_ping_interval=20,
        websocket_ping_timeout=15,
        xsrf_cookies=True,
        log_function=_log_nothing,
    )


def _log_nothing(_handler: object) -> None:
    """A seat's requests are not logged: the hub logs who came."""
