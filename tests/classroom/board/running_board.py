"""A board that runs, with a tiny hub and seats that only note what they are asked."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.cookiejar import CookieJar
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.httputil import url_concat
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClientConnection, websocket_connect

from hatlab.classroom.board.commands import SeatCommands
from hatlab.classroom.board.room import Room
from hatlab.classroom.board.service import Board, make_application
from hatlab.classroom.roster import Student
from hatlab.classroom.seat.hub_login import HubOAuth

PREFIX = "/services/board/"
SCOPE = "access:services!service=board"


class FakeHub:
    """Knows tokens: `seat-NAME` is that of a seat, `browser-NAME` that of somebody's browser."""

    def __init__(self) -> None:
        self.browser_user = "teacher"
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """What seats were asked, in order."""
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}
        """How a seat answers, other than by 200."""
        self.busy: dict[str, str] = {}
        """What a seat does not get to for now."""

    def user(self, token: str) -> dict[str, Any]:
        kind, _, name = token.partition("-")
        if kind == "service":
            return {"kind": "service", "name": name, "scopes": [SCOPE]}
        if kind not in {"seat", "browser"} or not name:
            raise HTTPError(403)
        may = kind == "seat" or name == "teacher"
        return {"kind": "user", "name": name, "admin": False, "groups": [], "scopes": [SCOPE] if may else []}

    def application(self) -> Application:
        hub = self

        class User(RequestHandler):
            def get(self) -> None:
                self.finish(hub.user(self.request.headers["Authorization"].partition(" ")[2]))

        class Authorize(RequestHandler):
            def get(self) -> None:
                back = {"code": hub.browser_user, "state": self.get_argument("state")}
                self.redirect(url_concat(self.get_argument("redirect_uri"), back))

        class Token(RequestHandler):
            def check_xsrf_cookie(self) -> None:
                pass

            def post(self) -> None:
                self.finish({"access_token": f"browser-{self.get_body_argument('code')}"})

        class SeatCommand(RequestHandler):
            async def post(self, name: str) -> None:
                assert self.request.headers["Authorization"] == "token board-token"
                request = json.loads(self.request.body)
                while hub.busy.get(name) == request["ask"]:
                    await asyncio.sleep(0.01)
                hub.asked.append((name, request))
                status, body = hub.answers.get(name, (200, {"result": {}}))
                self.set_status(status)
                self.finish(body)

        routes = [
            ("/hub/api/user", User),
            ("/hub/api/oauth2/authorize", Authorize),
            ("/hub/api/oauth2/token", Token),
            (r"/user/([^/]+)/command", SeatCommand),
        ]
        return Application(routes, log_function=lambda _: None)


