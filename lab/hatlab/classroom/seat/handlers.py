"""What a seat's server answers to: its page, its terminal's socket, the board's commands.

All but the page's own scripts is for whoever JupyterHub lets in: the student, and the teacher.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable
from typing import Any

from tornado.web import HTTPError, RequestHandler, StaticFileHandler, authenticated
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from hatlab.classroom.roster import TEACHER
from hatlab.classroom.seat.hub_login import HubOAuthCallbackHandler, HubOAuthenticated, hub_version
from hatlab.classroom.seat.lab_link import LabLink
from hatlab.classroom.seat.seat import Part, Seat
from hatlab.errors import LabError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The page loads nothing from elsewhere and runs no script but its own; xterm.js writes its styles itself."""
MOST_PAGES = 20
"""That show one seat at a time."""
_MOST_MESSAGE = 5_000_000
"""Bytes of a message at most: a paste."""
_MOST_UNREAD = 4_000_000
"""Bytes that a page may not have read yet; a slower one has to come again."""
_TOO_SLOW, _TOO_MANY = 4008, 4009
"""Codes with which a socket is closed."""


class _Handler(HubOAuthenticated, RequestHandler):  # type: ignore[misc]
    """A handler that knows the seat, and who asks."""

    def initialize(self, seat: Seat) -> None:
        self.seat = seat

    async def prepare(self) -> None:
        """Learn who asks: whatever the hub takes for it, the terminal waits for nothing."""
        await self.hub_auth.get_user(self, sync=False)

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-JupyterHub-Version", hub_version)

    def write_error(self, status_code: int, **_: Any) -> None:
        sentence = (
            "This is somebody else's lab." if status_code == 403 else "That did not work. Try it again."
        )
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{sentence}\n")

    @property
    def who(self) -> str:
        """The name of whoever asks."""
        return str(self.current_user["name"])

    def part_asked(self) -> Part:
        """What whoever asks does here: the student works; others look on, or help if they say so."""
        if self.who == self.seat.settings.name:
            return "student"
        return "help" if self.get_query_argument("help", None) is not None else "watch"


class PageHandler(_Handler):
    """The page that shows the terminal."""

    @authenticated
    async def get(self) -> None:
        settings = self.seat.settings
        self.render(
            "seat.html",
            title=settings.title,
            name=settings.name,
            part=self.part_asked(),
            xsrf=self.xsrf_token.decode(),
            idle=round(settings.idle / 60),
        )


class AliveHandler(RequestHandler):
    """Tells a page whose socket was closed that the seat is still there."""

    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_status(204)


class TerminalHandler(_Handler, WebSocketHandler):
    """The socket of one page: output and keys are bytes, everything else is JSON."""

    def initialize(self, seat: Seat) -> None:
        super().initialize(seat)
        self.part: Part = "watch"
        self.size: tuple[int, int] | None = None
        self._unread = 0

    @property
    def max_message_size(self) -> int:
        return _MOST_MESSAGE

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Let a page of ours in, opened by somebody who may see the seat."""
        if self.current_user is None:
            raise HTTPError(403)
        sent = self.get_query_argument("_xsrf", "")
        if not hmac.compare_digest(sent.encode(), self.xsrf_token):
            raise HTTPError(403)
        upgrade: Awaitable[None] = WebSocketHandler.get(self, *args, **kwargs)
        await upgrade

    def open(self, *_: str, **__: str) -> None:
        self.set_nodelay(True)
        self.part = self.part_asked()
        if len(self.seat.pages) >= MOST_PAGES:
            self.close(_TOO_MANY)
            return
        self.seat.join(self)

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.seat.type_keys(self, message)
            return
        try:
            rows, columns = map(int, json.loads(message)["size"])
        except (ValueError, KeyError, TypeError):
            return
        self.seat.set_size(self, rows, columns)

    def send_output(self, data: bytes) -> None:
        """Send what hatlab has drawn; a page that reads too slowly is closed, and comes again."""
        self._unread += len(data)
        if self._unread > _MOST_UNREAD:
            self.close(_TOO_SLOW)
            return
        self._send(data, len(data))

    def send_notice(self, text: str) -> None:
        """Send JSON."""
        self._send(text, 0)

    def _send(self, message: str | bytes, size: int) -> None:
        def note_read(done: Any) -> None:
            self._unread -= size
            done.exception()  # a page that has gone is no news

        try:
            self.write_message(message, binary=isinstance(message, bytes)).add_done_callback(note_read)
        except WebSocketClosedError:
            self._unread -= size

    def on_close(self) -> None:
        self.seat.leave(self)


class CommandHandler(_Handler):
    """Takes commands of the board, and of the teacher: to end the seat, or what its lab is asked."""

    def initialize(self, seat: Seat, lab: LabLink | None = None) -> None:
        super().initialize(seat)
        self.lab = lab

    _token_authenticated = False
    """Set by JupyterHub: it was a token, and no cookie, that said who asks."""

    def check_xsrf_cookie(self) -> None:
        """A service sends its token in a header, which no other page can; cookies alone do not count.

        JupyterHub calls this while it finds out who asks, so it must not ask that.
        """
        if not self._sends_token:
            super().check_xsrf_cookie()

    @property
    def _sends_token(self) -> bool:
        return "Authorization" in self.request.headers

    @authenticated
    async def post(self) -> None:
        user = self.current_user
        if self._sends_token and not self._token_authenticated:
            raise HTTPError(403)  # a made-up one, beside a cookie
        if user.get("kind") != "service" and self.who != TEACHER:
            raise HTTPError(403)
        try:
            request = json.loads(self.request.body)
            ask = request["ask"]
        except (ValueError, KeyError, TypeError):
            self._answer(400, {"error": {"message": "a command is JSON with `ask`", "hint": ""}})
            return
        if ask == "end":
            self._answer(200, {"result": {"ended": self.seat.settings.name}})
            self.seat.end("Your teacher has ended this lab. What you have done is kept.")
            return
        try:
            self._answer(200, {"result": await self.lab.ask(request) if self.lab else {}})
        except LabError as error:
            self._answer(409, {"error": {"message": error.message, "hint": error.hint}})

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        self.set_status(status)
        self.finish(data)


class ScriptHandler(StaticFileHandler):
    """The page's own files, and xterm's; which a browser may keep for the day."""

    def set_extra_headers(self, _path: str) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "max-age=86400")


CallbackHandler = HubOAuthCallbackHandler
