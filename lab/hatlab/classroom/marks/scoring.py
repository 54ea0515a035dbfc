"""The points of an attempt: docs/grading.md tells teachers and learners the same."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab.classroom.marks.attempts import Attempt, QuestionResult, TaskResult
from hatlab.lessons.play.exam import Exam
from hatlab.lessons.play.score import FULL, score

WHOLE, HALF = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Points:
    """Points, and how many there were to get."""

    got: float
    of: float

    @property
    def percent(self) -> int:
        return round(100 * self.got / self.of) if self.of else 100


def points_of(attempt: Attempt, exam: Exam | None = None) -> Points:
    """Return what an attempt is worth; in an exam a prediction has to be right, too."""
    if attempt.lesson.is_drill:
        return Points(score(attempt.drill) if attempt.drill is not None else 0, FULL)
    questions = sum(question_points(question, exam) for question in attempt.questions)
    tasks = sum(task_points(task) for task in attempt.tasks)
    return Points(questions + tasks, len(attempt.questions) + len(attempt.tasks))


def question_points(question: QuestionResult, exam: Exam | None = None) -> float:
    """A question counts if it was right at once, half if later or close; a prediction if it was made."""
    if question.said is None:
        return 0.0
    if question.is_prediction and exam is None:
        return HALF if question.late else WHOLE
    if question.right_at_once:
        return HALF if question.late else WHOLE
    if exam is not None and question.tries > exam.tries:  # somebody left, and came back to it
        return 0.0
    return HALF if question.right or question.close else 0.0


def task_points(task: TaskResult) -> float:
    """A task counts whole if it was done, half if its answer was seen."""
    if task.seconds is None:
        return 0.0
    return HALF if task.saw_answer else WHOLE