class RunningBoard:
    """A board on a thread of its own, and who may ask it."""

    def __init__(self, students: list[Student], clock: Callable[[], float], title: str) -> None:
        self._title = title
        self.hub, self.students, self.clock = FakeHub(), students, clock
        self._started, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self._thread.start()
        assert self._started.wait(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        hub_socket, board_socket = (bind_sockets(0, "127.0.0.1")[0] for _ in range(2))
        hub_address = f"http://127.0.0.1:{hub_socket.getsockname()[1]}"
        self.address = f"http://127.0.0.1:{board_socket.getsockname()[1]}{PREFIX}"

        async def start() -> None:
            login = HubOAuth(
                api_url=f"{hub_address}/hub/api",
                api_token="board-token",
                base_url=PREFIX,
                oauth_client_id="service-board",
                oauth_redirect_uri=f"{self.address}oauth_callback",
                oauth_authorization_url=f"{hub_address}/hub/api/oauth2/authorize",
                access_scopes={SCOPE},
            )
            room = Room(lambda: self.students, self.clock)
            self.board = Board(room, SeatCommands(hub_address, "board-token"))
            app = make_application(
                self.board, login, prefix=PREFIX, title=self._title, cookie_secret=b"secret" * 8
            )
            hub, server = HTTPServer(self.hub.application()), HTTPServer(app, max_body_size=200_000)
            hub.add_sockets([hub_socket])
            server.add_sockets([board_socket])
            self._servers = hub, server
            self._callbacks = self.board.start()

        self._loop.run_until_complete(start())
        self._started.set()
        self._loop.run_forever()
        hub_socket.close()
        board_socket.close()

    def close(self) -> None:
        async def end() -> None:
            for callback in self._callbacks:
                callback.stop()
            await asyncio.gather(*self.board._sending)  # a client's socket is closed by its answer alone
            for server in self._servers:
                await server.close_all_connections()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def run(self, work: Callable[[], object]) -> None:
        """Do something where the board does its own work."""

        async def call() -> None:
            work()

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    def report(self, name: str, lesson: dict[str, Any] | None = None, **more: Any) -> tuple[int, Any]:
        """Report as a seat does; return the status and what was said."""
        body = {
            "user": name,
            "lesson": lesson,
            "last_key": self.clock(),
            "engine": "sim",
            "sockets": 1,
            **more,
        }
        return self.post_report(json.dumps(body).encode(), f"seat-{name}")

    def post_report(self, body: bytes, token: str) -> tuple[int, Any]:
        headers = {"Authorization": f"token {token}"} if token else {}
        return ask(urllib.request.build_opener(), f"{self.address}seat", body, headers)

    @property
    def live_address(self) -> str:
        return f"{self.address.replace('http', 'ws', 1)}live"

    def log_in(self, name: str = "teacher") -> Browserlike:
        """Log in as a browser does."""
        self.hub.browser_user = name
        return Browserlike(self.address)


@asynccontextmanager
async def websocket(request: HTTPRequest) -> AsyncIterator[WebSocketClientConnection]:
    """Open a websocket for the length of a block. It is closed once the other side has agreed to that."""
    connection = await websocket_connect(request)
    try:
        yield connection
    finally:
        connection.close()
        while await connection.read_message() is not None:
            pass


class Browserlike:
    """Somebody who has opened the page: has its cookies, and what it says against forged requests."""

    def __init__(self, address: str) -> None:
        self._address, self._jar = address, CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.status, self.page, self.headers = self._open("")
        self.xsrf = self.page.partition('name="xsrf" content="')[2].partition('"')[0]

    def _open(self, path: str) -> tuple[int, str, dict[str, str]]:
        try:
            with self._opener.open(self._address + path, timeout=20) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        return ask(self._opener, self._address + path, None, {"X-XSRFToken": self.xsrf, **headers})

    def wish(self, *, xsrf: str | None = None, **request: Any) -> tuple[int, Any]:
        """Ask for something as the page does."""
        headers = {"X-XSRFToken": self.xsrf if xsrf is None else xsrf, "Sec-Fetch-Mode": "cors"}
        return ask(self._opener, f"{self._address}command", json.dumps(request).encode(), headers)


def ask(
    opener: urllib.request.OpenerDirector, address: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, Any]:
    """Return the status of an answer, and its JSON, None if it has none."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json", **headers})
    try:
        with opener.open(request, timeout=20) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read()
    return status, json.loads(text) if text else None


@contextmanager
def running_board(
    *names: str,
    students: list[Student] | None = None,
    clock: Callable[[], float] = time.time,
    title: str = "Monday & <b>Tuesday</b>",
) -> Iterator[RunningBoard]:
    """Run a board for the length of a block.

    Args:
        names: of the students, where `students` are not given.
        students: in the roster.
        title: what the class is called.
        clock: seconds since 1970; where it stands, no seat is taken for closed however slow the machine is.
    """
    board = RunningBoard(
        students or [Student(name, name.title()) for name in names or ("ada", "bo", "cy")], clock, title
    )
    try:
        yield board
    finally:
        board.close()


def lesson(**changes: Any) -> dict[str, Any]:
    """A lesson as a running lab tells it."""
    return {
        "lesson": "kill-mysqld",
        "title": "Kill mysqld",
        "step": 2,
        "steps": 4,
        "kind": "task",
        "item": "kill",
        "task": "Kill mysqld on db1.",
        "since": 5.0,
        "hints": 0,
        "wrong": 0,
        "predictions": {},
        "questions": {},
        "lab": "fine",
        "glyph": "✔",
        "paused": False,
        "frozen": None,
        "solved": 1,
        "tasks": 5,
        "finished": False,
        "clock": None,
        **changes,
    }
