"""What a learner has done, kept in one readable JSON file of theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import UserError
from hatlab.util.kept_file import KeptFile, format_now, read_json
from hatlab.util.visible import to_json as format_json

if TYPE_CHECKING:
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.progress_record import Record

FORMAT = "hatlab progress"
VERSION = 1
KEPT = "To continue this lesson where you left it: {}"
"""What a learner who leaves before the end is told; `{}`: the command that goes on."""


class ProgressFile(KeptFile):
    """A learner's progress file.

    Args:
        path: where it is kept; made when it is first saved.
        warn: called with what to say when the file cannot be used as it is, or written.
    """

    CONTENT = "your progress"

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.records: dict[str, Record] = {}
        """What is known of each lesson, by its id."""
        super().__init__(path, warn)

    def _read(self, path: Path) -> None:
        self.records = read_records(path)

    def save(self, runner: LessonRunner) -> None:
        """Write down where a lesson stands, if it has begun and that is new."""
        from hatlab.lessons.records.progress_record import to_record  # not before a lesson begins

        record = to_record(runner)
        if record is None:
            return
        old, now = self.records.get(runner.lesson.id, {}), format_now()
        began = old.get("began") or now
        finished = old.get("finished") or (now if record["step"] == record["steps"] else None)
        new = {**record, "began": began, "finished": finished}
        if (item := record["open"]) is not None:
            new["open"] = item | {"since": _open_since(old, record) or now}
        if {**new, "last": old.get("last")} != old:
            new["last"] = now
            self._update(lambda: self.records.update({runner.lesson.id: new}))

    def reset(self, lesson: str | None = None) -> None:
        """Forget what is known of one lesson, or of all."""

        def forget() -> None:
            for name in list(self.records) if lesson is None else [lesson]:
                self.records.pop(name, None)

        self._update(forget)

    def merge_from(self, path: Path) -> int:
        """Take over another progress file, each lesson from the side that is further in it.

        Returns how many lessons it had.

        Raises:
            UserError: it is no progress file.
        """
        from hatlab.lessons.records.progress_record import distance

        theirs = read_records(path)

        def merge() -> None:
            for name, record in theirs.items():
                if distance(record) >= distance(self.records.get(name, {})):
                    self.records[name] = record

        self._update(merge)
        return len(theirs)

    def to_json(self) -> str:
        """Return the file's content."""
        data = {"format": FORMAT, "version": VERSION, "lessons": self.records}
        return format_json(data, indent=2) + "\n"


def _open_since(old: Record, new: Record) -> str | None:
    """Return since when a learner has been at what is open, None if they have just come to it."""
    from hatlab.lessons.records.progress_record import as_mapping

    before = as_mapping(old.get("open"))
    is_same = before.get("id") == new["open"]["id"] and old.get("step") == new["step"]
    since = before.get("since")
    return since if is_same and isinstance(since, str) else None


def read_records(path: Path) -> dict[str, Record]:
    """Return the lessons in a progress file, by id.

    Raises:
        UserError: it cannot be read, is damaged, or from another version of hatlab.
    """
    data = read_json(
        path,
        "progress file",
        mark=FORMAT,
        version=VERSION,
        hint="hatlab lessons --export FILE writes one",
    )
    lessons = data.get("lessons")
    if not isinstance(lessons, dict) or not all(isinstance(record, dict) for record in lessons.values()):
        raise UserError(f"the progress file {path} is damaged: its lessons are not a mapping")
    return lessons
