"""Time in the screen: held, paced, stepped and set back, in the simulator and in a recording."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hatlab.engine.base import Engine
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.app.palette import palette_entries
from hatlab.tui.log.pane import LogPane
from hatlab.tui.packets.pane import Packets
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets.header import HeaderLine
from hatlab.tui.widgets.key_bar import KeyBar
from hatlab.tui.widgets.time_bar import TimeBar, TimeView, next_speed
from hatlab.views.pace import SPEEDS
from tests.support.present import present
from tests.support.story import story, write_recording
from tests.tui.apps import RunningApp, running, wait_for_lab


@asynccontextmanager
async def timed(engine: Engine, size: tuple[int, int] = (140, 45)) -> AsyncIterator[RunningApp]:
    """The app on an engine whose time can be held."""
    app = LabApp(Session(engine), clock=lambda: 0.0)
    async with app.run_test(size=size) as pilot:
        await wait_for_lab(pilot)
        yield RunningApp(app, engine, pilot)  # type: ignore[arg-type]


@pytest.fixture
def engine() -> SimulatorEngine:
    """Moves only when a test moves it."""
    return SimulatorEngine("two-node", load_topology("two-node"), paced=False, reason="asked for")


@pytest.fixture
async def lab(engine: SimulatorEngine) -> AsyncIterator[RunningApp]:
    """The app on the simulator."""
    async with timed(engine) as lab:
        yield lab


@pytest.fixture
def recording(tmp_path: Path) -> ReplayEngine:
    """The story, its clock standing at 20 s."""
    return ReplayEngine(write_recording(tmp_path / "run.jsonl", story(44.0)), 0.0, begin=20.0)


def view(lab: RunningApp) -> TimeView:
    return present(lab.app.screen.query_one(TimeBar).view)


def footer(lab: RunningApp) -> set[str]:
    return {key for _, _, key, _, _ in lab.app.screen.query_one(KeyBar)._buttons()}


def header(lab: RunningApp) -> str:
    return lab.app.screen.query_one(HeaderLine).build()[0].plain


@pytest.mark.parametrize(
    ("speed", "way", "next_"), [(1.0, 1, 2.0), (1.0, -1, 0.5), (3.0, 1, 5.0), (0.1, -1, 0.1), (100, 1, 100)]
)
def test_speeds_go_up_and_down_in_steps_and_stop_at_the_ends(speed: float, way: int, next_: float) -> None:
    assert next_speed(speed, way) == next_
    assert next_ in SPEEDS


async def test_real_time_cannot_be_held() -> None:
    async with running() as lab:
        assert not lab.app.screen.query(TimeBar)
        assert not footer(lab) & {"p", ".", "<", ">", "bksp", "n"}
        await lab.press("p")
        assert "cannot be paused" in lab.notices


async def test_the_simulator_is_held_and_paced(lab: RunningApp, engine: SimulatorEngine) -> None:
    assert "simulator · asked for" in header(lab)
    assert {"p", ".", "k"} <= footer(lab)
    await lab.press("p")
    assert engine.speed == 0
    await lab.until(lambda: "simulator paused" in header(lab), "the header")
    await lab.press("less_than_sign", "comma")
    assert engine.speed == 0
    await lab.until(lambda: view(lab).pace == 0.25, "the pace to come")
    await lab.press("p")
    assert engine.speed == 0.25
    await lab.press(*["greater_than_sign"] * 12)
    assert engine.speed == 100
    await lab.until(lambda: "simulator 100×" in header(lab), "the header")


async def test_a_step_goes_to_the_next_event_and_holds(lab: RunningApp, engine: SimulatorEngine) -> None:
    before = engine.now()
    await lab.press("full_stop")
    await lab.until(lambda: engine.now() > before, "the step")
    await lab.until(lambda: view(lab).speed == 0, "the bar")
    assert view(lab).at == engine.now()


async def test_going_back_asks_first_if_something_is_lost(lab: RunningApp, engine: SimulatorEngine) -> None:
    engine.run_until(12.0)
    await lab.wait_until_seen()
    timeline = lab.app.screen.query_one(Timeline)
    await lab.press("backspace")
    assert "Select a moment" in lab.notices
    await lab.press("k")
    await lab.until(lambda: lab.app.session.state.actions, "the kill")
    engine.run_until(20.0)
    await lab.wait_until_seen()
    assert lab.app.state.owners("198.18.0.100") == {"db2"}
    await lab.press("1", "home", *["right"] * 36)
    at = present(timeline.cursor)
    assert 8 < at < 11
    await lab.reach(ConfirmDialog, "backspace")
    await lab.press("n")
    assert engine.now() == 20.0
    await lab.press("backspace", "y")
    await lab.until(lambda: engine.now() == at, "the way back")
    await lab.wait_until_seen()
    assert engine.speed == 0
    assert timeline.cursor is None
    assert timeline.model.now <= at
    assert not timeline.model.marks
    assert lab.app.viewed_moment is None
    packets = lab.app.screen.query_one(Packets).model.packets
    assert packets
    assert packets[-1].at <= at
    entries_ = lab.app.screen.query_one(LogPane).model.entries
    assert entries_
    assert all(entry.at <= at for entry in entries_)
    assert sum(entry.text.startswith("image") for entry in entries_) == 1, "nothing is told twice"
    assert lab.app.state.owners("198.18.0.100") == {"db1"}
    engine.run_until(25.0)
    await lab.wait_until_seen()
    assert lab.app.state.owners("198.18.0.100") == {"db1"}


async def test_the_other_future_stays_until_it_is_dropped(lab: RunningApp, engine: SimulatorEngine) -> None:
    engine.run_until(10.0)
    await lab.wait_until_seen()
    await lab.press("k")
    await lab.until(lambda: lab.app.session.state.actions, "the kill")
    engine.run_until(20.0)
    await lab.wait_until_seen()
    timeline = lab.app.screen.query_one(Timeline)
    await lab.press("1", "home", *["right"] * 36, "backspace", "y")
    await lab.until(lambda: timeline.branch is not None, "the branch")
    await lab.wait_until_seen()
    drawn = ["".join(piece for piece, _ in row) for row in timeline.build()]
    (was,) = [line for line in drawn if line.startswith("╎db2")]
    (now,) = [line for line in drawn if line.startswith("db2")]
    assert "MASTER" in was
    assert "MASTER" not in now
    assert was[8:].index("★") > 36, "nothing of it before the branch"
    await lab.press("x")
    assert timeline.branch is None
    assert not [row for row in timeline.build() if row and row[0][0].startswith("╎")]


async def test_going_back_does_not_ask_if_nothing_is_lost(lab: RunningApp, engine: SimulatorEngine) -> None:
    engine.run_until(15.0)
    await lab.wait_until_seen()
    await lab.press("1", "left", "left", "left", "backspace")
    await lab.until(lambda: engine.now() < 15.0, "the way back")


async def test_a_recording_is_played_and_nothing_is_offered_that_acts(recording: ReplayEngine) -> None:
    async with timed(recording) as lab:
        assert "recording" in header(lab)
        assert {"p", ".", "<", ">", "bksp", "n", "w", "q"} <= footer(lab)
        assert not footer(lab) & {"a", "k", "c", "u", "s", "e"}
        titles = [entry.title for entry in palette_entries(lab.app, lab.app.state, lab.app.lab_kinds)]
        assert any(title.startswith("Next outage") for title in titles)
        assert not any("ill mysqld" in title for title in titles)
        assert view(lab).ends == recording.ends
        await lab.press("p")
        await lab.until(lambda: recording.now() > 20.2, "time to go on")
        await lab.press("p")
        assert recording.speed == 0


async def test_a_recording_goes_back_and_to_what_comes_next(recording: ReplayEngine) -> None:
    async with timed(recording) as lab:
        await lab.wait_until_seen()
        await lab.press("1", "left_square_bracket", "left_square_bracket")
        at = present(lab.app.viewed_moment)
        assert at < 20
        await lab.press("backspace")
        await lab.until(lambda: recording.now() == at, "the way back")
        await lab.wait_until_seen()
        assert lab.app.viewed_moment is None
        assert lab.app.screen.query_one(Timeline).model.now < at + 0.1
        ahead = recording.next_moment("transition")
        await lab.press("n")
        await lab.until(lambda: recording.now() == ahead, "the next transition")
        bar = lab.app.screen.query_one(TimeBar)
        begin, width = bar._line_span(view(lab))
        await lab.pilot.click(TimeBar, offset=(begin + width - 1, 0))
        await lab.until(lambda: recording.now() == recording.ends, "the end")
        await lab.until(lambda: "at the end" in bar.build()[0].plain, "the bar")
        await lab.press("n")
        await lab.until(lambda: "no further transition" in lab.notices, "why not")


async def test_the_bar_fits_a_small_screen(recording: ReplayEngine) -> None:
    async with timed(recording, size=(60, 16)) as lab:
        line = lab.app.screen.query_one(TimeBar).build()[0]
        assert line.cell_length <= 60
        assert "0:20.0" in line.plain
