"""The introduction, read while the lab starts."""

from __future__ import annotations

from textual.widgets import Markdown

from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lesson_start import LessonStart
from tests.support.story_engine import StoryEngine
from tests.tui.apps import wait_for
from tests.tui.learning import SMALL, load_test_lesson


async def test_the_introduction_is_read_while_the_lab_starts() -> None:
    app = LabApp(Session(StoryEngine(0.7)), clock=lambda: 0.0, runner=LessonRunner(load_test_lesson()))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the start")
        await wait_for(pilot, lambda: "one" in str(app.screen.query_one(Markdown).source), "the introduction")
