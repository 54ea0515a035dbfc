"""What is asked of the board over HTTP: seats report, the teacher's page looks and wants things done."""

from __future__ import annotations

import json
from typing import Any, cast

from tornado.escape import xhtml_escape
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import HTTPError, RequestHandler, StaticFileHandler, authenticated
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from hatlab.classroom.board.commands import SeatCommands, make_request
from hatlab.classroom.board.report import MOST_BYTES, read_report
from hatlab.classroom.board.room import Room, present_among
from hatlab.classroom.seat.hub_login import HubOAuthCallbackHandler, HubOAuthenticated
from hatlab.errors import UserError
from hatlab.teacher import EYES_ON_ME
from hatlab.util.files import read_text
from hatlab.util.html_text import escape, fill_in
from hatlab.util.visible import to_json

CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Nothing from outside, nothing written into the page itself, and the page in no other page."""
PUSH_EVERY = 0.25
"""Seconds between two looks at what has changed, for each page that is open."""
BEAT = 5.0
"""Seconds after which a page is told that nothing has changed: so it knows that the network is there."""
MOST_PAGES = 30
"""Pages that are open at the same time."""


class _Headers(RequestHandler):
    """Headers of every answer."""

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", CONTENT_POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    @property
    def room(self) -> Room:
        return cast(Room, self.settings["room"])

    @property
    def hub_auth(self) -> Any:
        return self.settings["hub_auth"]

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002
        """Answer a failure with a sentence: no page, and nothing of what was sent."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = self._reason
        if isinstance(error, HTTPError) and error.log_message:
            said = error.log_message % error.args if error.args else error.log_message
        self.set_header("Content-Type", "application/json")
        self.finish(to_json({"error": {"message": said, "hint": ""}}))


class SeatHandler(_Headers):
    """Takes the reports of seats: each for its own student, as the hub knows its token."""

    def check_xsrf_cookie(self) -> None:
        """A seat has a token, and no cookie that another page could use."""

    async def post(self) -> None:
        token = self.hub_auth.get_token(self, in_cookie=False)
        user = await self.hub_auth.user_for_token(token, sync=False) if token else None
        if not user or user.get("kind") != "user":
            raise HTTPError(403, "this token is not that of a seat")
        name = str(user["name"])
        try:
            report = read_report(self.request.body)
        except UserError as error:
            self.room.note_trouble(name, error.in_one_line)
            raise HTTPError(400, "%s", error.in_one_line) from None
        if report.user != name:
            raise HTTPError(403, "a seat reports for its own student only")
        try:
            seat = self.room.take_report(report)
        except KeyError:
            raise HTTPError(403, "nobody of this name is in the roster") from None
        self.settings["follow_freeze"](seat)
        self.set_status(204)


class _SharedLogin(RequestHandler):
    """Takes the login at the hub that the application has, and makes none of its own."""

    @property
    def hub_auth(self) -> Any:
        return self.settings["hub_auth"]

    @hub_auth.setter
    def hub_auth(self, _: Any) -> None:
        raise AttributeError("the application has it")


class _TeacherHandler(_SharedLogin, HubOAuthenticated, _Headers):  # type: ignore[misc]
    """Answers the teacher alone: whoever may not see the board is refused by the hub, or here."""

    async def prepare(self) -> None:
        await self.hub_auth.get_user(self, sync=False)  # so that nothing waits for the hub below


class PageHandler(_TeacherHandler):
    """The page."""

    @authenticated
    def get(self) -> None:
        page = read_text(self.settings["page_folder"] / "board.html", "page of the board")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        title, token = escape(self.settings["title"]), xhtml_escape(self.xsrf_token.decode())
        self.finish(fill_in(page, **{"{title}": title, "{xsrf}": token}))


class ChangesHandler(_TeacherHandler):
    """What has changed since a version, for a page that cannot keep a connection open."""

    async def get(self) -> None:
        if not self.current_user:
            raise HTTPError(403, "log in again: open your link")
        try:
            version = int(self.get_argument("since", "0"))
        except ValueError:
            raise HTTPError(400, "`since` must be a number") from None
        self.set_header("Content-Type", "application/json")
        self.finish(to_json(self.room.changes_since(version)))


