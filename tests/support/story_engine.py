"""An engine that tells the story, for tests of what reads a lab; tests of whole labs run real ones."""

from __future__ import annotations

from typing import ClassVar

from hatlab.actions import Action
from hatlab.engine.base import Emit, IsHeld, OnLine
from hatlab.errors import EngineError
from hatlab.events import Event
from hatlab.session import Session
from hatlab.state.model import LabState
from tests.support.story import story


class StoryEngine:
    """Emits the story up to `until` at once; `tell_until` goes on. Actions are kept in `acted`.

    Args:
        until: seconds of the story that `start` tells.
        error: raised by `start` instead of becoming ready.
        refuse: raised by every action.
        findings: what `check` says.
        effect: what every action returns.
    """

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(
        self,
        until: float = 8.0,
        *,
        error: EngineError | None = None,
        refuse: Exception | None = None,
        findings: list[str] | None = None,
        effect: str = "before → after",
    ) -> None:
        self.acted: list[Action] = []
        self.shells: list[str] = []
        self.stopped = 0
        self._until = until
        self._error = error
        self._refuse = refuse
        self._findings = findings or []
        self._effect = effect
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
        return self._effect

    def check(self, node: str, text: str) -> list[str]:
        return self._findings

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        self.shells.append(node)
        return 0

    def stop(self) -> None:
        self.stopped += 1


def state_at(moment: float, *more: Event) -> LabState:
    """The state that a session has after the story up to a moment, and after more events."""
    session = Session(StoryEngine())
    session.emit([*story(moment), *more])
    return session.state
