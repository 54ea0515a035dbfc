"""A student without a browser: follows a link as one does, and talks to the seat through a real websocket."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Any

import aiohttp

_XSRF = re.compile(r'data-xsrf="([^"]+)"')
_REFRESH = re.compile(r'http-equiv="refresh" content="([\d.]+)(?:; url=([^"]+))?"')
PATIENCE = 180.0


class Learner:
    """Somebody with a link.

    Args:
        link: theirs.
        size: rows and columns of their window.
    """

    def __init__(self, link: str, size: tuple[int, int] = (35, 120)) -> None:
        self._link, self._size = link, size
        self._origin = link[: link.index("/", len("https://"))]
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.output = b""
        """What came since the last look."""
        self.bytes = 0
        """What came at all."""
        self.notice: dict[str, Any] = {}
        """What the seat said last of itself."""

    async def open_page(self, path: str = "", on_page: Callable[[str], None] = lambda _text: None) -> str:
        """Follow the link, or a path, as a browser does, to a page of a seat; return its address.

        Args:
            path: in place of the link.
            on_page: hears what each page on the way says.

        Raises:
            AssertionError: it leads elsewhere.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        url, until = (path and self._origin + path) or self._link, time.monotonic() + PATIENCE
        while True:
            headers = {"Sec-Fetch-Mode": "navigate"}
            async with self._session.get(
                url, headers=headers, timeout=aiohttp.ClientTimeout(PATIENCE)
            ) as answer:
                text, here = await answer.text(), str(answer.url)
                if found := _XSRF.search(text):
                    self._xsrf = found[1]
                    self._seat = re.sub(r"(/user/[^/]+/).*", r"\1", here)
                    return here
                on_page(text)
                again = _REFRESH.search(text)
                assert again, (answer.status, here, text[-400:])
                assert time.monotonic() < until, here
            url = self._origin + again[2] if again[2] else here
            await asyncio.sleep(float(again[1]))

    @property
    def seat_path(self) -> str:
        """The path of the seat's page."""
        return self._seat.removeprefix(self._origin)

    async def text_of(self, path: str) -> str:
        """Return what a page of the hub says."""
        assert self._session is not None
        async with self._session.get(self._origin + path, headers={"Sec-Fetch-Mode": "navigate"}) as answer:
            return await answer.text()

    async def connect(self, query: str = "") -> None:
        """Open the seat's terminal."""
        assert self._session is not None
        address = f"{self._seat}terminal?_xsrf={self._xsrf}&{query}"
        headers = {"Origin": self._origin, "Sec-Fetch-Mode": "websocket"}
        self._socket = await self._session.ws_connect(address, headers=headers, max_msg_size=0)
        self._reading = asyncio.create_task(self._read(self._socket))
        await self._socket.send_json({"size": self._size})

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.notice = json.loads(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                self.output += message.data
                self.bytes += len(message.data)
            async with self._news:
                self._news.notify_all()

    async def type_keys(self, keys: bytes) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(keys)

    async def sees(self, text: bytes, within: float = PATIENCE) -> None:
        """Wait until something is drawn; what was drawn up to now is forgotten then."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: text in self.output)
        self.output = b""

    async def hears(self, key: str, within: float = PATIENCE) -> None:
        """Wait until the seat says something of itself."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: self.notice.get(key))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            await self._reading
        if self._session is not None:
            await self._session.close()
