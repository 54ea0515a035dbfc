"""The list of lessons in the lab: choosing one ends the lab and names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.library.catalogue import Catalogue, Library
from hatlab.lessons.library.loader import shipped_lessons
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_list import LessonList
from tests.support.lesson_texts import LESSON
from tests.tui.apps import wait_for


async def test_the_first_unfinished_lesson_is_proposed_and_taken(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    progress_file.records["one-server"] = {"finished": "2026-01-01"}
    catalogue = Catalogue(Library(), progress_file)
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))), catalogue=catalogue)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(app.screen, LessonList))
        listed = app.screen.query_one(OptionList)
        assert listed.option_count == len(Library().read_lessons(shipped_lessons()))
        assert listed.highlighted == 1
        await pilot.press("escape")
        assert catalogue.chosen is None
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(app.screen, LessonList))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.session.ended)
    assert catalogue.chosen == Library().find("reading-an-advert")


async def test_an_instructor_s_lessons_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    own = folder / "own.md"
    own.write_text(LESSON.replace("id: small", "id: own"))
    catalogue = Catalogue(Library([folder]), ProgressFile(tmp_path / "progress.json"))
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))), catalogue=catalogue)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(app.screen, LessonList))
        listed = app.screen.query_one(OptionList)
        told = [str(listed.get_option_at_index(k).prompt).strip() for k in range(4)]
        assert told[0] == "course"
        assert "Small" in told[1]
        assert told[2] == "hatlab"
        assert "One server" in told[3]
        assert listed.highlighted == 1
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.session.ended)
    assert catalogue.chosen == own


async def test_a_lab_without_lessons_says_where_they_are() -> None:
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        await pilot.press("L")
        await pilot.pause()
        assert not isinstance(app.screen, LessonList)
    app.session.stop()


async def test_a_warning_of_the_progress_file_is_shown_on_the_screen(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json", lambda _: pytest.fail("written over the screen"))
    session = Session(SimulatorEngine("two-node", load_topology("two-node")))
    app = LabApp(session, progress_file=progress_file)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        progress_file.warn("progress is not kept: the disk is full")
        await wait_for(pilot, lambda: any("disk is full" in n.message for n in app._notifications))
    session.stop()
