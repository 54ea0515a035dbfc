"""Facts and replies on their way to stdout."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from typing import Any

Fact = dict[str, Any]


class Output:
    """Takes facts and replies from any thread; the main loop writes them sorted by their time.

    Args:
        wake: a descriptor that gets a byte with each message, so that the main loop stops waiting.
    """

    def __init__(self, wake: int) -> None:
        self._wake = wake
        self.token: str | None = ""
        """Stands before each line; None until it is known: then nothing is written yet."""
        self._queue: deque[Fact] = deque()

    def put(self, kind: str, t: float | None = None, **fields: Any) -> None:
        """Report a fact; `t` is now if left out."""
        self.put_message({"t": time.monotonic() if t is None else t, "kind": kind, **fields})

    def put_message(self, message: Fact) -> None:
        """Send a fact or a reply as it is."""
        self._queue.append(message)
        self.wake()

    def wake(self) -> None:
        """End the main loop's wait."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake, b".")

    def flush(self) -> None:
        """Write all messages so far, once the token is known."""
        if self.token is None:
            return
        messages = [self._queue.popleft() for _ in range(len(self._queue))]
        if messages:
            messages.sort(key=lambda message: float(message.get("t", 0.0)))
            lines = "".join(
                f"{self.token}{json.dumps(message, separators=(',', ':'))}\n" for message in messages
            )
            data = memoryview(lines.encode())
            while data:
                data = data[os.write(1, data) :]
