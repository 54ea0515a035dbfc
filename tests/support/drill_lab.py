"""A drill under way on a simulated lab that only a test moves."""

from __future__ import annotations

from hatlab.lessons.model import Lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.drill_runner import DrillRunner
from tests.support.drill_texts import DRILL
from tests.support.lesson_lab import LessonLab


class DrillLab(LessonLab):
    """A simulated lab with a drill that has begun."""

    def __init__(self, lesson: str | Lesson = DRILL) -> None:
        super().__init__(lesson)
        self.drill = DrillRunner(self.runner.lesson)
        self.runner = self.drill
        self._reader = self.session.reader()
        self.catch_up()
        self.drill.setting_up = True
        checkpoints.prepare(self.session, self.drill.compiled, 0)
        self.catch_up()
        self.drill.setting_up = False
        self.drill.begin()
