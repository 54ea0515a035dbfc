"""What a simulated lab comes to hold, event by event, as fast as it goes: python -m tests.soak.growth.

Counted are the bytes of Python's own objects (tracemalloc) after a look for garbage, so a busy machine, and
what the system keeps of freed memory, make no difference. What a lab keeps by design is made small, as in
`tests.soak`.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from unittest import mock

from hatlab.actions import parse
from hatlab.engine.simulator import history, world
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import LabError
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.soak.footprint import MAY_GROW
from tests.soak.small import FAULTS, KEPT, KEYS, ROWS

EACH = 10_000
"""Events between two looks."""


@dataclass
class Growth:
    """A lab that is broken and repaired without a pause."""

    seed: int = 1
    held: list[float] = field(default_factory=list)
    """MB, at each look."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._engine = SimulatorEngine("two-node", load_topology("two-node"), paced=False)
        self.session = Session(self._engine, keep=KEPT // 4)
        self._reader = self.session.reader()

    def break_and_repair(self) -> int:
        """Do so once, let some seconds pass after each, and return how many events that made."""
        made = 0
        for words in (self._chance.choice(FAULTS), "reset"):
            with suppress(LabError):
                self.session.act(parse(words, self._engine.layout))
            self._engine.run_until(self._engine.now() + 10)
            while events := self._reader.drain().events:
                made += len(events)
        return made

    def look(self) -> None:
        """Note what is held now."""
        gc.unfreeze()  # all that is garbage, and not only what is new
        gc.collect()
        self.held.append(tracemalloc.get_traced_memory()[0] / 1e6)

    @property
    def growth(self) -> float:
        """How many times as much it holds at the end as at the first look."""
        return self.held[-1] / self.held[0]


@contextmanager
def little_kept() -> Iterator[None]:
    """Meanwhile labs keep little of what happened."""
    from hatlab.tui.log import model, pane
    from hatlab.views.packets import model as packets

    with ExitStack() as changes:
        changes.enter_context(mock.patch.object(history, "MAX_COPIES", 8))
        changes.enter_context(mock.patch.object(world, "JOURNAL_LENGTH", ROWS))
        changes.enter_context(mock.patch.object(model.LogModel.__init__, "__defaults__", (ROWS,)))
        changes.enter_context(mock.patch.object(pane.LogPane, "LINES", ROWS))
        changes.enter_context(mock.patch.object(packets.PacketsModel.__init__, "__defaults__", (ROWS,)))
        yield


async def grow(lab: Growth, looks: int, each: int, afterwards: Callable[[], Awaitable[None]]) -> None:
    """Look at a lab so many times, with so many events between two looks, after twice as many to warm up."""
    for _ in range(looks + 2):
        made = 0
        while made < each:
            made += lab.break_and_repair()
            await afterwards()
        lab.look()
    del lab.held[:2]


async def headless(looks: int, each: int = EACH, seed: int = 1) -> Growth:
    """Grow a lab without a screen."""
    lab = Growth(seed)
    lab.session.start()

    async def nothing() -> None:
        pass

    await grow(lab, looks, each, nothing)
    lab.session.stop()
    return lab


async def on_screen(looks: int, each: int = EACH, seed: int = 1) -> Growth:
    """Grow a lab that is shown while keys are pressed."""
    from hatlab.tui.app.app import LabApp
    from tests.tui.apps import wait_for, wait_for_lab

    lab = Growth(seed)
    app = LabApp(lab.session)
    keys = cycle(KEYS)

    async with app.run_test(size=(120, 35)) as pilot:
        await wait_for_lab(pilot)

        async def press() -> None:
            await wait_for(pilot, lambda: app.state is lab.session.state, "the app to have seen everything")
            for _ in range(6):
                await pilot.press(next(keys))
            await pilot.pause()

        await grow(lab, looks, each, press)
    return lab


LABS = {"headless": headless, "screen": on_screen}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.growth", description=__doc__)
    parser.add_argument("--looks", type=int, default=6, metavar="N", help="each after 10,000 events")
    parser.add_argument("--labs", default=",".join(LABS), metavar="A,B", help=f"of {', '.join(LABS)}")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is done (default: 1)")
    options = parser.parse_args()
    tracemalloc.start()
    failed = False
    with little_kept():
        for name in options.labs.split(","):
            lab = asyncio.run(LABS[name](options.looks, seed=options.seed))
            verdict = "0 failures" if lab.growth <= MAY_GROW else "1 failure"
            failed |= lab.growth > MAY_GROW
            held = ", ".join(f"{megabytes:.2f}" for megabytes in lab.held)
            sys.stdout.write(f"{name}: {held} MB after each {EACH:,} events: ×{lab.growth:.3f}; {verdict}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
