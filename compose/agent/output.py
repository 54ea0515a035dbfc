"""Facts on their way to stdout."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from typing import Any

Fact = dict[str, Any]


class Output:
    """Any thread puts facts; the main loop writes them sorted by their time.

    Args:
        wake: a descriptor that gets a byte with each fact, so that the main loop stops waiting.
    """

    def __init__(self, wake: int) -> None:
        self._wake = wake
        self._queue: deque[Fact] = deque()

    def put(self, kind: str, t: float | None = None, **fields: Any) -> None:
        """Tells a fact; `t` is now if left out."""
        self.raw({"t": time.monotonic() if t is None else t, "kind": kind, **fields})

    def raw(self, fact: Fact) -> None:
        """Tells a fact or a reply as it is."""
        self._queue.append(fact)
        self.wake()

    def wake(self) -> None:
        """Ends the main loop's wait."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake, b".")

    def flush(self) -> None:
        """Writes what was put so far."""
        facts = [self._queue.popleft() for _ in range(len(self._queue))]
        if facts:
            facts.sort(key=lambda fact: float(fact.get("t", 0.0)))
            lines = "".join(json.dumps(fact, separators=(",", ":")) + "\n" for fact in facts)
            data = memoryview(lines.encode())
            while data:
                data = data[os.write(1, data) :]
