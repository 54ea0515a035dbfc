"""The app with a lesson, on the story engine or on a simulated lab that only a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets.markdown import MarkdownBlock

from hatlab.engine.base import Engine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import LabError
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.app.labs import LabOnScreen, LessonChoice
from hatlab.tui.lesson.pane import TutorPane
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.widgets.bullet_list import BulletList
from tests.support.drill_texts import DRILL
from tests.support.lesson_lab import make_lesson
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, wait_for, wait_for_lab
from tests.tui.simulated import screen_lines

WIDE, SMALL = (140, 45), (80, 24)
"""Sizes of terminals: columns and rows."""
HERE = Path(__file__).parent / "lesson_files"


def load_test_lesson(name: str = "kill", seed: int = 0) -> Lesson:
    return load_lesson(str(HERE / f"{name}.md"), seed)


def app_with(
    engine: Engine,
    name: str = "kill",
    *,
    progress_file: ProgressFile | None = None,
    following: str = "",
    step: int = 0,
    seed: int = 0,
    choice_seed: int | None = None,
    next_lesson: LessonChoice | None = None,
    labs: MadeLabs | None = None,
) -> LabApp:
    """Return an app with a lesson, in which nothing moves by itself."""
    return LabApp(
        Session(engine),
        clock=lambda: 0.0,
        runner=LessonRunner(load_test_lesson(name, seed), seed=choice_seed),
        progress_file=progress_file,
        following=following,
        step=step,
        next_lesson=next_lesson,
        labs=labs,
    )


class MadeLabs:
    """Makes labs as `hatlab learn` does, each on a simulator that only a test moves."""

    def __init__(self, error: LabError | None = None) -> None:
        self.made: list[LessonChoice] = []
        self.entered: list[Session] = []
        self.closed: list[Session] = []
        self._error = error

    def make(self, lesson: LessonChoice) -> LabOnScreen:
        self.made.append(lesson)
        if self._error is not None:
            raise self._error
        session = Session(unpaced_simulator())
        if lesson == "drill":
            return LabOnScreen(session, None, DrillRunner(make_lesson(DRILL)))
        return LabOnScreen(session, None, LessonRunner(load_lesson(str(lesson), 0)))

    def enter(self, lab: LabOnScreen) -> LabOnScreen:
        self.entered.append(lab.session)
        return replace(lab, record=Path("/somewhere/run.jsonl"))

    def close(self, session: Session) -> None:
        session.stop()
        self.closed.append(session)


@dataclass
class LearningApp(RunningApp):
    """An app with a lesson under a pilot."""

    @property
    def runner(self) -> LessonRunner:
        assert self.app.runner is not None
        return self.app.runner

    @property
    def screen(self) -> LabScreen:
        assert self.app.lab_screen is not None
        return self.app.lab_screen

    @property
    def tutor(self) -> TutorPane:
        return self.app.screen_stack[1].query_one(TutorPane)

    @property
    def step(self) -> int:
        return self.runner.progress.step_index

    async def go_on(self) -> None:
        """Go to the second step of `kill`, as the story's mysqld dies; skip the question before it."""
        await self.press("S")
        await self.tell_until(10.2)
        await self.until(lambda: self.runner.item is None, "the end of the first step")
        await self.press("n")

    async def turn_page(self) -> None:
        """Press n, which first shows the rest of a page that is longer than the screen."""
        while self.tutor.text.has_more_below:
            await self.press("n")
        await self.press("n")

    @property
    def text(self) -> str:
        """All that stands on the tutor's page."""
        lines = []
        for widget in self.tutor.text.walk_children(Widget):
            if isinstance(widget, BulletList):
                lines += [glyph + text.plain for (glyph, _), text in widget._bullets]
            elif isinstance(widget, MarkdownBlock):
                lines.append(str(widget.render()))
        return "\n".join(lines)

    @property
    def status_text(self) -> str:
        """The tutor's status line, as it is drawn."""
        return "\n".join(line.plain for line in self.tutor._status.build())

    def shows(self, words: str) -> bool:
        """Return True if the tutor's lines on the screen contain some words."""
        top, bottom = self.tutor.text.region.y, self.tutor.text.region.bottom
        return words in "\n".join(screen_lines(self.pilot)[top:bottom])

    async def answer(self, *keys: str) -> None:
        """Go to the open question and answer it."""
        await self.until(lambda: self.tutor.open_question, "a question")
        if not self.tutor.answering:
            await self.press("enter")
        await self.until(lambda: self.tutor.answering, "the question to have the keys")
        before = self.runner.progress.answers
        await self.press(*keys, "enter")
        await self.until(lambda: self.runner.progress.answers is not before, "the answer")
        await self.pilot.pause(0.1)


async def wait_for_lesson(pilot: Pilot[int]) -> None:
    """Read the introduction, and wait until the lesson has begun on the screen."""
    app = pilot.app
    assert isinstance(app, LabApp)
    await wait_for(pilot, lambda: isinstance(app.screen, LessonStart | LabScreen), "the introduction")
    if isinstance(app.screen, LessonStart):
        await pilot.press("enter")
    await wait_for_lab(pilot)
    runner = app.runner
    assert runner is not None
    await wait_for(pilot, lambda: runner.progress_or_none is not None, "the lesson")
    await pilot.pause(0.3)


@asynccontextmanager
async def learning(app: LabApp, *, size: tuple[int, int] = (140, 45)) -> AsyncIterator[LearningApp]:
    """Run the app until its lesson has begun."""
    try:
        async with app.run_test(size=size) as pilot:
            await wait_for_lesson(pilot)
            engine = app.session.engine
            yield LearningApp(app, engine, pilot)  # type: ignore[arg-type]
    finally:
        app.session.stop()


def unpaced_simulator() -> SimulatorEngine:
    """Return a simulator that moves only when a test moves it."""
    return SimulatorEngine("two-node", load_topology("two-node"), paced=False, reason="asked for")


def story_engine(until: float = 9.0) -> StoryEngine:
    return StoryEngine(until)


def paced(step: int = 0) -> LabApp:
    """Return an app with a lesson on a simulated lab that runs five times as fast as real time."""
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    return app_with(engine, step=step)
