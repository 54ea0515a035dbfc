"""A seat's server: who may come in, what a socket takes, what the board may ask."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import create_signed_value
from tornado.websocket import WebSocketClientConnection, websocket_connect

from hatlab.classroom.seat import handlers
from hatlab.classroom.seat.hub_login import HubOAuth
from hatlab.classroom.seat.lab_link import LabLink
from hatlab.classroom.seat.seat import Seat
from hatlab.classroom.seat.server import make_application
from tests.classroom.seat_parts import echo_seat
from tests.classroom.test_seat import until

PEOPLE: dict[str, dict[str, Any]] = {
    "s01": {"kind": "user", "name": "s01"},
    "teacher": {"kind": "user", "name": "teacher"},
    "board": {"kind": "service", "name": "board"},
}
"""Whom the hub lets into the seat of s01, by the header that says here who asks."""


ENVIRONMENT = {
    "JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
    "JUPYTERHUB_BASE_URL": "/", "JUPYTERHUB_SERVICE_PREFIX": "/user/s01/",
    "JUPYTERHUB_CLIENT_ID": "c", "JUPYTERHUB_HOST": "",
}  # fmt: skip


class SeatServer:
    """The server of s01's seat, asked as somebody whom the hub knows."""

    def __init__(self, seat: Seat, port: int, cookie_secret: bytes) -> None:
        self.seat, self.cookie_secret = seat, cookie_secret
        self.address = f"http://127.0.0.1:{port}/user/s01/"
        self._sockets: list[WebSocketClientConnection] = []

    async def ask(self, who: str, path: str = "", **options: Any) -> HTTPResponse:
        headers = {"X-Who": who, **options.pop("headers", {})}
        return await AsyncHTTPClient().fetch(
            self.address + path, headers=headers, raise_error=False, follow_redirects=False, **options
        )

    async def connect(self, who: str, query: str = "", **headers: str) -> WebSocketClientConnection:
        page = await self.ask(who, query and f"?{query}")
        found = re.search(r'data-xsrf="([^"]+)"', page.body.decode())
        assert found is not None
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        address = f"{self.address.replace('http', 'ws')}terminal?_xsrf={found[1]}&{query}"
        socket = await websocket_connect(
            HTTPRequest(address, headers={"X-Who": who, "Cookie": cookie, **headers})
        )
        self._sockets.append(socket)
        return socket

    async def close(self) -> None:
        async with asyncio.timeout(30):
            while self._sockets:
                socket = self._sockets.pop()
                socket.close()
                while socket.close_code is None and await socket.read_message() is not None:
                    pass


async def read_until(socket: WebSocketClientConnection, text: bytes) -> list[dict[str, Any]]:
    """Read until hatlab has drawn something; return what the seat said besides."""
    output, notices = b"", []
    async with asyncio.timeout(30):
        while text not in output:
            message = await socket.read_message()
            assert message is not None, f"closed: {socket.close_code}"
            if isinstance(message, bytes):
                output += message
            else:
                notices.append(json.loads(message))
    return notices


@pytest_asyncio.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SeatServer]:
    def who_asks(handler: Any) -> dict[str, Any] | None:
        handler._token_authenticated = "Authorization" in handler.request.headers
        return PEOPLE.get(handler.request.headers.get("X-Who", ""))

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(handlers._Handler, "get_current_user", who_asks)
    monkeypatch.setattr(HubOAuth, "get_user", AsyncMock())
    seat = echo_seat(tmp_path)
    application = make_application(seat, LabLink(tmp_path))
    served = HTTPServer(application)
    sockets = bind_sockets(0, "127.0.0.1")
    served.add_sockets(sockets)
    here = SeatServer(seat, sockets[0].getsockname()[1], application.settings["cookie_secret"])
    yield here
    await here.close()
    served.stop()
    await served.close_all_connections()
    await seat.close()


async def test_strangers_see_nothing_and_type_nothing(server: SeatServer) -> None:
    page = await server.ask("stranger")
    assert page.code == 302
    assert "/hub/api/oauth2/authorize" in page.headers["Location"]
    for path in ("terminal", "command"):
        options = {"method": "POST", "body": "{}"} if path == "command" else {}
        assert (await server.ask("stranger", path, **options)).code == 403
    assert not server.seat.terminal.is_running


