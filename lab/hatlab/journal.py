"""Everything that happened in a session, in order, also what was undone when time was set back."""

from __future__ import annotations

import queue
from dataclasses import dataclass

from hatlab import events as e


@dataclass(frozen=True, slots=True)
class SetBack:
    """Time was set back."""

    at: float
    """The moment until which the lab had come, s."""
    to: float
    """The moment to which it was set back, s."""
    facts: int
    """Facts that still count, from the lab's beginning on."""


class Journal:
    """A queue of all that happens, which one thread drains; a `Reader` instead is told what counts now."""

    def __init__(self) -> None:
        self._entries: queue.SimpleQueue[e.Event | SetBack] = queue.SimpleQueue()

    def put(self, entry: e.Event | SetBack) -> None:
        """Add what happened. Any thread."""
        self._entries.put(entry)

    def drain(self, timeout: float = 0.0) -> list[e.Event | SetBack]:
        """Return what happened since the last call; wait for something for at most `timeout` seconds."""
        entries: list[e.Event | SetBack] = []
        try:
            entries.append(self._entries.get(timeout=timeout) if timeout else self._entries.get_nowait())
            while True:
                entries.append(self._entries.get_nowait())
        except queue.Empty:
            return entries
