"""An engine for tests of what stands beside a lab: it plays parts of `story` when asked for them.

A part is over at once: its clock, which otherwise runs `SPEED` times as fast as the wall's, jumps to its end.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from typing import ClassVar

from hatlab import events as e
from hatlab.actions import Action
from hatlab.cli import main as command
from hatlab.commands.support import engine_choice
from hatlab.engine.base import Emit, IsHeld, OnLine
from hatlab.errors import ActionFailed, EngineUnavailable
from hatlab.topology import Topology
from tests.support.story import story

SPEED = 8.0
READY = 5.0
STORY = [event for event in story() if not isinstance(event, e.Tick | e.Action)]
PARTS = {
    "kill mysqld db1": (9.99, 17.9),
    "start mysqld db1": (17.99, 29.9),
    "cut heartbeat": (29.99, 37.9),
    "heal heartbeat": (37.99, 44.0),
}


class FakeEngine:
    """Plays the story's parts."""

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(self, name: str, topology: Topology, *, context: str | None = None) -> None:
        if context == "nowhere":
            raise EngineUnavailable("no Docker engine answers", "start one: hatlab doctor")
        self.topology = topology
        self._emit: Emit = lambda events: None
        self._began = time.monotonic()
        self._jumped = 0.0
        self._playing = threading.RLock()
        self._stop = threading.Event()

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self._play(0.0, READY)
        threading.Thread(target=self._tick, name="fake-clock", daemon=True).start()

    def _tick(self) -> None:
        while not self._stop.wait(0.25 / SPEED):
            with self._playing:
                self._emit([e.Tick(at=self.now())])

    def now(self) -> float:
        return (time.monotonic() - self._began) * SPEED + self._jumped

    def _play(self, begin: float, end: float) -> None:
        with self._playing:
            shift = self.now() - begin if begin else 0.0
            part = [replace(event, at=event.at + shift) for event in STORY if begin <= event.at <= end]
            self._emit(part)
            self._jumped += max(0.0, end + shift - self.now())

    def act(self, action: Action) -> str:
        if action.verb == "delay":
            raise ActionFailed("this kernel has no netem", "use loss")
        if action.verb == "edit":
            return f"{len(action.text)} bytes written"
        if action.verb == "sql":
            self.die("the Docker engine does not answer any more")
            return "nothing"
        part = PARTS.get(str(action))
        if part is None:
            return "nothing changed"
        self._play(*part)
        return "up → down" if "kill" in str(action) else "down → up"

    def check(self, node: str, text: str) -> list[str]:
        return []

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        return 0

    def stop(self) -> None:
        if not self._stop.is_set():
            self._stop.set()
            for done in (False, True):
                self._tell_end(done)

    def die(self, reason: str) -> None:
        """The engine goes away under the lab."""
        self._tell_end(True, reason)

    def _tell_end(self, done: bool, reason: str = "") -> None:
        self._emit([e.Phase(at=self.now(), name="stopping", done=done, detail=reason)])


def main() -> int:
    """`hatlab` with this engine in place of Docker's, for tests that need a process of its own."""

    def make(
        kind: str, name: str, topology: Topology, *, context: str | None = None, seed: int | None = None
    ) -> FakeEngine:
        return FakeEngine(name, topology, context=context)

    engine_choice.make_engine = make
    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
