"""An exam in the app, by its keys: the clock, what is refused, no verdicts, and the end of its time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hatlab.lessons.play.exam import Exam, ExamSitting
from hatlab.tui.screens.lesson_list import LessonList
from tests.tui.learning import SMALL, LearningApp, app_with, learning, unpaced_simulator
from tests.tui.simulated import screen_lines


class Steady:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def examined(clock: Steady, name: str = "verdicts") -> AsyncIterator[LearningApp]:
    app = app_with(unpaced_simulator(), name)
    assert app.runner is not None
    app.runner.exam = ExamSitting(Exam(name="the test", tries=1), 600.0, steady=clock)
    async with learning(app, size=SMALL) as lab:
        yield lab


def _screen(lab: LearningApp) -> str:
    return "\n".join(screen_lines(lab.pilot))


async def test_the_clock_is_on_the_screen_and_nothing_is_explained() -> None:
    clock = Steady()
    async with examined(clock) as lab:
        assert "◷ 10:00 left" in _screen(lab)
        assert "facts only" in _screen(lab)
        clock.now = 540.0
        await lab.until(lambda: "◷ 1:00 left" in _screen(lab), "the clock")
        assert lab.app.facts_only
        await lab.press("escape", "B")
        assert lab.app.facts_only


async def test_an_answer_is_locked_and_never_judged() -> None:
    async with examined(Steady()) as lab:
        await lab.answer("down")
        await lab.answer("down", "down")
        await lab.until(lambda: getattr(lab.runner.item, "id", "") == "cut-off", "the next question")
        assert lab.runner.progress.answers["many"].right is False
        page = lab.text + _screen(lab)
        assert not any(word in page for word in ("✖", "✔ right", "it was", "Nine is the last", "No."))


@pytest.mark.parametrize("key", ["h", "r", "p", "L"])
async def test_what_an_exam_does_not_have_is_refused(key: str) -> None:
    async with examined(Steady(), "kill") as lab:
        await lab.press("escape", key)
        await lab.until(lambda: "This is an exam:" in lab.notices, "the refusal")
        assert not isinstance(lab.app.screen, LessonList)


async def test_when_the_time_is_up_that_is_told_and_the_work_is_kept() -> None:
    clock = Steady()
    async with examined(clock) as lab:
        await lab.answer("down")
        clock.now = 601.0
        await lab.until(lambda: lab.runner.is_over, "the end")
        await lab.until(lambda: "Time is up. All that you did is kept" in lab.text, "the last page")
        assert "not answered" in lab.text
        assert lab.runner.progress.answers["suspicion"].value == "db1"
        assert "◷ time is up" in _screen(lab)
