"""The list of lessons in the lab: choosing one ends the lab and names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from lab.engine.simulator.engine import SimulatorEngine
from lab.files import load_topology
from lab.lessons.notebook import Notebook
from lab.lessons.shelf import Shelf
from lab.session import Session
from lab.tui.app import LabApp
from lab.tui.lab_screen import LabScreen
from lab.tui.lesson_list import LessonList
from tests.tui.apps import wait_for


async def test_the_first_unfinished_lesson_is_proposed_and_taken(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "progress.json")
    notebook.lessons["one-server"] = {"finished": "2026-01-01"}
    shelf = Shelf(notebook)
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))), shelf=shelf)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(app.screen, LessonList))
        listed = app.screen.query_one(OptionList)
        assert listed.get_option_at_index(0).id == "one-server"
        assert listed.highlighted == 1
        await pilot.press("escape")
        assert shelf.wanted is None
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(app.screen, LessonList))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.session.ended)
    assert shelf.wanted == "reading-an-advert"


async def test_a_lab_without_lessons_says_where_they_are() -> None:
    app = LabApp(Session(SimulatorEngine("two-node", load_topology("two-node"))))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        await pilot.press("L")
        await pilot.pause()
        assert not isinstance(app.screen, LessonList)
    app.session.stop()


async def test_what_the_notebook_has_to_say_is_told_on_the_screen(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "progress.json", lambda _: pytest.fail("written over the screen"))
    session = Session(SimulatorEngine("two-node", load_topology("two-node")))
    app = LabApp(session, notebook=notebook)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LabScreen))
        notebook.warn("progress is not kept: the disk is full")
        await wait_for(pilot, lambda: any("disk is full" in n.message for n in app._notifications))
    session.stop()
