"""A lesson in the app, over the story or a simulated lab that only a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets.markdown import MarkdownBlock

from hatlab.engine.base import Engine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.session import Session
from hatlab.topology.library import load_topology
from hatlab.tui.app.app import LabApp
from hatlab.tui.lesson.bullet_list import BulletList
from hatlab.tui.lesson.pane import TutorPane
from tests.support.story_engine import StoryEngine
from tests.tui.apps import Running, show, wait_for
from tests.tui.simulated import text as screen_text

WIDE, SMALL = (140, 45), (80, 24)
"""Sizes of terminals: columns and rows."""
HERE = Path(__file__).parent / "lesson_files"


def lesson(name: str = "kill", seed: int = 0) -> Lesson:
    return load_lesson(str(HERE / f"{name}.md"), seed)


def app_with(
    engine: Engine,
    name: str = "kill",
    *,
    progress_file: ProgressFile | None = None,
    following: str = "",
    step: int = 0,
    seed: int = 0,
) -> LabApp:
    """An app with a lesson, in which nothing moves by itself."""
    return LabApp(
        Session(engine),
        clock=lambda: 0.0,
        runner=LessonRunner(lesson(name, seed)),
        progress_file=progress_file,
        following=following,
        step=step,
    )


@dataclass
class Lessoned(Running):
    """An app with a lesson under a pilot."""

    @property
    def runner(self) -> LessonRunner:
        assert self.app.runner is not None
        return self.app.runner

    @property
    def tutor(self) -> TutorPane:
        found = self.app.screen_stack[1].query_one(TutorPane)
        assert isinstance(found, TutorPane)
        return found

    @property
    def step(self) -> int:
        return self.runner.progress.step_index

    async def go_on(self) -> None:
        """To the second step of `kill`, as the story's mysqld dies; the question before it is skipped."""
        await self.press("S")
        await self.tell_until(10.2)
        await self.until(lambda: self.runner.item is None, "the end of the first step")
        await self.press("n")

    @property
    def text(self) -> str:
        """What the tutor's page says."""
        found = []
        for item in self.tutor.text.walk_children(Widget):
            if isinstance(item, BulletList):
                found += [glyph + text.plain for (glyph, _), text in item._bullets]
            elif isinstance(item, MarkdownBlock):
                found.append(str(item.render()))
        return "\n".join(found)

    @property
    def notices(self) -> str:
        """What was told: in toasts, and in the line of keys."""
        screen = self.app.lab_screen
        return f"{super().notices}\n{screen._keys.notice[0] if screen is not None else ''}"

    @property
    def said(self) -> str:
        """The line that says what is waited for, as it is drawn."""
        return "\n".join(line.plain for line in self.tutor._status.build())

    def shows(self, words: str) -> bool:
        """Return True if the tutor's lines on the screen contain some words."""
        top, bottom = self.tutor.text.region.y, self.tutor.text.region.bottom
        return words in "\n".join(screen_text(self.pilot)[top:bottom])

    async def answer(self, *keys: str) -> None:
        """Goes to the open question and answers it."""
        await self.until(lambda: self.tutor.open_question, "a question")
        await self.press("4")
        await self.until(lambda: self.tutor.answering, "the question to have the keys")
        before = self.runner.progress.answers
        await self.press(*keys, "enter")
        await self.until(lambda: self.runner.progress.answers is not before, "the answer")
        await self.pilot.pause(0.1)


async def begun(pilot: Pilot[int]) -> None:
    """Waits until the lesson has begun on the screen."""
    await show(pilot)
    app = pilot.app
    assert isinstance(app, LabApp)
    runner = app.runner
    assert runner is not None
    await wait_for(pilot, lambda: runner.progress_or_none is not None, "the lesson")
    await pilot.pause(0.3)


@asynccontextmanager
async def learning(app: LabApp, *, size: tuple[int, int] = (140, 45)) -> AsyncIterator[Lessoned]:
    """The app with its lesson begun."""
    try:
        async with app.run_test(size=size) as pilot:
            await begun(pilot)
            engine = app.session.engine
            yield Lessoned(app, engine, pilot)  # type: ignore[arg-type]
    finally:
        app.session.stop()


def simulator() -> SimulatorEngine:
    """Moves only when a test moves it."""
    return SimulatorEngine("two-node", load_topology("two-node"), paced=False, reason="asked for")


def fake(until: float = 9.0) -> StoryEngine:
    return StoryEngine(until)


def paced(step: int = 0) -> LabApp:
    """An app with a lesson on a simulated lab that runs five times as fast as real time."""
    engine = SimulatorEngine("two-node", load_topology("two-node"), speed=5, reason="asked for")
    return app_with(engine, step=step)
