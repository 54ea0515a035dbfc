"""The simulator as an engine: it paces a world's virtual time and carries out actions in it.

What a world is made of is imported where it is first needed: that takes longer than to draw a lesson's
introduction, which needs none of it.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine import action_outcomes as outcomes
from hatlab.engine.base import Emit, IsHeld, OnLine, Rewind
from hatlab.engine.election import GIVE_UP
from hatlab.errors import ActionFailed, EngineError, UserError
from hatlab.keepalived import select_lines
from hatlab.topology import Layout, Topology
from hatlab.util.standstill import StandstillDetector

if TYPE_CHECKING:
    from hatlab.engine.simulator.console.terminal import OpenEditor
    from hatlab.engine.simulator.history import History
    from hatlab.engine.simulator.world import World

T = TypeVar("T")
START_TIMEOUT = GIVE_UP + 5
"""Virtual seconds after which a lab that is not ready is given up: more than an election may take."""
FRAME = 0.02
"""Real seconds between two looks at the clock."""
SLICE = 0.1
"""Virtual seconds between two looks at the wall clock while catching up."""
TICK = 0.2
"""Real seconds without an event after which a tick is emitted."""
SLOWEST, FASTEST = 0.01, 1000.0
"""Virtual seconds a real second."""
ACTION_TIMEOUT = 60.0
"""Virtual seconds an action may take at most."""
MAX_SEEK = 3600.0
"""Virtual seconds that `seek` may go on at once: about a second of real time."""


class SimulatorEngine:
    """One lab in virtual time; also a `hatlab.engine.base.TimeControl`.

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
        open_editor: OpenEditor | None = None,
    ) -> None:
        self.layout = Layout.numbered(name, topology)
        self._seed = seed
        self._world: World | None = None
        self._reason, self._ticks, self._open_editor = reason, ticks, open_editor
        self._watch_election, self._paced = watch_election, paced
        self._changed = threading.Condition(threading.RLock())
        self._stopping = threading.Event()
        self._emit: Emit = lambda _: None
        self._speed = self._before_pause = 1.0
        self._origin = (0.0, 0.0)
        self._thread: threading.Thread | None = None
        self._history: History | None = None
        """None before the start."""
        self._actions_running = 0
        try:
            self.speed = speed
        except ActionFailed as error:
            raise UserError(error.message, error.hint) from None

    @property
    def layout_before_start(self) -> Layout:
        """The lab's names and addresses; see `hatlab.engine.base.NumberedAhead`."""
        return self.layout

    @property
    def world(self) -> World:
        """The lab itself, made when it is first asked for."""
        with self._changed:
            if self._world is None:
                from hatlab.engine.simulator.world import World  # heavy: see above

                self._world = World(self.layout, self._seed)
            return self._world

    # -- time

    def now(self) -> float:
        """Virtual seconds since the lab began."""
        return self._world.clock.now if self._world is not None else 0.0

    @property
    def speed(self) -> float:
        """Virtual seconds a real second; 0: the clock stands. Setting it raises ActionFailed out of range."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value and not SLOWEST <= value <= FASTEST:
            raise ActionFailed(
                f"the simulator cannot run at {value:g}×", f"from {SLOWEST:g} to {FASTEST:g}, or 0"
            )
        with self._changed:
            self._speed = value
            self._before_pause = value or self._before_pause
            self._restart_pace()
            self._changed.notify_all()

    def pause(self) -> None:
        """The clock stands."""
        self.speed = 0.0

    def resume(self) -> None:
        """The clock goes on as fast as before `pause`."""
        self.speed = self._before_pause

    def _restart_pace(self) -> None:
        """Virtual time follows the wall clock from here on."""
        self._origin = (time.monotonic(), self.now())

    def run_until(self, at: float) -> None:
        """Let virtual time run to `at` as fast as it can, emitting on the way.

        Raises:
            UserError: `at` is in the past.
        """
        with self._changed:
            if at < self.world.clock.now:
                raise UserError(f"it is {self.now():.2f} s already: time does not run back to {at:g} s")
            self.world.clock.run_until(at)
            self._emit_new_events()
            self._copy_if_due()
            self._restart_pace()

    def step(self) -> None:
        """Go to the next event other than a tick or a client's success, and hold the clock there."""
        with self._changed:
            self.pause()
            while all(map(_is_routine, self.world.events)) and self.world.clock.step():
                pass
            self._emit_new_events()
            self._restart_pace()

    def seek(self, at: float, rewind: Rewind) -> None:
        """Go to a moment; see `hatlab.engine.base.TimeControl.seek`. What was later is forgotten.

        Back costs a copy of the world and the few virtual seconds since it was made. It may go a little
        further: to just before something that was done by hand, and cannot be done again.
        """
        if not math.isfinite(at) or at > self.now() + MAX_SEEK:
            raise ActionFailed(
                f"the simulator cannot go to {at:g} s", f"at most {MAX_SEEK:g} s ahead at once"
            )
        with self._changed:
            if at >= self.now() or self._history is None:
                self.run_until(max(at, self.now()))
                return
            at = self._history.nearest(max(0.0, at))
            self._emit_new_events()
            self._world = self._history.world_at(at)
            if not rewind(at):  # so long ago that the session has to be told everything again
                self._world = self._history.world_at(at, whole=True)
                self._emit_new_events()
            self._history.forget_after(at)
            self._restart_pace()
            self._changed.notify_all()

    # -- the engine's interface

    def start(self, emit: Emit) -> None:
        """Boot the lab; see `hatlab.engine.base.Engine.start`."""
        from hatlab.engine.simulator import startup  # heavy: see above
        from hatlab.engine.simulator.actions import act
        from hatlab.engine.simulator.history import History

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
            self.world.emit_phase("image", detail="simulated, no image needed")
            self.world.emit_phase("network", detail=", ".join(f"{n} {s}" for n, s in subnets.items()))
            startup.boot(self.world, act, ticks=self._ticks)
            self._history = History(self.world)
            if not (self._paced and self._watch_election):
                while not self._start_decided() and self.world.clock.next_due <= START_TIMEOUT:
                    self.world.clock.step()
            self._emit_new_events()
            self._restart_pace()
        if self._paced:
            thread = threading.Thread(target=self._pace_clock, name="sim-clock", daemon=True)
            thread.start()
            self._thread = thread  # one that has not started cannot be joined
            with self._changed:
                self._changed.wait_for(
                    lambda: self._start_decided() or self.now() > START_TIMEOUT or self._stopping.is_set()
                )
        if not self.world.ready:
            self.stop()
            if self.world.failure is not None:
                raise self.world.failure
            raise EngineError(
                f"the lab was not ready after {self.now():.0f} s: nobody was elected, or nobody answers",
                "run hatlab check on your topology",
            )

    def _start_decided(self) -> bool:
        """True if the lab is ready, or never will be."""
        return self.world.ready or self.world.failure is not None

    def act(self, action: Action) -> str:
        """Carry out one action, and again whenever time is set back to before it; see
        `hatlab.engine.base.Engine.act`."""
        from hatlab.engine.simulator.actions import act  # heavy: see above

        run = partial(act, action=action)
        with self._changed:
            work = run(self.world)
            limit = self.world.clock.now + ACTION_TIMEOUT
            self._actions_running += 1
            try:
                while True:
                    if self._history is not None:
                        self._history.record_step(self.world, run)
                    has_looked, effect = _advance_action(work)
                    self._emit_new_events()
                    if effect is not None:
                        return effect
                    if has_looked and self._history is not None:
                        self._history.forget_last_step()
                    self._wait_a_little(limit)
            finally:
                self._actions_running -= 1
                self._emit_new_events()

    def _wait_a_little(self, limit: float) -> None:
        """Let a little virtual time pass, whoever moves the clock."""
        clock = self.world.clock
        if self._stopping.is_set():
            raise ActionFailed("the lab has ended", definite=False)
        if clock.now > limit:
            raise ActionFailed(f"not done after {ACTION_TIMEOUT:g} virtual seconds", definite=False)
        if self._paced and not self._speed:
            raise ActionFailed("it has started, but time is paused", "resume the lab's time", definite=False)
        if self._paced:
            self._changed.wait(FRAME)
        else:
            clock.step()

    def check(self, node: str, text: str) -> list[str]:
        """Return what the node's keepalived says of a configuration text; empty if it is fine."""
        from hatlab.engine.simulator.keepalived.config_check import check_config  # heavy: see above

        return check_config(
            select_lines(text, node), [port.device for port in self.world.nodes[node].ports.values()]
        )

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        """A console into the simulated node, on this terminal; see `hatlab.engine.simulator.console`."""
        from hatlab.engine.simulator.console.terminal import run_console

        host = self.world.hosts.get(node)
        if host is None or host.power == "off":
            raise outcomes.node_is_off(node)
        if not sys.stdin.isatty():
            raise outcomes.shell_without_terminal()
        return run_console(
            node, self.call_in_world, on_line=on_line, open_editor=self._open_editor, is_held=is_held
        )

    def run_line(self, node: str, line: str) -> str:
        """Run a line in a node's shell, in as much virtual time as it takes; return what it prints."""
        from hatlab.engine.simulator.console.driver import run_line

        return self.call_in_world(lambda world: run_line(world, node, line).text)

    def call_in_world(self, call: Callable[[World], T]) -> T:
        """Do something in the world while its time stands, and hand on what happened.

        What changes it cannot be done again by itself: the world is copied behind it.
        """
        with self._changed:
            scheduled = self.world.clock.scheduled
            try:
                return call(self.world)
            finally:
                changed = self.world.events or self.world.clock.scheduled != scheduled
                if changed and self._history is not None and not self._actions_running:
                    self._emit_new_events()
                    self._history.note_change_by_hand(self.world)
                self._emit_new_events()

    def stop(self) -> None:
        """End the clock's thread; nothing else was made."""
        first = not self._stopping.is_set()
        self._stopping.set()
        with self._changed:
            if first and self._world is not None:
                self.world.emit_phase("stopping")
                self._emit_new_events()
            self._changed.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    # -- inside

    def _catch_up(self) -> None:
        """Let virtual time catch up with the wall clock, for a frame at most; the rest is let go."""
        clock, (real, virtual) = self.world.clock, self._origin
        began = time.monotonic()
        target = virtual + (began - real) * self._speed
        while clock.now < target:
            clock.run_until(min(target, clock.now + SLICE))
            if time.monotonic() - began > FRAME:
                self._emit_new_events()
                self._restart_pace()
                return

    def _emit_new_events(self) -> None:
        """Hand on what happened; under the lock, so that the order stays."""
        events = self.world.take_events()
        if events:
            self._emit(events)

    def _copy_if_due(self) -> None:
        """Keep what it takes to come back to this moment, if it is time to."""
        if self._history is not None and not self._actions_running:
            self._history.copy_if_due(self.world)

    def _pace_clock(self) -> None:
        """Follow the wall clock until the lab ends; ticks while nothing else happens."""
        last_emit, standstill = 0.0, StandstillDetector()
        while not self._stopping.is_set():
            with self._changed:
                if standstill.stood_still():
                    self._restart_pace()
                if self._speed:
                    self._catch_up()
                if self.world.events:
                    last_emit = time.monotonic()
                elif time.monotonic() - last_emit >= TICK:
                    last_emit = time.monotonic()
                    self.world.emit(e.Tick(at=self.world.clock.now))
                self._emit_new_events()
                self._copy_if_due()
                self._changed.notify_all()
            self._stopping.wait(FRAME)


def _is_routine(event: e.Event) -> bool:
    """True if nobody would stop time to look at it."""
    return isinstance(event, e.Tick) or (isinstance(event, e.Probe | e.Write) and event.ok)


def _advance_action(work: Generator[bool, None, str]) -> tuple[bool, str | None]:
    """Let an action go on: (has only looked, None) while it waits, (False, effect) at its end."""
    try:
        return next(work), None
    except StopIteration as end:
        return False, str(end.value)
