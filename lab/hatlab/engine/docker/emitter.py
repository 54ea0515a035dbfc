"""The lab's clock, and what the engine itself tells: phases, the power of nodes, ticks."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hatlab import events as e
from hatlab.engine.base import Emit


class Telling:
    """Events on their way to whoever started the lab; before that they go nowhere.

    Attributes:
        began: when the lab began, on this process's monotonic clock.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._emit: Emit = lambda _: None

    def begin(self, emit: Emit) -> None:
        """The lab begins now."""
        self._emit = emit
        self.began = time.monotonic()

    def now(self) -> float:
        """Seconds since the lab began."""
        return time.monotonic() - self.began

    def events(self, events: Sequence[e.Event]) -> None:
        self._emit(events)

    def tick(self) -> None:
        self._emit([e.Tick(at=self.now())])

    def node(self, node: str, state: str, reason: str = "") -> None:
        """A node's power."""
        self._emit([e.Node(at=self.now(), node=node, state=state, reason=reason)])

    def phase(self, name: str, done: bool = True, detail: str = "") -> None:
        """A phase of the lab's start or end: it begins, or is done."""
        self._emit([e.Phase(at=self.now(), name=name, done=done, detail=detail)])
