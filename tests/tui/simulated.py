"""The app on a simulated lab of any topology, at a moment."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from hatlab.actions import parse
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.topology import Topology
from hatlab.tui.app.app import LabApp
from tests.tui.apps import wait_for, wait_for_lab


def simulated_app(topology: Topology) -> LabApp:
    """Return an app in which time goes on only by `play_script`.

    Every advert has landed by the next frame: which of them is in flight would depend on how events were cut
    into batches.
    """
    engine = SimulatorEngine("many", topology, paced=False, seed=1)
    return LabApp(Session(engine), clock=itertools.count(0.0, 10.0).__next__)


async def play_script(pilot: Pilot[int], script: Sequence[tuple[float, str]], until: float) -> None:
    """Play timed actions, go on to a moment and wait until it is on the screen."""
    app = pilot.app
    assert isinstance(app, LabApp)
    engine = app.session.engine
    assert isinstance(engine, SimulatorEngine)
    await wait_for(pilot, lambda: app.session.state.layout is not None, "the lab")
    for at, action in script:
        engine.run_until(at)
        app.session.act(parse(action))
    engine.run_until(until)
    await wait_for_lab(pilot)


@asynccontextmanager
async def playing(
    topology: Topology, script: Sequence[tuple[float, str]], until: float, size: tuple[int, int]
) -> AsyncIterator[Pilot[int]]:
    """Run the app to a moment."""
    app = simulated_app(topology)
    async with app.run_test(size=size) as pilot:
        await play_script(pilot, script, until)
        yield pilot
    app.session.stop()


def screen_lines(pilot: Pilot[int]) -> list[str]:
    """Return the screen, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]
