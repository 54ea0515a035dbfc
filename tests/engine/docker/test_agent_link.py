"""The stream to an agent, over a socket pair."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from hatlab.engine.docker.agent_link import MOST_OF_A_LINE, AgentLink, Demultiplexer
from hatlab.errors import ActionFailed


def framed(payload: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4) + payload


def test_a_stream_may_be_cut_anywhere() -> None:
    data = framed(b"one") + framed(b"two", 2) + framed(b"")
    demultiplexer, frames = Demultiplexer(), []
    for k in range(len(data)):
        frames += demultiplexer.feed(data[k : k + 1])
    assert frames == [(1, b"one"), (2, b"two"), (1, b"")]


class FarAgent:
    """The far end of a link."""

    def __init__(self, token: str = "") -> None:
        near, self.far = socket.socketpair()
        self.facts: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self.last_words = ""
        self.strange: list[int] = []
        self.link = AgentLink(
            "db1",
            near,
            lambda _, facts: self.facts.extend(facts),
            self._on_end,
            lambda _, count: self.strange.append(count),
            token,
        )
        self._lines = self.far.makefile("r")

    def _on_end(self, _: AgentLink, last_words: str) -> None:
        self.last_words = last_words
        self.ended.set()

    def answer(self, **reply: Any) -> None:
        command = json.loads(self._lines.readline())
        self.far.sendall(framed(json.dumps({"reply": command["id"], **reply}).encode() + b"\n"))

    def close(self) -> None:
        self._lines.close()
        self.far.close()


@pytest.fixture
def far() -> Any:
    agent = FarAgent()
    yield agent
    agent.link.close()
    agent.close()


def test_a_request_gets_its_reply_while_facts_go_to_the_callback(far: FarAgent) -> None:
    far.far.sendall(framed(b'{"t":1,"kind":"log"}\n{"t":2,'))
    threading.Thread(target=far.answer, kwargs={"ok": True, "effect": "done"}, daemon=True).start()
    far.far.sendall(framed(b'"kind":"log"}\n'))
    assert far.link.request("kill", service="mysqld")["effect"] == "done"
    assert [fact["t"] for fact in far.facts] == [1, 2]


def test_a_refusal_keeps_the_agent_s_words(far: FarAgent) -> None:
    refusal = {"ok": False, "error": "it is down", "definite": True}
    threading.Thread(target=far.answer, kwargs=refusal, daemon=True).start()
    with pytest.raises(ActionFailed, match="it is down") as caught:
        far.link.request("kill")
    assert caught.value.definite


def test_a_request_without_a_reply_is_not_definitely_undone(far: FarAgent) -> None:
    with pytest.raises(ActionFailed, match="did not answer") as caught:
        far.link.request("kill", timeout=0.05)
    assert not caught.value.definite
    far.far.sendall(framed(b"Traceback: it broke\n", 2))
    far.close()
    assert far.ended.wait(5)
    assert "it broke" in far.last_words
    with pytest.raises(ActionFailed, match="db1 is off"):
        far.link.request("kill")


STRANGE = [
    b"plain text",
    b"",
    b"{",
    b"[1]",
    b"null",
    b'{"t":1}',
    b'{"kind":"log"}',
    b'{"t":true,"kind":"log"}',
    b'{"t":"1","kind":"log"}',
    b'{"t":NaN,"kind":"log"}',
    b'{"t":Infinity,"kind":"log"}',
    b'{"t":1e999,"kind":"log"}',
    b'{"t":1,"kind":["log"]}',
    b'{"reply":[1],"ok":true}',
    b'{"reply":1}',
    b'{"reply":1,"ok":true,"t":"x"}',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"t":1,"kind":' + b"[" * 50_000,
    b"1" * 10_000,
    b"x" * (3 * 2**20),
    b"y" * (MOST_OF_A_LINE + 1),
]
"""What a learner may write to the standard output of a node."""


def test_a_strange_line_is_counted_and_the_next_one_read(far: FarAgent) -> None:
    threading.Thread(target=far.answer, kwargs={"ok": True, "effect": "done"}, daemon=True).start()
    for line in STRANGE:
        for at in range(0, len(line) + 1, 32_768):
            far.far.sendall(framed(line[at : at + 32_768]))
        far.far.sendall(framed(b"\n"))
    far.far.sendall(framed(b'{"t":2,"kind":"log"}\n'))
    assert far.link.request("kill")["effect"] == "done"
    assert [fact["t"] for fact in far.facts] == [2]
    assert sum(far.strange) == len(STRANGE)
    assert not far.link.ended


def test_only_lines_with_the_agent_s_token_count() -> None:
    far = FarAgent("secret")
    try:
        far.far.sendall(framed(b'{"t":1,"kind":"log"}\nno end of a line'))
        far.far.sendall(framed(b'secret{"t":2,"kind":"log"}\n'))
        far.close()
        assert far.ended.wait(5)
        assert [fact["t"] for fact in far.facts] == [2]
        assert far.strange == [1]
    finally:
        far.link.close()


def test_a_stream_that_is_none_of_docker_s_ends(far: FarAgent) -> None:
    far.far.sendall(b"HTTP/1.1 500 oh no")
    assert far.ended.wait(5)
    assert "damaged" in far.last_words
