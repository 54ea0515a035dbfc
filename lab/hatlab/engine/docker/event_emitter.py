"""The lab's clock, and the events that the engine itself emits: phases, the power of nodes, ticks."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hatlab import events as e
from hatlab.engine.base import Emit


class EventEmitter:
    """Passes events to whoever started the lab; before the start they are dropped."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        """When the lab began, on this process's monotonic clock."""
        self._emit: Emit = lambda _: None

    def begin(self, emit: Emit) -> None:
        """Start the lab's clock."""
        self._emit = emit
        self.began = time.monotonic()

    def now(self) -> float:
        """Seconds since the lab began."""
        return time.monotonic() - self.began

    def emit(self, events: Sequence[e.Event]) -> None:
        """Pass events on."""
        self._emit(events)

    def tick(self) -> None:
        """Emit the time."""
        self._emit([e.Tick(at=self.now())])

    def power(self, node: str, state: str, reason: str = "") -> None:
        """Emit a node's power: `on`, `off` or `paused`."""
        self._emit([e.Node(at=self.now(), node=node, state=state, reason=reason)])

    def phase(self, name: str, done: bool = True, detail: str = "") -> None:
        """Emit that a phase of the lab's start or end begins, or is done."""
        self._emit([e.Phase(at=self.now(), name=name, done=done, detail=detail)])
