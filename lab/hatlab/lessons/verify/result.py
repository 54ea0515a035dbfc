"""What the proof of a lesson found: its tasks, their wrong answers, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Lesson

WrongSolutionId = tuple[str, int]
"""A task's id, and which of its wrong answers."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task: how long its solution took (None: it did not pass), and what is wrong with it."""

    step: int
    id: str
    seconds: float | None = None
    wrong: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasuredAnswer:
    """What is right in a prediction or question, None if it could not be measured; `near` is near enough."""

    id: str
    truth: Value
    near: float


@dataclass(frozen=True, slots=True)
class LessonResult:
    """One lesson on one engine; `seconds` of real time. `faults` are those of no single task.

    `language` and `file` tell a translation from its original, which has the same id.
    """

    lesson: str
    variant: str
    engine: str
    seconds: float
    tasks: tuple[TaskResult, ...] = ()
    faults: tuple[str, ...] = ()
    language: str = ""
    file: str = ""
    truths: tuple[MeasuredAnswer, ...] = ()

    @classmethod
    def of(cls, lesson: Lesson, engine: str, seconds: float, **found: Any) -> LessonResult:
        """A sound lesson's result; `found`: the other fields."""
        language, file = lesson.front.language, lesson.file
        return cls(lesson.id, lesson.variant, engine, seconds, language=language, file=file, **found)

    @property
    def ok(self) -> bool:
        return not self.faults and not any(task.faults for task in self.tasks)

    def to_data(self) -> dict[str, Any]:
        return {
            "lesson": self.lesson,
            "variant": self.variant,
            "language": self.language,
            "file": self.file,
            "engine": self.engine,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "faults": list(self.faults),
            "tasks": [
                {
                    "step": task.step + 1,
                    "id": task.id,
                    "seconds": None if task.seconds is None else round(task.seconds, 3),
                    "wrong_answers": task.wrong,
                    "faults": list(task.faults),
                }
                for task in self.tasks
            ],
            "truths": [
                {"id": each.id, "truth": _rounded(each.truth), "near": each.near} for each in self.truths
            ],
        }


def _rounded(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value


def wrong_solution_ids(lesson: Lesson) -> list[WrongSolutionId]:
    """Every wrong answer of a lesson."""
    return [(task.id, k) for _, task in lesson.tasks() for k in range(len(task.wrong))]


def merge_results(first: LessonResult, more: Iterable[LessonResult]) -> LessonResult:
    """A lesson's result with those of its wrong answers."""
    tasks, faults = {task.id: task for task in first.tasks}, list(first.faults)
    for each in more:
        faults += each.faults
        for task in each.tasks:
            own = tasks[task.id]
            tasks[task.id] = replace(own, wrong=own.wrong + task.wrong, faults=(*own.faults, *task.faults))
    return replace(first, tasks=tuple(tasks.values()), faults=tuple(dict.fromkeys(faults)))
