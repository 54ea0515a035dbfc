"""The introduction, read while the lab starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Markdown, Static

from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Batch, Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.screens.prompt import ActionPrompt
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, wait_for
from tests.tui.learning import SMALL, load_test_lesson


async def test_the_introduction_is_read_while_the_lab_starts() -> None:
    app = LabApp(Session(StoryEngine(0.7)), clock=lambda: 0.0, runner=LessonRunner(load_test_lesson()))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the start")
        await wait_for(pilot, lambda: "one" in str(app.screen.query_one(Markdown).source), "the introduction")


@pytest.mark.parametrize(("rows", "more"), [(35, False), (16, True)])
async def test_the_key_that_reads_on_is_named_where_there_is_more(rows: int, more: bool) -> None:
    lesson = load_test_lesson()
    long = replace(lesson, intro="\n\n".join([lesson.intro] * 6))
    app = LabApp(Session(StoryEngine(9.0)), clock=lambda: 0.0, runner=LessonRunner(long))
    async with app.run_test(size=(80, rows)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the introduction")
        keys = app.screen.query_one("#start-keys", Static)
        await wait_for(pilot, lambda: ("Space: read on" in str(keys.render())) is more, "the keys")


@pytest.mark.parametrize("told", [0.7, 9.0], ids=["the lab is starting", "the lab is ready"])
async def test_what_is_typed_after_a_colon_reaches_the_action_line_of_the_lab(told: float) -> None:
    """As it would in the lab; in the introduction alone, `q` quits."""
    engine = StoryEngine(told)
    app = LabApp(Session(engine), clock=lambda: 0.0, runner=LessonRunner(load_test_lesson()))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the introduction")
        lab = RunningApp(app, engine, pilot)
        lab.burst(*":sql q 1")
        await pilot.pause()
        engine.tell_until(9.0)
        await lab.until(lambda: isinstance(app.screen, ActionPrompt), "the action line")
        await lab.until(lambda: not lab.app.keys_waiting, "the keys")
        assert app.screen.query_one(Input).value == "sql q 1"


async def test_escape_forgets_what_was_typed_for_a_lab_that_is_not_there_yet() -> None:
    engine = StoryEngine(0.7)
    app = LabApp(Session(engine), clock=lambda: 0.0, runner=LessonRunner(load_test_lesson()))
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the introduction")
        lab = RunningApp(app, engine, pilot)
        await lab.type_in_burst(*":kill", "escape")
        assert not app.keys_waiting
        await pilot.press("q")
        await lab.until(lambda: app.return_code is not None or not app.is_running, "the end")


async def test_names_that_become_known_while_the_screen_is_made_are_in_the_introduction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of a lab that was made while the summary of the lesson before was read."""
    compose = LessonStart.compose

    def compose_and_feed(screen: LessonStart) -> ComposeResult:
        yield from compose(screen)
        screen.feed(Batch((), app.session.state))

    app = LabApp(Session(StoryEngine(9.0)), clock=lambda: 0.0, runner=LessonRunner(load_test_lesson()))
    monkeypatch.setattr(LessonStart, "compose", compose_and_feed)
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the start")
        await wait_for(pilot, lambda: "one" in str(app.screen.query_one(Markdown).source), "the introduction")
