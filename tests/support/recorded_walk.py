"""Students of a class, each of whom takes a lesson on a simulated lab that is recorded."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hatlab.lessons.model import Lesson
from hatlab.lessons.play.learner_notes import LearnerNotes
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
        self.runner.__init__(lesson, seed=seed)  # type: ignore[misc]  # the same, which the player feeds
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
