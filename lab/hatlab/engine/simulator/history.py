"""How to be at an earlier moment of a world again: copies made now and then, and what was done to it since.

A world is deterministic, so a copy goes on alike; only what came from outside must be done to it again, at
the same place among the things that happened (`Clock.count`), not merely at the same time.
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

EVERY = 5.0
"""Virtual seconds between two copies at least."""
SHARE = 0.05
"""Of the machine's time that copying may take at most."""
MOST = 128
"""Copies kept; then every second one goes, so that the rest lie twice as far apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Deed:
    """Something done to a world from outside: a generator that yields while it waits."""

    do: Callable[[World], Generator[None, None, str]]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One time that a deed was let go on."""

    count: int
    now: float
    deed: Deed


@dataclass(frozen=True, slots=True)
class _Copy:
    now: float
    turns: int
    world: World
    pinned: bool = False


class Past:
    """The past of one world.

    Args:
        world: at its beginning; what it has emitted but nobody has taken belongs to the past, too.
    """

    def __init__(self, world: World) -> None:
        self._turns: list[_Turn] = []
        self._copies: list[_Copy] = []
        self._next, self._rest_until = 0.0, 0.0
        self.keep(world)

    def keep(self, world: World) -> None:
        """Makes a copy if it is time to. Not while a deed is under way: a generator cannot be copied."""
        if world.clock.now >= self._next and time.monotonic() >= self._rest_until:
            self._copy(world, pinned=False)

    def pin(self, world: World) -> None:
        """Makes a copy that stays: what was just done to the world cannot be done again by itself."""
        self._copy(world, pinned=True)

    def _copy(self, world: World, *, pinned: bool) -> None:
        began = time.monotonic()
        self._copies.append(_Copy(world.clock.now, len(self._turns), copy.deepcopy(world), pinned))
        if len(self._copies) > MOST:
            gone = {id(c) for c in self._copies[1:-1:2] if not c.pinned}
            self._copies = [c for c in self._copies if id(c) not in gone]
        took = time.monotonic() - began
        self._next, self._rest_until = world.clock.now + EVERY, began + took / SHARE

    def note(self, world: World, deed: Deed) -> None:
        """A deed is about to begin or go on."""
        self._turns.append(_Turn(world.clock.called, world.clock.now, deed))

    def at(self, moment: float, *, whole: bool = False) -> World:
        """The world as it was at a moment, everything due then done.

        Args:
            moment: not before the beginning.
            whole: go there from the very beginning; the world still has all its events to take.
        """
        k = 0 if whole else max(0, bisect_right(self._copies, moment, key=lambda c: c.now) - 1)
        world = copy.deepcopy(self._copies[k].world)
        working: dict[Deed, Generator[None, None, str]] = {}
        for turn in self._turns[self._copies[k].turns :]:
            if turn.now > moment:
                break
            while world.clock.called < turn.count and world.clock.step():
                pass
            world.clock.now = turn.now
            if turn.deed not in working:
                working[turn.deed] = turn.deed.do(world)
            with suppress(StopIteration, LabError):  # as it went the first time
                next(working[turn.deed])
        world.clock.run_until(moment)
        if not whole:
            world.take_events()
        return world

    def forget_after(self, moment: float) -> None:
        """What was later is no more."""
        self._copies = [c for c in self._copies if c.now <= moment]
        self._turns = [t for t in self._turns if t.now <= moment]
        self._next = moment + EVERY
