"""A drill in the app, by its keys: hidden conclusions, naming, repair, giving up, the report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.dialog import ConfirmDialog, LeaveDialog
from hatlab.tui.screens.why import WhyList
from hatlab.tui.widgets.header import Banner
from tests.support.drill_texts import DRILL
from tests.support.lesson_lab import make_lesson
from tests.support.story_engine import StoryEngine
from tests.tui.apps import wait_for, wait_for_lab
from tests.tui.learning import SMALL, WIDE, LearningApp, MadeLabs, learning
from tests.tui.simulated import screen_lines


@asynccontextmanager
async def drilling(
    drill_file: DrillFile | None = None, size: tuple[int, int] = WIDE, labs: MadeLabs | None = None
) -> AsyncIterator[LearningApp]:
    """Run the app until its drill has begun, five times as fast as real time."""
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    app = LabApp(
        Session(engine),
        clock=lambda: 0.0,
        runner=DrillRunner(make_lesson(DRILL)),
        drill_file=drill_file,
        following="another drill",
        next_lesson="drill",
        labs=labs,
    )
    async with learning(app, size=size) as lab:
        await lab.until(lambda: _drill(lab).is_under_way, "the drill")
        yield lab


def _drill(lab: LearningApp) -> DrillRunner:
    assert isinstance(lab.runner, DrillRunner)
    return lab.runner


def _screen(lab: LearningApp) -> str:
    return "\n".join(screen_lines(lab.pilot))


async def _type(lab: LearningApp, line: str) -> None:
    """Do something by the action line."""
    await lab.press("escape", "colon", *["space" if key == " " else key for key in line], "enter")


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_a_drill_named_and_repaired_by_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    kept = DrillFile(tmp_path / "drills.json")
    async with drilling(kept, size) as lab:
        assert not lab.screen.query_one(Banner).sentences
        assert lab.screen._box.why is None
        clock = str(lab.tutor._status.clock)
        assert "of 5:00" in clock or "over time" in clock  # on a busy machine time runs ahead of the keys
        title, page = lab.tutor._header.titles
        assert title not in page, "its only step has the same title"
        await lab.answer("down", "down")
        assert "A log would say so." in lab.text
        await lab.answer("down")
        await lab.until(lambda: "named" in lab.status_text, "the name")
        await lab.press("2", "3")
        await _type(lab, "heal heartbeat")
        await lab.until(lambda: _drill(lab).is_over, "the proof")
        await lab.until(lambda: "Solved in" in lab.text, "the report")
        assert "An expert needs 3 commands, in this order" in lab.text
        assert "packets · log · heal heartbeat" in lab.text
        assert "next drill" in lab.text
        assert kept.drills["one-way"].solved == 1
        await lab.reach(WhyList, "w")
    assert DrillFile(kept.path).drills["one-way"].tries == 1


async def test_repaired_before_it_is_named_and_the_status_asks_for_the_name() -> None:
    async with drilling() as lab:
        await _type(lab, "heal heartbeat")
        await lab.until(lambda: "fixed and proved" in lab.status_text, "the proof")
        assert not _drill(lab).is_over
        await lab.answer("down")
        await lab.until(lambda: "Solved in" in lab.text, "the report")


async def test_a_drill_is_left_as_one(tmp_path: Path) -> None:
    async with drilling() as lab:
        lab.app._progress_file = ProgressFile(tmp_path / "progress.json")
        await lab.reach(LeaveDialog, "q")
        assert "leave the drill?" in _screen(lab)
        assert "does not count" in _screen(lab)
        assert "hatlab learn" not in _screen(lab)
        assert lab.app.how_to_resume == ""
        await lab.press("escape")


async def test_giving_up_is_asked_and_shows_all() -> None:
    async with drilling() as lab:
        await lab.press("h")
        assert "no hints" in lab.notices
        await lab.press("B", "B")
        assert lab.screen.facts_only
        await lab.press("R")
        assert "no reset" in lab.notices
        await lab.press("p")
        assert lab.app.session.time is not None
        assert lab.app.session.time.speed == 5
        await lab.reach(ConfirmDialog, "S")
        await lab.press("y")
        await lab.until(lambda: "Given up after" in lab.text, "the report")
        assert "db2 hears nothing" in lab.text
        assert not lab.screen.facts_only
        assert lab.screen.query_one(Banner).sentences


async def test_a_drill_is_begun_again_and_another_follows() -> None:
    labs = MadeLabs()
    async with drilling(labs=labs) as lab:
        first = lab.app.session
        await lab.reach(ConfirmDialog, "S")
        await lab.press("y")
        await lab.until(lambda: "Given up after" in lab.text, "the report")
        asked = await lab.reach(ConfirmDialog, "r")
        assert asked.query_one(".dialog").border_title == "start this drill again?"
        await lab.press("y")
        await lab.until(lambda: _drill(lab).is_under_way, "the drill again")
        assert lab.screen.facts_only
        await lab.reach(ConfirmDialog, "S")
        await lab.press("y")
        await lab.until(lambda: "Given up after" in lab.text, "the report")
        await lab.press("n", "n")
        await lab.until(lambda: labs.closed == [first], "to go on")
        assert lab.app.session is labs.entered[0]
        assert isinstance(lab.app.runner, DrillRunner)


async def test_a_cause_that_was_named_wrongly_is_marked() -> None:
    async with drilling() as lab:
        await lab.answer("down", "down")
        assert "✖ the passwords differ" in _screen(lab)
        assert "◦ db2 hears nothing" in _screen(lab)


async def test_d_ends_a_lab_and_begins_a_drill() -> None:
    labs = MadeLabs()
    app = LabApp(Session(StoryEngine()), clock=lambda: 0.0, labs=labs)
    async with app.run_test(size=SMALL) as pilot:
        await wait_for_lab(pilot)
        await pilot.press("D")
        await wait_for(pilot, lambda: isinstance(app.screen, ConfirmDialog), "the question")
        await pilot.press("y")
        await wait_for(pilot, lambda: labs.entered, "the drill's lab")
        await wait_for(pilot, lambda: isinstance(app.runner, DrillRunner), "the drill")
        assert app.facts_only
    for session in labs.entered:
        session.stop()