class LiveHandler(_TeacherHandler, WebSocketHandler):
    """What changes, as it changes."""

    pages_open = 0
    _version = 0
    _told_at = -BEAT
    _pushing: PeriodicCallback | None = None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        if not self.current_user:
            raise HTTPError(403, "log in again: open your link")
        if LiveHandler.pages_open >= MOST_PAGES:
            raise HTTPError(503, "too many pages are open")
        await super().get(*args, **kwargs)

    def open(self, *_args: str, **_kwargs: str) -> None:
        LiveHandler.pages_open += 1
        self.set_nodelay(True)
        self._push()
        self._pushing = PeriodicCallback(self._push, PUSH_EVERY * 1000)
        self._pushing.start()

    def _push(self) -> None:
        now = IOLoop.current().time()
        if self._version == self.room.version and now - self._told_at < BEAT:
            return
        changes = self.room.changes_since(self._version)
        self._version, self._told_at = changes["version"], now
        try:
            self.write_message(to_json(changes))
        except WebSocketClosedError:
            self.on_close()

    def on_message(self, message: str | bytes) -> None:
        """The page only listens."""

    def on_close(self) -> None:
        if self._pushing is not None:
            self._pushing.stop()
            self._pushing = None
            LiveHandler.pages_open -= 1


class CommandHandler(_TeacherHandler):
    """What the teacher wants done at some seats, or at all that are open."""

    async def post(self) -> None:
        if not self.current_user:
            raise HTTPError(403, "log in again: open your link")
        if len(self.request.body) > MOST_BYTES:
            raise HTTPError(413, "that is too much to send")
        wish, names, text = self._read()
        try:
            request = make_request(wish, text)
        except UserError as error:
            raise HTTPError(400, "%s", error.in_one_line) from None
        asked = present_among(self.room, names)
        if wish in {"freeze", "thaw"}:
            self.room.freeze((text or EYES_ON_ME) if wish == "freeze" else None)
        commands = cast(SeatCommands, self.settings["commands"])
        outcomes = await commands.send(asked, request)
        closed = [name for name in names or () if name not in asked]
        problems = [{"name": o.name, "problem": o.problem} for o in outcomes if o.problem]
        problems += [{"name": name, "problem": "the seat is closed"} for name in closed]
        done = [outcome.name for outcome in outcomes if not outcome.problem]
        for name in done if wish == "end" else ():
            self.room.note_end(name)
        self.set_header("Content-Type", "application/json")
        self.finish(to_json({"done": done, "problems": problems}))

    def _read(self) -> tuple[str, list[str] | None, str]:
        try:
            data = json.loads(self.request.body)
            wish, names, text = data["ask"], data.get("names"), data.get("text", "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise HTTPError(400, "a wish is a line of JSON with `ask`") from None
        known = self.room.seats
        is_list = isinstance(names, list) and all(isinstance(name, str) and name in known for name in names)
        if not (isinstance(wish, str) and isinstance(text, str) and (names is None or is_list)):
            raise HTTPError(400, "`ask` and `text` are strings, `names` are those of students")
        if names is None and wish in {"restart", "reset", "end"}:
            raise HTTPError(400, "say whose lab is meant")
        if names is not None and wish in {"freeze", "thaw"}:
            raise HTTPError(400, "everybody looks up, or nobody")
        return wish, names, text


class CallbackHandler(_SharedLogin, HubOAuthCallbackHandler, _Headers):  # type: ignore[misc]
    """Where the hub sends a teacher back to after the login."""


class PartHandler(StaticFileHandler, _Headers):
    """The page's style and script: no secret is in them."""

    def set_default_headers(self) -> None:
        _Headers.set_default_headers(self)

    def set_extra_headers(self, _path: str) -> None:
        self.set_header("Cache-Control", "no-cache")
