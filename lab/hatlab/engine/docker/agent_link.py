"""The stream to one container's agent: commands in, facts and replies out, over the Docker attach socket."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from hatlab.engine.docker.build import close_socket
from hatlab.errors import ActionFailed

Message = dict[str, Any]


class Stream(Protocol):
    """The part of a socket that is used here."""

    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def close(self) -> None: ...


class Demultiplexer:
    """Undoes Docker's framing of an attached stream without a terminal: 8 bytes of head, then the payload."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """(stream, payload) of each complete frame; stream 1 is stdout, 2 stderr."""
        buffer = self._buffer
        buffer += data
        out: list[tuple[int, bytes]] = []
        at = 0
        while len(buffer) - at >= 8:
            size = int.from_bytes(buffer[at + 4 : at + 8])
            if len(buffer) - at - 8 < size:
                break
            out.append((buffer[at], bytes(buffer[at + 8 : at + 8 + size])))
            at += 8 + size
        del buffer[:at]
        return out


class Link:
    """One container's agent.

    Args:
        name: of the node.
        stream: the attached socket.
        on_facts: gets the facts of one read, in the agent's order, on the link's own thread.
        on_end: called once when the stream ends, with the last words on stderr.
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
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[threading.Event, list[Message]]] = {}
        self._sending = threading.Lock()
        self._stderr: deque[str] = deque(maxlen=5)
        self.ended = False
        threading.Thread(target=self._read, name=f"link-{name}", daemon=True).start()

    def request(self, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Sends a command and waits for its reply.

        Raises:
            ActionFailed: the agent refused it, does not answer, or is gone.
        """
        number = next(self._numbers)
        event, box = threading.Event(), []  # type: tuple[threading.Event, list[Message]]
        self._waiting[number] = (event, box)
        try:
            self.send({"id": number, "do": do, **fields})
            event.wait(timeout)
        except OSError:
            raise ActionFailed(f"{self.name} is off", f"power on {self.name}") from None
        finally:
            self._waiting.pop(number, None)
        if not box:
            if self.ended:
                raise ActionFailed(f"{self.name} went off before it answered", definite=False)
            raise ActionFailed(f"{self.name} gave no answer within {timeout:g} s", definite=False)
        reply = box[0]
        if not reply.get("ok"):
            raise ActionFailed(str(reply.get("error")), definite=bool(reply.get("definite", False)))
        return reply

    def send(self, message: Message) -> None:
        """Writes one line to the agent.

        Raises:
            OSError: the stream is closed.
        """
        if self.ended:
            raise OSError("closed")
        with self._sending:
            self._stream.sendall(json.dumps(message).encode() + b"\n")

    def clock(self, tries: int = 5) -> tuple[float, float]:
        """(offset, uncertainty) of the agent's clock: ours minus its, from the quickest round trip."""
        best = (0.0, float("inf"))
        for _ in range(tries):
            before = time.monotonic()
            t = self.request("ping", timeout=5)["t"]
            after = time.monotonic()
            if after - before < best[1]:
                best = ((before + after) / 2 - t, after - before)
        return best

    def close(self) -> None:
        """Ends the stream; `on_end` is called if it had not been."""
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
                    self._take([json.loads(line) for line in lines])
        except (OSError, ValueError) as error:
            self._stderr.append(str(error))
        finally:
            self.ended = True
            close_socket(self._stream)
            for event, _ in list(self._waiting.values()):
                event.set()
            self._on_end(self.name, "\n".join(self._stderr))

    def _take(self, messages: list[Message]) -> None:
        facts = []
        for message in messages:
            if "reply" not in message:
                facts.append(message)
            elif message["reply"] in self._waiting:
                event, box = self._waiting[message["reply"]]
                box.append(message)
                event.set()
        if facts:
            self._on_facts(self.name, facts)
