"""What a learner has done, kept in one readable JSON file of theirs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hatlab.errors import UserError
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_record import Record, distance, to_record
from hatlab.util.files import read_bytes

try:
    import fcntl
except ImportError:  # pragma: no cover - without it, two writers at the same instant are not kept apart
    fcntl = None  # type: ignore[assignment]

FORMAT = "hatlab progress"
VERSION = 1
KEPT = "Your place in the lesson is kept: {}"
"""What a learner who leaves before the end is told; `{}`: the command that goes on."""


class ProgressFile:
    """A learner's progress file.

    Args:
        path: where it is kept; made when it is first saved.
        warn: called with what to say when the file cannot be used as it is, or written.
    """

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.path = path
        self.warn = warn
        """As given; a screen puts its own way of warning in its place."""
        self.records: dict[str, Record] = {}
        """What is known of each lesson, by its id."""
        self._is_unwritable = False
        self._reload()

    def save(self, runner: LessonRunner) -> None:
        """Write down where a lesson stands, if it has begun and that is new."""
        record = to_record(runner)
        if record is None:
            return
        old = self.records.get(runner.lesson.id, {})
        began = old.get("began") or _format_now()
        finished = old.get("finished") or (_format_now() if record["step"] == record["steps"] else None)
        new = {**record, "began": began, "finished": finished}
        if new != old:
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
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

    def _update(self, change: Callable[[], None]) -> None:
        """Change what the file holds by now, which another hatlab may have written meanwhile.

        The file is written whole or not at all. Where it cannot be, that is said once, and work goes on.
        """
        new = self.path.with_suffix(f".{os.getpid()}.new")
        try:
            with _exclusive_lock(self.path.with_suffix(".lock")):
                self._reload()
                change()
                new.write_text(self.to_json(), encoding="utf-8", errors="backslashreplace")
                os.replace(new, self.path)
        except OSError as error:
            change()
            with suppress(OSError):
                new.unlink(missing_ok=True)
            if not self._is_unwritable:
                self.warn(f"progress is not kept: cannot write {self.path}: {error.strerror}")
            self._is_unwritable = True

    def _reload(self) -> None:
        """Read what the file holds. One that cannot be used is put aside, and what is known stays."""
        if self._is_unwritable or not self.path.exists():
            return
        try:
            self.records = read_records(self.path)
        except UserError as error:
            aside = self.path.with_name(f"{self.path.stem}.{time.strftime('%Y%m%d-%H%M%S')}.aside.json")
            try:
                self.path.replace(aside)
                self.warn(f"{error.message}: it was put aside as {aside}, and progress begins anew")
            except OSError as refusal:
                self._is_unwritable = True
                self.warn(f"{error.message}; progress is not kept: {refusal.strerror}")


@contextmanager
def _exclusive_lock(lock: Path) -> Iterator[None]:
    """Wait until no other process is inside."""
    with lock.open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_records(path: Path) -> dict[str, Record]:
    """Return the lessons in a progress file, by id.

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
    if not isinstance(lessons, dict) or not all(isinstance(record, dict) for record in lessons.values()):
        raise UserError(f"the progress file {path} is damaged: its lessons are no mapping")
    return lessons


def _format_now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
