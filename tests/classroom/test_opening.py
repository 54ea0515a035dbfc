"""Nobody is sent to a seat that does not answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from jinja2 import Environment, FileSystemLoader

from hatlab.classroom.hub import opening
from hatlab.classroom.hub.refusal import FULL_MACHINE, SeatNotStartedError


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def spawner_at(port: int, polled: int | None) -> SimpleNamespace:
    server = SimpleNamespace(ip="127.0.0.1", port=port)
    return SimpleNamespace(server=server, poll_and_notify=AsyncMock(return_value=polled))


async def test_a_seat_that_takes_connections_is_there(listening: socket.socket) -> None:
    spawner = spawner_at(listening.getsockname()[1], None)
    assert await opening.is_there(spawner)
    spawner.poll_and_notify.assert_not_called()


@pytest.mark.parametrize(("polled", "goes_on"), [(None, False), (1, True)], ids=["not known", "has ended"])
async def test_a_seat_that_takes_none_is_asked_for(
    listening: socket.socket, polled: int | None, goes_on: bool
) -> None:
    port = listening.getsockname()[1]
    listening.close()
    assert await opening.is_there(spawner_at(port, polled)) is goes_on


async def test_a_machine_that_answers_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "open_connection", never)
    monkeypatch.setattr(opening, "_ANSWERS_WITHIN", 0.01)
    assert not await opening.is_there(spawner_at(1, None))


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (SeatNotStartedError("2 MB are free", FULL_MACHINE), FULL_MACHINE),
        (ValueError("x"), "That did not work"),
    ],
)
def test_who_gets_no_seat_reads_why_at_once(problem: Exception, sentence: str) -> None:
    """An error's page is all that a student sees of a seat that is refused as soon as it is asked for."""
    templates = Environment(loader=FileSystemLoader(Path(opening.__file__).parent / "templates"))
    page = templates.get_template("error.html").render(status_code=500, exception=problem, base_url="/hub/")
    assert sentence in page
    assert "/hub/spawn" in page