@pytest.mark.parametrize("token", ["", "token made-up"])
async def test_a_cookie_without_the_pages_own_mark_asks_for_nothing(
    server: SeatServer, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """By JupyterHub's own login, which looks at that mark while it finds out who asks."""
    monkeypatch.undo()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    known = {**PEOPLE["s01"], "name": "teacher", "scopes": ["access:servers"]}
    monkeypatch.setattr(
        HubOAuth, "user_for_token", AsyncMock(side_effect=lambda t, **_: known if t == "k" else None)
    )
    monkeypatch.setattr(HubOAuth, "access_scopes", {"access:servers"})
    cookie = create_signed_value(server.cookie_secret, "c", "k").decode()
    headers = {"Cookie": f"c={cookie}", **({"Authorization": token} if token else {})}
    answer = await server.ask("", "command", method="POST", body='{"ask": "end"}', headers=headers)
    assert answer.code == 403
    assert not server.seat.ended.is_set()
    assert (await server.ask("", headers=headers)).code == 200, "who it is, is known"


async def test_a_page_loads_nothing_from_elsewhere(server: SeatServer) -> None:
    page = await server.ask("s01")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    text = page.body.decode()
    assert "://" not in text
    assert not re.search(r"<script(?! src=)| on\w+=|javascript:", text)
    assert (await server.ask("s01", "page/seat.js")).code == 200
    assert (await server.ask("s01", "page/seat.html")).code == 404
    assert (await server.ask("s01", "xterm/../../../seat.lock")).code == 404


async def test_a_socket_is_opened_by_the_page_alone(server: SeatServer) -> None:
    for query in ("", "_xsrf=guessed"):
        assert (await server.ask("s01", f"terminal?{query}")).code == 403
    with pytest.raises(HTTPClientError) as caught:
        await server.connect("s01", Origin="http://elsewhere.example")
    assert caught.value.code == 403


async def test_ten_tabs_show_the_same_and_too_many_are_told(server: SeatServer) -> None:
    sockets = [await server.connect("s01") for _ in range(10)]
    for socket in sockets:
        await read_until(socket, b"drawn")
    await sockets[3].write_message(b"hello", binary=True)
    for socket in sockets:
        await read_until(socket, b"typed hello;")
    for _ in range(handlers.MOST_PAGES - 10):
        await server.connect("s01")
    one_too_many = await server.connect("s01")
    while await one_too_many.read_message() is not None:
        pass
    assert one_too_many.close_code == 4009
    await server.close()
    await until(lambda: not server.seat.pages)
    assert server.seat.terminal.is_running


@pytest.mark.parametrize(
    "message", ["", "{", "[]", '{"size": [1]}', '{"size": ["a", "b"]}', '{"size": 3}', "null"]
)
async def test_nonsense_on_a_socket_harms_nothing(server: SeatServer, message: str) -> None:
    socket = await server.connect("s01")
    await socket.write_message(message)
    await socket.write_message('{"size": [31, 91]}')
    await read_until(socket, b"drawn 31 91;")


async def test_a_page_that_reads_nothing_is_closed_and_the_others_go_on(
    server: SeatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "_MOST_UNREAD", 100_000)
    socket = await server.connect("s01")
    await read_until(socket, b"drawn")
    (page,) = server.seat.pages
    for _ in range(200):  # more than a socket's buffers hold, at once
        page.send_output(b"x" * 60_000)
    await until(lambda: not server.seat.pages)
    again = await server.connect("s01")
    await read_until(again, b"drawn")


async def test_a_teacher_watches_and_helps_and_a_service_asks(server: SeatServer) -> None:
    student = await server.connect("s01")
    await read_until(student, b"drawn")
    watching = await server.connect("teacher", "watch=")
    await watching.write_message(b"sneaky", binary=True)
    helping = await server.connect("teacher", "help=")
    await helping.write_message(b"kind", binary=True)
    notices = await read_until(student, b"typed kind;")
    assert notices[-1]["others"] == [{"who": "teacher", "part": "watch"}, {"who": "teacher", "part": "help"}]

    async def command(who: str, body: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": "token t"}
        answer = await server.ask(who, "command", method="POST", body=body, headers=headers)
        return answer.code, json.loads(answer.body) if answer.body.startswith(b"{") else {}

    assert (await command("s01", '{"ask": "end"}'))[0] == 403
    assert (await command("board", "nonsense"))[0] == 400
    code, answer = await command("board", '{"ask": "tell", "text": "hello"}')
    assert (code, answer["error"]["message"]) == (409, "no lab is running at this seat")
    assert (await command("board", '{"ask": "end"}'))[1] == {"result": {"ended": "s01"}}
    assert server.seat.ended.is_set()
    notices = await read_until(student, b"") + [json.loads(str(await student.read_message()))]
    assert "ended" in notices[-1]["over"]
