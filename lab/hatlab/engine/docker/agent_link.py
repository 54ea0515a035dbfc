"""The stream to one container's agent over Docker's attach socket: requests in, facts and replies out."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from hatlab.engine.action_outcomes import node_is_off
from hatlab.engine.docker.sockets import close_socket
from hatlab.errors import ActionFailed

Message = dict[str, Any]
"""One JSON line: a request, a reply or a fact; see compose/agent/__init__.py."""

BOOT_TIMEOUT = 30.0
"""Seconds that an agent may take to answer first: six labs that start at once on two cores need over five."""


class Stream(Protocol):
    """The part of a socket that a link uses."""

    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def close(self) -> None: ...


class Demultiplexer:
    """Undoes Docker's framing of an attached stream without a terminal: 8 bytes of head, then the payload."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return (stream, payload) of each frame that is complete now; stream 1 is stdout, 2 stderr."""
        buffer = self._buffer
        buffer += data
        frames: list[tuple[int, bytes]] = []
        at = 0
        while len(buffer) - at >= 8:
            size = int.from_bytes(buffer[at + 4 : at + 8])
            if len(buffer) - at - 8 < size:
                break
            frames.append((buffer[at], bytes(buffer[at + 8 : at + 8 + size])))
            at += 8 + size
        del buffer[:at]
        return frames


class AgentLink:
    """One container's agent.

    Args:
        name: of the node.
        stream: the attached socket.
        on_facts: takes the node and the facts of one read, in the agent's order; called on the link's thread.
        on_end: takes the node and its last words on stderr; called once, when the stream ends.
    """

    def __init__(
        self,
        name: str,
        stream: Stream,
        on_facts: Callable[[str, list[Message]], None],
        on_end: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self._stream = stream
        self._on_facts, self._on_end = on_facts, on_end
        self._request_ids = itertools.count(1)
        self._pending: dict[int, tuple[threading.Event, list[Message]]] = {}
        self._sending = threading.Lock()
        self._stderr: deque[str] = deque(maxlen=5)
        self.ended = False
        threading.Thread(target=self._read, name=f"link-{name}", daemon=True).start()

    def request(self, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Send a request and wait for its reply.

        Raises:
            ActionFailed: the agent refused it, does not answer, or is gone.
        """
        request_id = next(self._request_ids)
        answered, replies = threading.Event(), []  # type: tuple[threading.Event, list[Message]]
        self._pending[request_id] = (answered, replies)
        try:
            self.send({"id": request_id, "do": do, **fields})
            answered.wait(timeout)
        except OSError:
            raise node_is_off(self.name) from None
        finally:
            self._pending.pop(request_id, None)
        if not replies:
            if self.ended:
                last = f": {self._stderr[-1]}" if self._stderr else ""
                raise ActionFailed(f"{self.name} stopped before it answered{last}", definite=False)
            raise ActionFailed(f"{self.name} did not answer within {timeout:g} s", definite=False)
        reply = replies[0]
        if not reply.get("ok"):
            raise ActionFailed(str(reply.get("error")), definite=bool(reply.get("definite", False)))
        return reply

    def send(self, message: Message) -> None:
        """Write one line to the agent.

        Raises:
            OSError: the stream is closed.
        """
        if self.ended:
            raise OSError("closed")
        with self._sending:
            self._stream.sendall(json.dumps(message).encode() + b"\n")

    def clock_offset(self, tries: int = 5) -> tuple[float, float]:
        """Return (our clock minus the agent's, its uncertainty) in seconds, from the quickest round trip."""
        best = (0.0, float("inf"))
        for _ in range(tries):
            before = time.monotonic()
            t = self.request("ping", timeout=BOOT_TIMEOUT)["t"]
            after = time.monotonic()
            if after - before < best[1]:
                best = ((before + after) / 2 - t, after - before)
        return best

    def close(self) -> None:
        """End the stream; `on_end` is called unless it has been."""
        close_socket(self._stream)

    def _read(self) -> None:
        frames, rest = Demultiplexer(), b""
        try:
            while data := self._stream.recv(65536):
                for stream, payload in frames.feed(data):
                    if stream == 2:
                        self._stderr.extend(payload.decode("utf-8", "replace").splitlines())
                        continue
                    *lines, rest = (rest + payload).split(b"\n")
                    self._dispatch([json.loads(line) for line in lines])
        except (OSError, ValueError) as error:
            self._stderr.append(str(error))
        finally:
            self.ended = True
            close_socket(self._stream)
            for answered, _ in list(self._pending.values()):
                answered.set()
            self._on_end(self.name, "\n".join(self._stderr))

    def _dispatch(self, messages: list[Message]) -> None:
        facts = []
        for message in messages:
            if "reply" not in message:
                facts.append(message)
            elif message["reply"] in self._pending:
                answered, replies = self._pending[message["reply"]]
                replies.append(message)
                answered.set()
        if facts:
            self._on_facts(self.name, facts)
