"""An engine for tests of what stands beside a lab: it plays parts of `story` when asked for them, fast.

Its clock runs `SPEED` times as fast as the wall's.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from typing import ClassVar

from lab import events as e
from lab.actions import Action
from lab.cli import main as command
from lab.commands import engines
from lab.engine.base import Emit
from lab.errors import ActionFailed, EngineUnavailable
from lab.topology import Topology
from tests.story import story

SPEED = 20.0
READY = 5.0
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
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._clock: threading.Thread | None = None
        self.stopped = 0

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self._play(0.0, READY, 0.0)
        self._clock = threading.Thread(target=self._tick, name="fake-clock", daemon=True)
        self._clock.start()

    def _tick(self) -> None:
        while not self._stop.wait(0.25 / SPEED):
            self._emit([e.Tick(at=self.now())])

    def now(self) -> float:
        return (time.monotonic() - self._began) * SPEED

    def _play(self, begin: float, end: float, shift: float) -> None:
        for event in story():
            if not begin <= event.at <= end or isinstance(event, e.Tick | e.Action):
                continue
            if self._stop.wait(max(0.0, (event.at + shift - self.now()) / SPEED)):
                return
            self._emit([replace(event, at=event.at + shift)])

    def act(self, action: Action) -> str:
        if action.verb == "delay":
            raise ActionFailed("this kernel has no netem", "use loss")
        if action.verb == "edit":
            return f"{len(action.text)} bytes written"
        part = PARTS.get(str(action))
        if part is None:
            return "nothing changed"
        begin, end = part
        shift = self.now() - begin
        threading.Thread(target=self._play, args=(begin, end, shift), daemon=True).start()
        return "up → down" if "kill" in str(action) else "down → up"

    def check(self, node: str, text: str) -> list[str]:
        return []

    def shell(self, node: str) -> int:
        return 0

    def stop(self) -> None:
        self._stop.set()
        self.stopped += 1


def main() -> int:
    """`hatlab` with this engine in place of Docker's, for tests that need a process of its own."""

    def make(kind: str, name: str, topology: Topology, *, context: str | None = None) -> FakeEngine:
        return FakeEngine(name, topology, context=context)

    engines.make_engine = make
    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
