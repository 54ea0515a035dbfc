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


def lesson(text: str = LESSON, seed: int | None = None) -> Lesson:
    """The lesson that a text holds; it has no errors."""
    examined = parse_lesson(text.encode(), topology=load_topology, seed=seed)
    assert examined.lesson is not None, examined.findings
    return examined.lesson


class Taught(SimLab):
    """A lesson begun, and its lab."""

    def __init__(self, text: str = LESSON, *, step: int = 0) -> None:
        super().__init__()
        self.runner = LessonRunner(lesson(text))
        self.session.seek(self.now + checkpoints.APART)
        self._following = self.session.reader()
        self.look()
        self.runner.begin(step)

    def look(self) -> None:
        while (batch := self._following.drain()).events or batch.rewound:
            self.runner.feed(batch)

    def run(self, seconds: float) -> None:
        super().run(seconds)
        self.look()

    def do(self, line: str, text: str = "") -> str:
        effect = super().do(line, text)
        self.look()
        return effect

    def back(self, at: float) -> None:
        self.session.seek(at)
        self.look()

    def put(self, step: int) -> None:
        """As `retry` does."""
        checkpoints.restore(self.session, self.runner.compiled, step)
        self.look()
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
