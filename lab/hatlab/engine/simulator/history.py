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
from math import inf, nextafter

from hatlab.engine.simulator.world import World
from hatlab.errors import LabError

MIN_INTERVAL = 5.0
"""Virtual seconds between two copies."""
MAX_LOAD = 0.05
"""Share of the machine's time that copying may take."""
MAX_COPIES = 128
"""Copies kept; beyond that every second one goes, so that the rest lie twice as far apart."""
HAND_INTERVAL = 1.0
"""Virtual seconds between two copies that are made because somebody did something by hand."""


OutsideAction = Callable[[World], Generator[bool, None, str]]
"""Does something to a world from outside: yields while it waits, returns its effect. It yields True when it
has only looked whether it may go on. Each time that something is done has an object of its own."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One time that an action was begun, or let go on."""

    called: int
    """The clock's calls before it."""
    now: float
    action: OutsideAction


@dataclass(slots=True)
class _Copy:
    """A world as it was."""

    now: float
    steps: int
    """Steps of actions that it has behind it."""
    world: World
    leads_until: float = inf
    """When something was done by hand, which cannot be done again: it does not lead further."""


class History:
    """The past of one world.

    Args:
        world: at its beginning; what it has emitted but nobody has taken belongs to the past, too.
    """

    def __init__(self, world: World) -> None:
        self._steps: list[_Step] = []
        self._copies: list[_Copy] = []
        self._next_copy, self._rest_until = 0.0, 0.0
        self._by_hand = -inf
        """When the last copy was made because of something that was done by hand."""
        self.copy_if_due(world)

    def copy_if_due(self, world: World) -> None:
        """Copy the world if it is time to. Not while an action waits: a generator cannot be copied."""
        if world.clock.now >= self._next_copy and time.monotonic() >= self._rest_until:
            self._copy(world)

    def note_change_by_hand(self, world: World) -> None:
        """Something was just done to the world that cannot be done again by itself: copy it, now or soon.

        A program in a node's shell may do so many times a second. What it does until the next copy is one.
        """
        now = world.clock.now
        self._copies[-1].leads_until = min(self._copies[-1].leads_until, now)
        if now < self._by_hand + HAND_INTERVAL and now > self._copies[-1].now:
            self._next_copy = min(self._next_copy, self._by_hand + HAND_INTERVAL)
            return
        if len(self._copies) > 1 and now == self._copies[-1].now:
            self._drop(len(self._copies) - 1)
        self._by_hand = now
        self._copy(world)

    def _copy(self, world: World) -> None:
        began = time.monotonic()
        self._copies.append(_Copy(world.clock.now, len(self._steps), copy.deepcopy(world)))
        if len(self._copies) > MAX_COPIES:
            for index in range(len(self._copies) - 2, 0, -2):
                self._drop(index)
        took = time.monotonic() - began
        self._next_copy, self._rest_until = world.clock.now + MIN_INTERVAL, began + took / MAX_LOAD

    def _drop(self, index: int) -> None:
        """Let a copy go; the one before it leads as far as both did."""
        before, dropped = self._copies[index - 1], self._copies.pop(index)
        before.leads_until = min(before.leads_until, dropped.leads_until)

    def record_step(self, world: World, action: OutsideAction) -> None:
        """An action is about to begin, or to go on."""
        self._steps.append(_Step(world.clock.called, world.clock.now, action))

    def forget_last_step(self) -> None:
        """The action has only looked whether it may go on: there is nothing to do again."""
        self._steps.pop()

    def nearest(self, moment: float) -> float:
        """Return the last moment up to this one that can be gone back to."""
        leads_until = self._copies[self._latest(moment)].leads_until
        return moment if moment < leads_until else nextafter(leads_until, 0.0)

    def _latest(self, moment: float) -> int:
        return max(0, bisect_right(self._copies, moment, key=lambda c: c.now) - 1)

    def world_at(self, moment: float, *, whole: bool = False) -> World:
        """Return the world as it was at a moment, everything due then done.

        Args:
            moment: not before the beginning, and one that can be gone back to (`nearest`).
            whole: go there from the very beginning; the world still has all its events to take.
        """
        start = self._copies[0 if whole else self._latest(moment)]
        world = copy.deepcopy(start.world)
        running: dict[OutsideAction, Generator[bool, None, str]] = {}
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
        if self._copies[-1].leads_until > moment:
            self._copies[-1].leads_until = inf  # what was done by hand then is forgotten, too
        self._steps = [step for step in self._steps if step.now <= moment]
        self._next_copy = moment + MIN_INTERVAL
        self._by_hand = min(self._by_hand, moment)
