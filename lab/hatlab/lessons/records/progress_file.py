"""What a learner has done, kept in one readable JSON file of theirs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeGuard

from hatlab.errors import UserError
from hatlab.lessons.conditions.trace import Trace, Value
from hatlab.lessons.play.progress import Answer, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import lab_values
from hatlab.util.files import read_bytes

try:
    import fcntl
except (
    ImportError
):  # pragma: no cover - where there is none, two writers at the same instant are not kept apart
    fcntl = None  # type: ignore[assignment]

FORMAT = "hatlab progress"
VERSION = 1
KEPT = "Your place in the lesson is kept: {}"
"""What a learner who leaves before the end is told; `{}`: the command that goes on."""


class ProgressFile:
    """The progress file.

    Args:
        path: where it is kept; made with the first note.
        warn: told when the file cannot be used as it is, or written.

    Attributes:
        warn: as given; a screen puts its own way of telling in its place.
        lessons: id → what is known of it (see `to_record`).
    """

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.path = path
        self.warn = warn
        self._is_unwritable = False
        self.records: dict[str, dict[str, Any]] = {}
        self._reload()

    def save(self, runner: LessonRunner) -> None:
        """Writes down where a lesson stands, if it has begun and that is new."""
        found = to_record(runner)
        if found is None:
            return
        old = self.records.get(runner.lesson.id, {})
        began = old.get("began") or _now()
        finished = old.get("finished") or (_now() if found["step"] == found["steps"] else None)
        new = {**found, "began": began, "finished": finished}
        if new != old:
            self._update(lambda: self.records.update({runner.lesson.id: new}))

    def reset(self, lesson: str | None = None) -> None:
        """Begins one lesson anew, or all."""
        self._update(lambda: self.records.clear() if lesson is None else self._drop(lesson))

    def merge_from(self, path: Path) -> int:
        """Takes over another progress file, each lesson from the side that is further in it.

        Returns how many lessons it had.

        Raises:
            UserError: it is none.
        """
        found = read_records(path)

        def further() -> None:
            own = self.records
            own.update({k: v for k, v in found.items() if _distance(v) >= _distance(own.get(k, {}))})

        self._update(further)
        return len(found)

    def to_json(self) -> str:
        """The file's content."""
        data = {"format": FORMAT, "version": VERSION, "lessons": self.records}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

    def _drop(self, lesson: str) -> None:
        self.records.pop(lesson, None)

    def _update(self, change: Callable[[], None]) -> None:
        """Changes what the file holds by now, which another hatlab may have written meanwhile.

        The file is written whole or not at all. Where it cannot be, that is said once, and work goes on.
        """
        beside = self.path.with_suffix(f".{os.getpid()}.new")
        try:
            with _exclusive_lock(self.path.with_suffix(".lock")):
                self._reload()
                change()
                beside.write_text(self.to_json(), encoding="utf-8", errors="backslashreplace")
                os.replace(beside, self.path)
        except OSError as error:
            change()
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            if not self._is_unwritable:
                self.warn(f"progress is not kept: cannot write {self.path}: {error.strerror}")
            self._is_unwritable = True

    def _reload(self) -> None:
        """Takes in what the file holds. One that cannot be used is put aside, what is known stays."""
        if self._is_unwritable or not self.path.exists():
            return
        try:
            self.records = read_records(self.path)
        except UserError as error:
            aside = self.path.with_name(f"{self.path.stem}.{time.strftime('%Y%m%d-%H%M%S')}.aside.json")
            try:
                self.path.replace(aside)
                self.warn(f"{error.message}: it was put aside as {aside}, and progress begins anew")
            except OSError as refused:
                self._is_unwritable = True
                self.warn(f"{error.message}; progress is not kept: {refused.strerror}")


