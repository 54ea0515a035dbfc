"""The stream to an agent, over a socket pair."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from hatlab.engine.docker.agent_link import AgentLink, Demultiplexer
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

    def __init__(self) -> None:
        near, self.far = socket.socketpair()
        self.facts: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self.last_words = ""
        self.link = AgentLink("db1", near, lambda _, facts: self.facts.extend(facts), self._on_end)
        self._lines = self.far.makefile("r")

    def _on_end(self, _: str, last_words: str) -> None:
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
