"""The simulator as an engine: it paces a world's virtual time and carries actions out in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from typing import ClassVar

from lab import events as e
from lab.actions import Action
from lab.engine.base import Emit
from lab.engine.simulator import acts
from lab.engine.simulator.conf import complaints
from lab.engine.simulator.world import World
from lab.errors import ActionFailed, EngineError, UserError
from lab.topology import Layout, Topology

READY = 40.0
"""Virtual seconds a lab may take to be ready before the start is given up."""
FRAME = 0.02
"""Real seconds between two looks at the clock."""
SLICE = 0.1
"""Virtual seconds between two looks at the wall clock while catching up."""
TICK = 0.2
SLOWEST, FASTEST = 0.01, 1000.0
ACTION = 60.0
"""Virtual seconds an action may take at most."""


class SimulatorEngine:
    """One lab in virtual time.

    Args:
        name: the topology's short name.
        topology: what should exist.
        seed: the same topology, seed and actions at the same virtual times give the same facts.
        reason: why this engine was chosen, for people.
        watch_election: start in real time; otherwise time runs ahead until the lab is ready.
        speed: virtual seconds a real second, 0 for a clock that stands; `paced` only.
        paced: follow the wall clock on a thread. Without it time moves with `run_until` and actions only.
        ticks: emit `Tick`s.
    """

    name: ClassVar[str] = "sim"
    live: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        topology: Topology,
        *,
        seed: int = 0,
        reason: str = "",
        watch_election: bool = False,
        speed: float = 1.0,
        paced: bool = True,
        ticks: bool = True,
    ) -> None:
        self.layout = Layout.numbered(name, topology)
        self.world = World(self.layout, seed, ticks=ticks)
        self._seed, self._reason = seed, reason
        self._watch_election, self._paced = watch_election, paced
        self._changed = threading.Condition(threading.RLock())
        self._stopping = threading.Event()
        self._emit: Emit = _nowhere
        self._speed = 1.0
        self._origin = (0.0, 0.0)
        self._thread: threading.Thread | None = None
        self.speed = speed

    # -- time

    def now(self) -> float:
        """Virtual seconds since the lab began."""
        return self.world.clock.now

    @property
    def speed(self) -> float:
        """Virtual seconds a real second; 0: the clock stands. Setting it raises a UserError out of range."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value and not SLOWEST <= value <= FASTEST:
            raise UserError(
                f"the simulator cannot run at {value:g}×", f"from {SLOWEST:g} to {FASTEST:g}, or 0"
            )
        with self._changed:
            self._speed = value
            self._rebase()
            self._changed.notify_all()

    def _rebase(self) -> None:
        """From here on virtual time follows the wall clock."""
        self._origin = (time.monotonic(), self.world.clock.now)

    def run_until(self, at: float) -> None:
        """Lets virtual time run to `at` as fast as it can, emitting on the way.

        Raises:
            UserError: `at` is in the past.
        """
        with self._changed:
            if at < self.world.clock.now:
                raise UserError(f"it is {self.now():.2f} s already: time does not run back to {at:g} s")
            self.world.clock.run_until(at)
            self._flush()
            self._rebase()

    def step(self) -> None:
        """Goes to the next event that there is something to see of."""
        with self._changed:
            while not self.world.events and self.world.clock.step():
                pass
            self._flush()
            self._rebase()

    # -- the engine's interface

    def start(self, emit: Emit) -> None:
        """Boots the lab; see `lab.engine.base.Engine.start`."""
        self._emit = emit
        data, subnets = self.layout.to_data()
        with self._changed:
            self.world.emit(
                e.Lab(
                    at=0.0,
                    name=self.layout.name,
                    engine=self.name,
                    reason=self._reason,
                    topology=data,
                    subnets=subnets,
                )
            )
            self.world.phase("image", detail="simulated, none needed")
            self.world.phase("network", detail=", ".join(f"{n} {s}" for n, s in subnets.items()))
            self.world.begin()
            if not (self._paced and self._watch_election):
                self._run_ahead()
            self._flush()
            self._rebase()
        if self._paced:
            self._thread = threading.Thread(target=self._pace, name="sim-clock", daemon=True)
            self._thread.start()
            with self._changed:
                self._changed.wait_for(lambda: self.world.ready or self._late() or self._stopping.is_set())
        if not self.world.ready:
            self.stop()
            raise EngineError(
                f"the lab was not ready after {self.now():.0f} s: nobody was elected, or nobody answers",
                "hatlab check your topology",
            )

    def _run_ahead(self) -> None:
        clock = self.world.clock
        while not self.world.ready and clock.next <= READY:
            clock.step()

    def _late(self) -> bool:
        return self.world.clock.now > READY

    def act(self, action: Action) -> str:
        """Carries out one action; see `lab.engine.base.Engine.act`."""
        with self._changed:
            work = acts.act(self.world, action)
            limit = self.world.clock.now + ACTION
            while True:
                done, effect = _next(work)
                self._flush()
                if done:
                    return effect
                self._wait(limit)

    def _wait(self, limit: float) -> None:
        """Lets a little virtual time pass, whoever moves the clock."""
        clock = self.world.clock
        if self._stopping.is_set():
            raise ActionFailed("the lab has ended", definite=False)
        if clock.now > limit:
            raise ActionFailed(f"not done after {ACTION:g} virtual seconds", definite=False)
        if self._paced and not self._speed:
            raise ActionFailed("begun, but time stands still", "let time go on", definite=False)
        if self._paced:
            self._changed.wait(FRAME)
        else:
            clock.step()

    def check(self, node: str, text: str) -> list[str]:
        """What the node's keepalived would say of a configuration text."""
        return complaints(text, tuple(port.device for port in self.world.nodes[node].ports.values()))

    def shell(self, node: str) -> int:
        """There is no shell in a simulated node."""
        raise ActionFailed(
            f"{node} is simulated and has no shell", "use the actions, or `--engine docker` for real ones"
        )

    def stop(self) -> None:
        """Ends the clock's thread; nothing else was made."""
        first = not self._stopping.is_set()
        self._stopping.set()
        with self._changed:
            if first:
                self.world.phase("stopping")
                self._flush()
            self._changed.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    # -- inside

    def _follow(self) -> None:
        """Lets virtual time catch up with the wall clock, for a frame at most; the rest is let go."""
        clock, (real, virtual) = self.world.clock, self._origin
        began = time.monotonic()
        target = virtual + (began - real) * self._speed
        while clock.now < target:
            clock.run_until(min(target, clock.now + SLICE))
            if time.monotonic() - began > FRAME:
                self._flush()
                self._rebase()
                return

    def _flush(self) -> None:
        """Hands on what happened; under the lock, so that the order stays."""
        events = self.world.take()
        if events:
            self._emit(events)

    def _pace(self) -> None:
        """Follows the wall clock until the lab ends; ticks while nothing else happens."""
        told = 0.0
        while not self._stopping.is_set():
            with self._changed:
                if self._speed:
                    self._follow()
                if self.world.events:
                    told = time.monotonic()
                elif time.monotonic() - told >= TICK:
                    told = time.monotonic()
                    self.world.emit(e.Tick(at=self.world.clock.now))
                self._flush()
                self._changed.notify_all()
            self._stopping.wait(FRAME)


def _nowhere(_: Sequence[e.Event]) -> None:
    """Before the start nobody listens."""


def _next(work: Generator[None, None, str]) -> tuple[bool, str]:
    """One more step of an action: (False, "") while it waits, (True, effect) at its end."""
    try:
        next(work)
    except StopIteration as end:
        return True, str(end.value)
    return False, ""
