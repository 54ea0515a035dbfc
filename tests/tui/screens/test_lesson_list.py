"""The list of lessons in the lab: choosing one shows its lab in place of the one before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.library.loader import shipped_lessons
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lesson_list import LessonList
from hatlab.tui.screens.lesson_start import LessonStart
from tests.support.lesson_texts import LESSON
from tests.tui.apps import RunningApp, wait_for_lab
from tests.tui.learning import MadeLabs


@asynccontextmanager
async def on_simulator(**lessons: Any) -> AsyncIterator[RunningApp]:
    """The app on a simulated pair, with what it needs of lessons."""
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))), **lessons)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_lab(pilot)
            yield RunningApp(app, app.session.engine, pilot)  # type: ignore[arg-type]
    finally:
        app.session.stop()


async def test_the_first_unfinished_lesson_is_proposed_and_taken(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    progress_file.records["one-server"] = {"finished": "2026-01-01"}
    catalogue = Catalogue(Library(), progress_file)
    labs = MadeLabs()
    async with on_simulator(catalogue=catalogue, labs=labs) as lab:
        before = lab.app.session
        listed = (await lab.reach(LessonList, "L")).query_one(OptionList)
        assert listed.option_count == len(Library().read_lessons(shipped_lessons())) + 1
        assert "A drill" in str(listed.get_option_at_index(listed.option_count - 1).prompt)
        assert listed.highlighted == 1
        await lab.press("escape")
        assert labs.made == []
        await lab.reach(LessonList, "L")
        await lab.press("enter")
        await lab.until(lambda: isinstance(lab.app.screen, LessonStart), "the lesson")
        await lab.until(lambda: labs.closed == [before], "the lab before to be gone")
        assert before.ended
    assert labs.made == [Library().find("reading-an-advert")]


async def test_an_instructor_s_lessons_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    own = folder / "own.md"
    own.write_text(LESSON.replace("id: small", "id: own"))
    catalogue = Catalogue(Library([folder]), ProgressFile(tmp_path / "progress.json"))
    labs = MadeLabs()
    async with on_simulator(catalogue=catalogue, labs=labs) as lab:
        listed = (await lab.reach(LessonList, "L")).query_one(OptionList)
        told = [str(listed.get_option_at_index(k).prompt).strip() for k in range(4)]
        assert told[0] == "course"
        assert "Small" in told[1]
        assert told[2] == "hatlab"
        assert "One server" in told[3]
        assert listed.highlighted == 1
        await lab.press("enter")
        await lab.until(lambda: isinstance(lab.app.screen, LessonStart), "the lesson")
    assert labs.made == [own]


async def test_a_lab_without_lessons_says_where_they_are() -> None:
    async with on_simulator() as lab:
        await lab.press("L")
        assert not isinstance(lab.app.screen, LessonList)


async def test_a_warning_of_the_progress_file_is_shown_on_the_screen(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json", lambda _: pytest.fail("written over the screen"))
    async with on_simulator(progress_file=progress_file) as lab:
        progress_file.warn("progress is not kept: the disk is full")
        await lab.until(lambda: "disk is full" in lab.notices, "the warning")
