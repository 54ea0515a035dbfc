"""What a teacher wants done, sent to the seats through the class's proxy."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from hatlab.errors import UserError
from hatlab.util.visible import show_controls

Wish = Literal["tell", "freeze", "thaw", "restart", "reset", "end"]
FROZEN_FOR = 60.0
"""Seconds that everybody is asked to look up for, unless asked again: a board that ends holds nobody."""
LONGEST_TEXT = 500
_ANSWER_WITHIN = {"reset": 40.0, "end": 20.0}
_MOST_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a wish at one seat."""

    name: str
    problem: str = ""
    """Empty if it was done."""


def make_request(wish: str, text: str = "") -> dict[str, Any]:
    """Return a wish as a seat takes it.

    Raises:
        UserError: there is no such wish, or its text is too long, or missing.
    """
    if len(text) > LONGEST_TEXT:
        raise UserError(f"the line has {len(text)} characters", f"it may have {LONGEST_TEXT} at most")
    match wish:
        case "tell" if text.strip():
            return {"ask": "tell", "text": text}
        case "tell":
            raise UserError("there is nothing to send", "write a line first")
        case "freeze":
            return {"ask": "freeze", "text": text, "seconds": FROZEN_FOR}
        case "thaw" | "restart":
            return {"ask": wish}
        case "reset":
            return {"ask": "do", "words": ["reset"]}
        case "end":
            return {"ask": "end"}
        case other:
            raise UserError(f"a seat cannot be asked to {show_controls(other[:40])!r}")


class SeatCommands:
    """Sends what is wanted to seats.

    Args:
        address: of the class's proxy, without a slash at its end.
        token: the board's own.
    """

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token
        self._client = AsyncHTTPClient(force_instance=True, max_clients=_MOST_AT_ONCE)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, names: Iterable[str], request: dict[str, Any]) -> list[Outcome]:
        """Ask seats at the same time; what one of them answers concerns no other.

        That somebody is to look up, and may go on, reaches each seat in the order in which it was wanted.
        """
        send = self._send_in_turn if request["ask"] in {"freeze", "thaw"} else self._send_one
        return await asyncio.gather(*(send(name, request) for name in names))

    async def _send_in_turn(self, name: str, request: dict[str, Any]) -> Outcome:
        async with self._turns[name]:
            return await self._send_one(name, request)

    async def _send_one(self, name: str, request: dict[str, Any]) -> Outcome:
        wish = "reset" if request["ask"] == "do" else request["ask"]
        try:
            answer = await self._client.fetch(
                HTTPRequest(
                    f"{self._address}/user/{quote(name)}/command",
                    method="POST",
                    headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
                    body=json.dumps(request),
                    connect_timeout=3,
                    request_timeout=_ANSWER_WITHIN.get(wish, 6.0),
                    follow_redirects=False,
                    validate_cert=False,  # it is the class's own proxy, by its number
                ),
                raise_error=False,
            )
        except OSError as error:
            return Outcome(name, f"the seat cannot be reached: {error.strerror or error}")
        if answer.code == 200:
            return Outcome(name)
        return Outcome(name, _read_problem(answer.code, answer.body if answer.code != 599 else b""))


def _read_problem(code: int, body: bytes) -> str:
    """Return why a seat did not do something, in a sentence."""
    try:
        said = json.loads(body)["error"]["message"]
        if isinstance(said, str):
            return show_controls(said[:300], keep="")
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    match code:
        case 599:
            return "the seat does not answer"
        case 403 | 302 | 401:
            return "the hub does not let the board open this seat"
        case 404 | 424 | 503:
            return "the seat is closed"
        case _:
            return f"the seat answered {code}"
