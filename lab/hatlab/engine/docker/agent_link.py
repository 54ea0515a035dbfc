"""The stream to one container's agent over Docker's attach socket: requests in, facts and replies out.

A learner is root in the container, so anything may stand on its standard output. The agent is told a token on
its standard input and puts it before each of its lines; what has none, or is no message, is counted and left
out, and reading goes on.
"""

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

MOST_OF_A_LINE = 4 * 2**20
"""Bytes of an agent's line at most; the longest are replies with what a statement selected."""
_MOST_OF_A_FRAME = 16 * 2**20
"""Bytes of a frame of Docker's at most; it makes them of 32 KB."""
_LATEST = 1e12
"""Seconds: no clock of an agent shows more."""
_MOST_OF_LAST_WORDS = 500
"""Characters that are kept of a line on stderr."""


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
        """Return (stream, payload) of each frame that is complete now; stream 1 is stdout, 2 stderr.

        Raises:
            ValueError: this is no such stream.
        """
        buffer = self._buffer
        buffer += data
        frames: list[tuple[int, bytes]] = []
        at = 0
        while len(buffer) - at >= 8:
            size = int.from_bytes(buffer[at + 4 : at + 8])
            if size > _MOST_OF_A_FRAME:
                raise ValueError("the engine's stream is damaged")
            if len(buffer) - at - 8 < size:
                break
            frames.append((buffer[at], bytes(buffer[at + 8 : at + 8 + size])))
            at += 8 + size
        del buffer[:at]
        return frames


class Lines:
    """Cuts a stream into lines; of one that is too long nothing is kept."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skips = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete now; an empty one stands for one that was too long."""
        first, *others = data.split(b"\n")
        lines = []
        for part in others:
            self._add(first)
            lines.append(bytes(self._rest))
            self._rest.clear()
            self._skips = False
            first = part
        self._add(first)
        return lines

    def _add(self, part: bytes) -> None:
        self._skips = self._skips or len(self._rest) + len(part) > MOST_OF_A_LINE
        if self._skips:
            self._rest.clear()
        else:
            self._rest += part


def read_message(line: bytes, token: str = "") -> Message | None:
    """Return the fact or reply of a line; None if it is neither, or has not the agent's token.

    What stands before the token was written by somebody else, without the end of a line.
    """
    _, found, text = line.partition(token.encode()) if token else (b"", b"", line)
    if token and not found:
        return None
    try:
        message = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    if "reply" in message:
        is_sound = type(message["reply"]) is int and type(message.get("ok")) is bool
        return message if is_sound and _is_moment(message.get("t", 0.0)) else None
    return message if isinstance(message.get("kind"), str) and _is_moment(message.get("t")) else None


def _is_moment(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < _LATEST


def _refuse_constant(word: str) -> float:
    raise ValueError(word)


class AgentLink:
    """One container's agent.

    Args:
        name: of the node.
        stream: the attached socket.
        on_facts: takes the node and the facts of one read, in the agent's order; called on the link's thread.
        on_end: takes the link and its last words on stderr; called once, when the stream ends.
        on_strange: takes the node and the number of lines that are no messages.
        token: stands before each of the agent's lines.
    """

    def __init__(
        self,
        name: str,
        stream: Stream,
        on_facts: Callable[[str, list[Message]], None],
        on_end: Callable[[AgentLink, str], None],
        on_strange: Callable[[str, int], None] = lambda *_: None,
        token: str = "",
    ) -> None:
        self.name, self.token = name, token
        self._stream = stream
        self._on_facts, self._on_end, self._on_strange = on_facts, on_end, on_strange
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
        frames, stdout = Demultiplexer(), Lines()
        try:
            while data := self._stream.recv(65536):
                for stream, payload in frames.feed(data):
                    if stream == 2:
                        words = payload[-_MOST_OF_LAST_WORDS:].decode("utf-8", "replace")
                        self._stderr.extend(words.splitlines())
                    else:
                        self._dispatch(stdout.feed(payload))
        except (OSError, ValueError) as error:
            self._stderr.append(str(error))
        finally:
            self.ended = True
            close_socket(self._stream)
            for answered, _ in list(self._pending.values()):
                answered.set()
            self._on_end(self, "\n".join(self._stderr))

    def _dispatch(self, lines: list[bytes]) -> None:
        facts, strange = [], 0
        for line in lines:
            message = read_message(line, self.token)
            if message is None:
                strange += 1
            elif "reply" not in message:
                facts.append(message)
            elif message["reply"] in self._pending:
                answered, replies = self._pending[message["reply"]]
                replies.append(message)
                answered.set()
        if strange:
            self._on_strange(self.name, strange)
        if facts:
            self._on_facts(self.name, facts)
