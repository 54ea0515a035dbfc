"""The page of a seat in a browser, without a hub: what it does when the network vanishes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from hatlab.classroom.seat import handlers
from hatlab.classroom.seat.hub_login import HubOAuth
from hatlab.classroom.seat.lab_link import LabLink
from hatlab.classroom.seat.seat import Seat
from hatlab.classroom.seat.server import make_application
from hatlab.classroom.setup import parts_folder
from tests.classroom.seat_parts import echo_seat
from tests.classroom.test_seat import until
from tests.classroom.test_seat_server import ENVIRONMENT
from tests.support.browser import CHROMIUM, running_browser
from tests.support.relay import running_relay

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
SHOWN = "terminal.buffer.active.getLine(0).translateToString(true)"
STATE = "state.textContent"
LATER = "window.skew = 0; const real = Date.now; Date.now = () => real() + window.skew"


@pytest_asyncio.fixture
async def seat_and_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: None
) -> AsyncIterator[tuple[Seat, int]]:
    async def no_hub(*_: Any, **__: Any) -> None:
        pass

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(handlers._Handler, "get_current_user", lambda _: {"kind": "user", "name": "s01"})
    monkeypatch.setattr(HubOAuth, "get_user", no_hub)
    seat = echo_seat(tmp_path, parts=str(parts_folder()))
    served = HTTPServer(make_application(seat, LabLink(tmp_path)))
    sockets = bind_sockets(0, "127.0.0.1")
    served.add_sockets(sockets)
    yield seat, sockets[0].getsockname()[1]
    served.stop()
    await served.close_all_connections()
    await seat.close()


async def test_a_page_notices_a_network_that_vanishes_and_comes_back_to_the_same_screen(
    seat_and_port: tuple[Seat, int],
) -> None:
    """A closed lid, a lost network: nothing is closed, nothing comes. Only keys under way are lost."""
    seat, port = seat_and_port

    def sit() -> None:
        with running_browser() as browser, running_relay(port) as relay:
            page = browser.new_page()
            page.call("Page.addScriptToEvaluateOnNewDocument", source=LATER)
            page.visit(f"http://127.0.0.1:{relay.port}/user/s01/", ready=f"{SHOWN}.startsWith('drawn ')")
            page.press("a")
            page.wait_for(f"{SHOWN}.endsWith('typed a;')")
            relay.fall_silent()
            for _ in range(2):  # the first takes it for dead; what it opens then is as dead
                page.run("skew += 26000")
                page.wait_for("state.classList.contains('trouble')")
                assert page.run(STATE).startswith("The connection is lost. Your lab goes on;")
                page.wait_for("socket !== null && socket.readyState === WebSocket.CONNECTING")
            page.press("b")
            relay.go_on()
            page.wait_for(f"{STATE} === '' && {SHOWN}.startsWith('drawn ')")
            page.press("c")
            page.wait_for(f"{SHOWN}.endsWith('typed c;')")
            page.open_address("about:blank")
            page.close()

    await asyncio.to_thread(sit)
    await until(lambda: not seat.pages)
    assert seat.terminal.is_running
