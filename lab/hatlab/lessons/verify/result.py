"""What verifying a lesson found out about its tasks, their wrong solutions, and the lesson as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Lesson

WrongSolutionId = tuple[str, int]
"""A task's id, and the index of one of its wrong solutions."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task of a lesson that was verified."""

    step: int
    id: str
    seconds: float | None = None
    """How long its solution took; None if it did not pass."""
    refused: int = 0
    """How many of its wrong solutions were refused."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasuredAnswer:
    """The right answer to a prediction or question."""

    id: str
    truth: Value
    """None if it could not be measured."""
    near: float
    """How far off an answer may be."""


@dataclass(frozen=True, slots=True)
class LessonResult:
    """One lesson that was verified on one engine."""

    lesson: str
    variant: str
    engine: str
    seconds: float
    """Real time that it took."""
    tasks: tuple[TaskResult, ...] = ()
    problems: tuple[str, ...] = ()
    """Problems that belong to no single task."""
    language: str = ""
    """Tells, with `file`, a translation from its original, which has the same id."""
    file: str = ""
    truths: tuple[MeasuredAnswer, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems and not any(task.problems for task in self.tasks)

    def to_data(self) -> dict[str, Any]:
        """Return the result as `hatlab verify --json` prints it."""
        return {
            "lesson": self.lesson,
            "variant": self.variant,
            "language": self.language,
            "file": self.file,
            "engine": self.engine,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "faults": list(self.problems),
            "tasks": [
                {
                    "step": task.step + 1,
                    "id": task.id,
                    "seconds": _rounded(task.seconds),
                    "wrong_answers": task.refused,
                    "faults": list(task.problems),
                }
                for task in self.tasks
            ],
            "truths": [
                {"id": answer.id, "truth": _rounded(answer.truth), "near": answer.near}
                for answer in self.truths
            ],
        }


def _rounded(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value


@dataclass(slots=True)
class ResultBuilder:
    """What is known of a lesson while it is being verified."""

    lesson: Lesson
    tasks: dict[str, TaskResult]
    """By the task's id."""
    truths: dict[str, Value] = field(default_factory=dict)
    """Question → its right answer, as it was measured first."""
    problems: list[str] = field(default_factory=list)

    def add_problem(self, text: str) -> None:
        """Note a problem of no single task, once."""
        if text not in self.problems:
            self.problems.append(text)

    def add_task_problem(self, task: str, text: str) -> None:
        """Note a problem of a task, once."""
        result = self.tasks[task]
        if text not in result.problems:
            self.tasks[task] = replace(result, problems=(*result.problems, text))

    def build(self, engine: str, seconds: float) -> LessonResult:
        lesson = self.lesson
        answers = (
            MeasuredAnswer(item.id, self.truths.get(item.id), item.question.near)
            for _, item in lesson.questions()
        )
        return LessonResult(
            lesson.id,
            lesson.variant,
            engine,
            seconds,
            tasks=tuple(self.tasks.values()),
            problems=tuple(self.problems),
            language=lesson.front.language,
            file=lesson.file,
            truths=tuple(answers),
        )


def wrong_solution_ids(lesson: Lesson) -> list[WrongSolutionId]:
    """Return every wrong solution of a lesson."""
    return [(task.id, index) for _, task in lesson.tasks() for index in range(len(task.wrong))]


def merge_results(first: LessonResult, others: Iterable[LessonResult]) -> LessonResult:
    """Return a lesson's result together with those of its wrong solutions."""
    tasks, problems = {task.id: task for task in first.tasks}, list(first.problems)
    for other in others:
        problems += other.problems
        for task in other.tasks:
            known = tasks[task.id]
            tasks[task.id] = replace(
                known, refused=known.refused + task.refused, problems=(*known.problems, *task.problems)
            )
    return replace(first, tasks=tuple(tasks.values()), problems=tuple(dict.fromkeys(problems)))
