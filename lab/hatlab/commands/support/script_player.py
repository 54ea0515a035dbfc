"""Plays a script's timed actions in a lab, and tells when a lab with a script or a limit ends by itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from hatlab.actions.timed_script import ScriptLine
from hatlab.errors import LabError
from hatlab.session import Session


class ScriptPlayer:
    """Plays a script's lines on a thread, at their times after ready."""

    def __init__(self, session: Session, lines: Sequence[ScriptLine]) -> None:
        self.failures: list[str] = []
        """What could not be done, in sentences."""
        self.finished = False
        """True once all of it was played."""
        self.end = False
        """True once it said `end`."""
        self._session = session
        self._lines = lines
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play_lines, name="script", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin no further line."""
        self._stop.set()

    def _play_lines(self) -> None:
        session = self._session
        while not session.wait_for(lambda s: s.ready, 1.0):
            if session.ended or self._stop.is_set():
                return
        ready_at = session.state.phases["ready"][1]
        for line in self._lines:
            if not self._wait_until(ready_at + line.at):
                return
            if line.words == ("end",):
                self.end = True
                break
            self._perform_line(line)
        self.finished = True

    def _perform_line(self, line: ScriptLine) -> None:
        layout = self._session.state.layout
        assert layout is not None, "a ready lab has told its layout"
        try:
            self._session.act(line.action(layout))
        except LabError as error:
            self.failures.append(f"line {line.line}, {' '.join(line.words)}: {error.in_one_line}")

    def _wait_until(self, at: float) -> bool:
        """Wait for a moment of the lab's clock, s. Return False if the lab ended before."""
        while (left := at - self._session.engine.now()) > 0:
            if self._stop.wait(min(left, 0.25)) or self._session.ended:
                return False
        return not (self._session.ended or self._stop.is_set())


@dataclass(frozen=True, slots=True)
class StopCondition:
    """When a lab ends by itself: so many seconds after ready, or at its script's `end`."""

    seconds: float | None = None
    script: ScriptPlayer | None = None

    @property
    def can_be_met(self) -> bool:
        return self.seconds is not None or self.script is not None

    def is_met(self, session: Session) -> bool:
        if self.script is not None and self.script.end:
            return True
        state = session.state
        if self.seconds is None or not state.ready:
            return False
        return session.engine.now() >= state.phases["ready"][1] + self.seconds
