"""Students of a class, each of whom takes a lesson on a simulated lab that is recorded."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from hatlab.lessons.model import Lesson, QuestionItem, Task
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.exam import Exam, ExamSitting
from hatlab.lessons.play.learner_notes import LearnerNotes
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.opening import describe_opening
from hatlab.recorder import Recorder, open_recording
from tests.support.lesson_walk import LessonWalk

MORNING = 1_796_000_000.0
"""When the first of them begins, s since 1970."""


class Clock:
    """A clock of a student who takes their time: each look at it is some seconds after the one before."""

    def __init__(self, seed: int, begins: float) -> None:
        self._draw, self.now = Random(seed), begins

    def __call__(self) -> float:
        self.now += self._draw.uniform(1.0, 9.0)
        return self.now


class RecordedWalk(LessonWalk):
    """A walk through a lesson of which there is a recording.

    Args:
        lesson: the lesson.
        path: where it is recorded.
        seed: draws the learner's pace, and the order of the choices.
        begins: when, s since 1970.
        details: more of what the recording says where the lesson is opened.
    """

    def __init__(
        self,
        lesson: Lesson,
        path: Path,
        *,
        seed: int = 1,
        begins: float = MORNING,
        details: dict[str, object] | None = None,
    ) -> None:
        super().__init__(lesson, reading=0.4)
        self.runner = (DrillRunner if lesson.is_drill else LessonRunner)(lesson, seed=seed)
        self._player = ActionPlayer(self.session, fast=True, feed=self.runner.feed)
        self.clock = Clock(seed, begins)
        opening = describe_opening(self.runner, continues=False) | (details or {})
        self.runner.notes = LearnerNotes(
            self.session.note, opening, wall=self.clock, steady=lambda: self.clock.now - begins
        )
        self._recorder = Recorder(self.session, open_recording(path), lesson=True)

    def walk(self) -> None:
        try:
            super().walk()
        finally:
            self._recorder.close()


class ExamWalk(RecordedWalk):
    """A walk through a lesson that is an exam: one answer a question, and no hint.

    Args:
        lesson: the lesson, or a drill.
        path: where it is recorded.
        exam: what was stated.
        held: seconds for which a teacher has everybody's eyes, before the first answer.
        options: as of `RecordedWalk`.
    """

    def __init__(self, lesson: Lesson, path: Path, *, exam: Exam, held: float = 0.0, **options: Any) -> None:
        super().__init__(lesson, path, details={"exam": exam.to_details()}, **options)
        self._held = held
        self.runner.exam = ExamSitting(exam)

    def _answer(self, item: QuestionItem) -> None:
        if self._held:
            self.runner.hold_clock(True)
            self.clock.now, self._held = self.clock.now + self._held, 0.0
            self.runner.hold_clock(False)
        if self.runner.lesson.is_drill:
            super()._answer(item)
            return
        choices = choice_texts(item.question, self.runner.values)
        self.runner.answer(choices[0] if choices else "0")

    def _do(self, task: Task) -> None:
        for line in self._lines(task):
            self._player.play([line])
        assert self._player.wait_until(lambda: self.runner.progress.tasks[task.id].is_over, task.within)