@contextmanager
def _exclusive_lock(lock: Path) -> Iterator[None]:
    """Waits until no other process is inside."""
    with lock.open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_records(path: Path) -> dict[str, dict[str, Any]]:
    """The lessons in a progress file.

    Raises:
        UserError: it cannot be read, is damaged, or from another version of hatlab.
    """
    try:
        data = json.loads(read_bytes(path))
    except (ValueError, RecursionError):
        raise UserError(f"the progress file {path} is damaged", "it is JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UserError(f"{path} is no progress file", "hatlab lessons --export FILE writes one")
    if data.get("version") != VERSION:
        version = str(data.get("version"))[:20]
        raise UserError(f"the progress file {path} is of version {version}, not {VERSION}")
    lessons = data.get("lessons")
    if not isinstance(lessons, dict) or not all(isinstance(v, dict) for v in lessons.values()):
        raise UserError(f"the progress file {path} is damaged: its lessons are no mapping")
    return lessons


def to_record(runner: LessonRunner) -> dict[str, Any] | None:
    """Where a lesson stands, as plain data: `step` of `steps` (as many: finished), tasks, predictions, and
    what would have been right where none was made.

    None before it has begun.
    """
    course, progress = runner.compiled_or_none, runner.progress_or_none
    if course is None or progress is None:
        return None
    own = lab_values(course.layout)
    steps = len(runner.lesson.steps)
    return {
        "title": runner.lesson.front.title,
        "variant": runner.lesson.variant,
        "step": steps if progress.finished_at is not None else progress.step_index,
        "steps": steps,
        "tasks": {
            k: {
                "done": None if t.done_at is None else round(t.done_at - t.trace.began, 3),
                "skipped": t.skipped,
                "hints": list(t.hints),
            }
            for k, t in progress.tasks.items()
            if t.is_over
        },
        "answers": {
            k: {
                "said": _rounded(a.value),
                "was": _rounded(a.truth),
                "right": a.right,
                "late": a.late,
                "tries": a.tries,
            }
            for k, a in progress.answers.items()
        },
        "missed": {k: _rounded(truth) for k, (truth, _) in progress.revealed.items()},
        "measured": {k: _rounded(v) for k, v in progress.captures.items() if k not in own and v is not None},
    }


def from_record(entry: dict[str, Any]) -> Progress:
    """What an entry tells of a lesson that goes on: its tasks, answers and measured values; no more is known.

    A person may have changed the file: what does not fit is left out.
    """
    tasks = {
        k: _task(v)
        for k, v in as_mapping(entry.get("tasks")).items()
        if isinstance(v, dict) and (v.get("skipped") is True or _is_number(v.get("done")))
    }
    answers = {
        k: Answer(
            as_value(v.get("said")),
            0.0,
            truth=as_value(v.get("was")),
            right=v["right"] if isinstance(v.get("right"), bool) else None,
            late=v.get("late") is True,
            tries=tries if type(tries := v.get("tries")) is int else 1,
        )
        for k, v in as_mapping(entry.get("answers")).items()
        if isinstance(v, dict)
    }
    missed = {k: (as_value(v), "") for k, v in as_mapping(entry.get("missed")).items()}
    captures = {k: as_value(v) for k, v in as_mapping(entry.get("measured")).items()}
    return Progress(tasks=tasks, answers=answers, revealed=missed, captures=captures)


def _task(data: dict[str, Any]) -> TaskState:
    """A task that was over in another lab: it took as long as it did, before this one began."""
    hints = data.get("hints")
    told = tuple(h for h in hints if isinstance(h, str)) if isinstance(hints, list) else ()
    took = data.get("done")
    if _is_number(took):
        return TaskState(Trace(-1.0 - took), done_at=-1.0, hints=told)
    return TaskState(Trace(-1.0), skipped=True, hints=told)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def as_mapping(value: Any) -> dict[str, Any]:
    """A mapping of a file that a person may have changed; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_value(value: Any) -> Value:
    """An answer or measured value of such a file, None for what is none."""
    return float(value) if _is_number(value) else value if isinstance(value, str) else None


def _distance(entry: dict[str, Any]) -> tuple[bool, float]:
    """How far a learner is in a lesson, to compare."""
    step = entry.get("step")
    return bool(entry.get("finished")), float(step) if _is_number(step) else -1.0


def _rounded(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
