"""The earlier moments of a world: copies made now and then, and what was done to it since.

A world is deterministic, so a copy goes on alike; only what came from outside must be done to it again, at
the same place among the calls of its clock (`Clock.called`), not merely at the same time.
"""

from __future__ import annotations

import copy
import time
from bisect import bisect_right
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass

from hatlab.engine.simulator.world import World
from hatlab.errors import LabError

MIN_INTERVAL = 5.0
"""Virtual seconds between two copies."""
MAX_LOAD = 0.05
"""Share of the machine's time that copying may take."""
MAX_COPIES = 128
"""Copies kept; beyond that every second one goes, so that the rest lie twice as far apart."""


OutsideAction = Callable[[World], Generator[None, None, str]]
"""Does something to a world from outside: yields while it waits, returns its effect. Each time that something
is done has an object of its own."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One time that an action was begun, or let go on."""

    called: int
    """The clock's calls before it."""
    now: float
    action: OutsideAction


@dataclass(frozen=True, slots=True)
class _Copy:
    """A world as it was."""

    now: float
    steps: int
    """Steps of actions that it has behind it."""
    world: World
    pinned: bool = False
    """It is kept: what led to it cannot be done again."""


class History:
    """The past of one world.

    Args:
        world: at its beginning; what it has emitted but nobody has taken belongs to the past, too.
    """

    def __init__(self, world: World) -> None:
        self._steps: list[_Step] = []
        self._copies: list[_Copy] = []
        self._next_copy, self._rest_until = 0.0, 0.0
        self.copy_if_due(world)

    def copy_if_due(self, world: World) -> None:
        """Copy the world if it is time to. Not while an action waits: a generator cannot be copied."""
        if world.clock.now >= self._next_copy and time.monotonic() >= self._rest_until:
            self.checkpoint(world, pinned=False)

    def checkpoint(self, world: World, *, pinned: bool = True) -> None:
        """Make a copy; a pinned one stays: what was just done to the world cannot be done again by itself."""
        began = time.monotonic()
        self._copies.append(_Copy(world.clock.now, len(self._steps), copy.deepcopy(world), pinned))
        if len(self._copies) > MAX_COPIES:
            dropped = {id(c) for c in self._copies[1:-1:2] if not c.pinned}
            self._copies = [c for c in self._copies if id(c) not in dropped]
        took = time.monotonic() - began
        self._next_copy, self._rest_until = world.clock.now + MIN_INTERVAL, began + took / MAX_LOAD

    def record_step(self, world: World, action: OutsideAction) -> None:
        """An action is about to begin, or to go on."""
        self._steps.append(_Step(world.clock.called, world.clock.now, action))

    def world_at(self, moment: float, *, whole: bool = False) -> World:
        """Return the world as it was at a moment, everything due then done.

        Args:
            moment: not before the beginning.
            whole: go there from the very beginning; the world still has all its events to take.
        """
        latest = bisect_right(self._copies, moment, key=lambda c: c.now) - 1
        start = self._copies[0 if whole else max(0, latest)]
        world = copy.deepcopy(start.world)
        running: dict[OutsideAction, Generator[None, None, str]] = {}
        for step in self._steps[start.steps :]:
            if step.now > moment:
                break
            while world.clock.called < step.called and world.clock.step():
                pass
            world.clock.now = step.now
            if step.action not in running:
                running[step.action] = step.action(world)
            with suppress(StopIteration, LabError):  # as it went the first time
                next(running[step.action])
        world.clock.run_until(moment)
        if not whole:
            world.take_events()
        return world

    def forget_after(self, moment: float) -> None:
        """Forget what was later."""
        self._copies = [c for c in self._copies if c.now <= moment]
        self._steps = [step for step in self._steps if step.now <= moment]
        self._next_copy = moment + MIN_INTERVAL
