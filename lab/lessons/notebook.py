"""What a learner has done, kept in one readable JSON file of theirs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.errors import UserError
from lab.files import read_bytes
from lab.lessons.course import names_of
from lab.lessons.guide import Guide
from lab.lessons.measures import Value

FORMAT = "hatlab progress"
VERSION = 1


class Notebook:
    """The progress file.

    Args:
        path: where it is kept; made with the first note.
        warn: told when the file cannot be used as it is, or written.

    Attributes:
        lessons: id → what is known of it (see `entry`).
    """

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.path = path
        self._warn = warn
        self.lessons: dict[str, dict[str, Any]] = {}
        if path.exists():
            try:
                self.lessons = read(path)
            except UserError as error:
                aside = path.with_name(f"{path.stem}.{time.strftime('%Y%m%d-%H%M%S')}.aside.json")
                path.replace(aside)
                warn(f"{error.message}: it was put aside as {aside}, and progress begins anew")

    def note(self, guide: Guide) -> None:
        """Writes down where a lesson stands, if that is new."""
        found = entry(guide)
        old = self.lessons.get(guide.lesson.id, {})
        began = old.get("began") or _now()
        finished = old.get("finished") or (_now() if found["step"] == found["steps"] else None)
        new = {**found, "began": began, "finished": finished}
        if new != old:
            self.lessons[guide.lesson.id] = new
            self.save()

    def forget(self, lesson: str | None = None) -> None:
        """Begins one lesson anew, or all."""
        if lesson is None:
            self.lessons.clear()
        else:
            self.lessons.pop(lesson, None)
        self.save()

    def take(self, path: Path) -> int:
        """Takes over another progress file; what was finished stays so. Returns how many lessons it had.

        Raises:
            UserError: it is none.
        """
        found = read(path)
        for name, theirs in found.items():
            if not self.lessons.get(name, {}).get("finished") or theirs.get("finished"):
                self.lessons[name] = theirs
        self.save()
        return len(found)

    def text(self) -> str:
        """The file's content."""
        data = {"format": FORMAT, "version": VERSION, "lessons": self.lessons}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

    def save(self) -> None:
        """Writes the file, whole or not at all; says so if it cannot, and goes on."""
        beside = self.path.with_suffix(".new")
        try:
            beside.write_text(self.text(), encoding="utf-8")
            os.replace(beside, self.path)
        except OSError as error:
            self._warn(f"progress is not kept: cannot write {self.path}: {error.strerror}")


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The lessons in a progress file.

    Raises:
        UserError: it cannot be read, is damaged, or from a newer hatlab.
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


def entry(guide: Guide) -> dict[str, Any]:
    """Where a lesson stands, as plain data: `step` of `steps` (as many: finished), tasks, predictions."""
    course, progress = guide.course, guide.progress
    steps = len(guide.lesson.steps)
    found: dict[str, Any] = {"title": guide.lesson.front.title, "step": 0, "steps": steps}
    if course is None or progress is None:
        return found
    own = names_of(course.layout)
    return found | {
        "step": steps if progress.finished is not None else progress.step,
        "tasks": {k: "skipped" if t.skipped else "done" for k, t in progress.tasks.items() if t.over},
        "hints": sum(len(task.hints) for task in progress.tasks.values()),
        "answers": {
            k: {"said": _plain(a.value), "was": _plain(a.truth), "right": a.right, "late": a.late}
            for k, a in progress.answers.items()
        },
        "measured": {k: _plain(v) for k, v in progress.captures.items() if k not in own},
    }


def _plain(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
