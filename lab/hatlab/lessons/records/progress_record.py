"""Where a learner stands in a lesson, as plain data for the progress file, and back."""

from __future__ import annotations

from typing import Any, TypeGuard

from hatlab.lessons.conditions.trace import Trace, Value
from hatlab.lessons.play.progress import Answer, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import lab_values

Record = dict[str, Any]
"""What is known of one lesson; see `to_record`."""


def to_record(runner: LessonRunner) -> Record | None:
    """Return where a lesson stands: `step` of `steps` (as many: finished), tasks, answers, measured values.

    `missed` has what would have been right where no answer was given, `open` what the learner is at now. None
    before the lesson has begun.
    """
    compiled, progress = runner.compiled_or_none, runner.progress_or_none
    if compiled is None or progress is None:
        return None
    steps, of_lab = len(runner.lesson.steps), lab_values(compiled.layout)
    return {
        "title": runner.lesson.front.title,
        "variant": runner.lesson.variant,
        "seed": runner.seed,
        "step": steps if progress.finished_at is not None else progress.step_index,
        "steps": steps,
        "open": _open_item(runner),
        "tasks": {
            name: {
                "done": None
                if task.done_at is None
                else round(runner.seconds_between(task.trace.began, task.done_at), 3),
                "skipped": task.skipped,
                "hints": list(task.hints),
            }
            for name, task in progress.tasks.items()
            if task.is_over
        },
        "answers": {
            name: {
                "said": _rounded(answer.value),
                "was": _rounded(answer.truth),
                "right": answer.right,
                "close": answer.close,
                "late": answer.late,
                "tries": answer.tries,
                "wrong": list(answer.wrong),
            }
            for name, answer in progress.answers.items()
        },
        "missed": {name: _rounded(truth) for name, (truth, _) in progress.revealed.items()},
        "measured": {
            name: _rounded(value)
            for name, value in progress.captures.items()
            if name not in of_lab and value is not None
        },
    }


def from_record(record: Record) -> Progress:
    """Return the tasks, answers and measured values of a lesson that goes on; a record tells no more.

    A person may have changed the file: what does not fit is left out.
    """
    tasks = {
        name: _task_state(task)
        for name, task in as_mapping(record.get("tasks")).items()
        if isinstance(task, dict) and (task.get("skipped") is True or _is_number(task.get("done")))
    }
    answers = {
        name: _answer(answer)
        for name, answer in as_mapping(record.get("answers")).items()
        if isinstance(answer, dict)
    }
    revealed = {name: (as_value(truth), "") for name, truth in as_mapping(record.get("missed")).items()}
    captures = {name: as_value(value) for name, value in as_mapping(record.get("measured")).items()}
    return Progress(tasks=tasks, answers=answers, revealed=revealed, captures=captures)


def _open_item(runner: LessonRunner) -> dict[str, Any] | None:
    """Return the question or task that the learner is at; None where there is none."""
    name = getattr(runner.item, "id", None)
    if name is None:
        return None
    progress = runner.progress
    task, answer = progress.tasks.get(name), progress.answers.get(name)
    return {
        "id": name,
        "hints": list(task.hints) if task is not None else [],
        "wrong": list(answer.wrong) if answer is not None else [],
    }


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _answer(data: dict[str, Any]) -> Answer:
    right, tries = data.get("right"), data.get("tries")
    return Answer(
        as_value(data.get("said")),
        at=0.0,
        truth=as_value(data.get("was")),
        right=right if isinstance(right, bool) else None,
        close=data.get("close") is True,
        late=data.get("late") is True,
        tries=tries if type(tries) is int else 1,
        wrong=_texts(data.get("wrong")),
    )


def _task_state(data: dict[str, Any]) -> TaskState:
    """Return a task that was over in another lab: it took as long as it did, before this one began."""
    hints, seconds = data.get("hints"), data.get("done")
    texts = _texts(hints)
    if _is_number(seconds):
        return TaskState(Trace(-1.0 - seconds), done_at=-1.0, hints=texts)
    return TaskState(Trace(-1.0), skipped=True, hints=texts)


def distance(record: Record) -> tuple[bool, float]:
    """Return how far a learner is in a lesson, to compare."""
    step = record.get("step")
    return bool(record.get("finished")), float(step) if _is_number(step) else -1.0


def as_mapping(value: Any) -> dict[str, Any]:
    """Return a mapping of a file that a person may have changed; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_value(value: Any) -> Value:
    """Return an answer or measured value of such a file; None for anything else."""
    return float(value) if _is_number(value) else value if isinstance(value, str) else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _rounded(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value
