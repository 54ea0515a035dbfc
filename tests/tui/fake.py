"""An engine that plays the story, for unit tests of the screen; tests of whole labs run real ones."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

from lab.actions import Action
from lab.engine.base import Emit
from lab.errors import ActionFailed, EngineError
from lab.events import Event
from tests.story import story


class FakeEngine:
    """Emits the story up to `until` at once; `tell_until` goes on. Actions are kept in `acted`.

    Args:
        until: seconds of the story that `start` tells.
        error: raised by `start` instead of becoming ready.
        refuse: raised by every action.
        findings: what `check` says.
    """

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(
        self,
        until: float = 8.0,
        *,
        error: EngineError | None = None,
        refuse: ActionFailed | None = None,
        findings: list[str] | None = None,
    ) -> None:
        self.acted: list[Action] = []
        self.shells: list[str] = []
        self.stopped = 0
        self._until = until
        self._error = error
        self._refuse = refuse
        self._findings = findings or []
        self._told = -1.0
        self._emit: Emit | None = None

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self.tell_until(self._until if self._error is None else 0.65)
        if self._error is not None:
            raise self._error

    def tell_until(self, at: float) -> None:
        """Emits the events of the story between the last one told and `at`."""
        assert self._emit is not None
        self._emit([event for event in story(at) if event.at > self._told])
        self._told = at

    def tell(self, *events: Event) -> None:
        """Emits facts of a test's own."""
        assert self._emit is not None
        self._emit(events)

    def now(self) -> float:
        return self._told

    def act(self, action: Action) -> str:
        self.acted.append(action)
        if self._refuse is not None:
            raise self._refuse
        return "before → after"

    def check(self, node: str, text: str) -> list[str]:
        return self._findings

    def shell(self, node: str) -> int:
        self.shells.append(node)
        return 0

    def stop(self) -> None:
        self.stopped += 1


class PacedEngine(FakeEngine):
    """The story in real time, to look at: `python -m tests.tui.fake`."""

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self._began = time.monotonic()
        self._done = threading.Event()
        threading.Thread(target=self._play, daemon=True).start()
        while self._told < 4.8:
            time.sleep(0.05)

    def _play(self) -> None:
        for event in story(44.0):
            self._done.wait(max(0.0, event.at - (time.monotonic() - self._began)))
            if self._done.is_set():
                return
            self.tell(event)
            self._told = event.at

    def stop(self) -> None:
        super().stop()
        self._done.set()


if __name__ == "__main__":
    import sys

    from lab.session import Session
    from lab.tui import run

    sys.exit(run(Session(PacedEngine())))
