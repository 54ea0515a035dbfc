"""A lesson under way on a simulated lab that only a test moves."""

from __future__ import annotations

from hatlab.lessons.format.file import parse_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.progress import Answer, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.topology.library import load_topology
from tests.support.lesson_texts import LESSON
from tests.support.simulated_lab import SimLab


def make_lesson(text: str = LESSON, seed: int | None = None) -> Lesson:
    """Parse a lesson that has no errors."""
    result = parse_lesson(text.encode(), topology=load_topology, seed=seed)
    assert result.lesson is not None, result.findings
    return result.lesson


class LessonLab(SimLab):
    """A simulated lab with a lesson that has begun."""

    def __init__(self, lesson: str | Lesson = LESSON, *, step: int = 0) -> None:
        super().__init__()
        self.runner = LessonRunner(make_lesson(lesson) if isinstance(lesson, str) else lesson)
        self.session.seek(self.now + checkpoints.APART)
        self._reader = self.session.reader()
        self.catch_up()
        self.runner.begin(step)

    def catch_up(self) -> None:
        while (batch := self._reader.drain()).events or batch.rewound:
            self.runner.feed(batch)

    def run(self, seconds: float) -> None:
        super().run(seconds)
        self.catch_up()

    def do(self, line: str, text: str = "", *, wait: float = 0.0) -> str:
        effect = super().do(line, text)
        self.catch_up()
        if wait:
            self.run(wait)
        return effect

    def go_back(self, at: float) -> None:
        self.session.seek(at)
        self.catch_up()

    def restore_step(self, step: int) -> None:
        """Put the lab into a step's beginning, as `retry` does."""
        checkpoints.restore(self.session, self.runner.compiled, step)
        self.catch_up()
        self.runner.begin(step)

    @property
    def progress(self) -> Progress:
        return self.runner.progress

    def task(self, name: str) -> TaskState:
        return self.progress.tasks[name]

    def answer(self, name: str) -> Answer:
        return self.progress.answers[name]

    def said(self, kind: str) -> list[str]:
        return [remark.text for remark in self.progress.remarks if remark.kind == kind]
