"""An exam from the file that states it, and the exams that were begun on this machine."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hatlab.describe.times import format_moment
from hatlab.errors import FileError, UserError
from hatlab.lessons.play.exam import Exam, ExamSitting, format_clock
from hatlab.util.files import read_text
from hatlab.util.kept_file import KeptFile, read_json
from hatlab.util.text import plural
from hatlab.util.visible import to_json as format_json

FORMAT, VERSION = "hatlab exams", 1
_HINT = "hatlab help grading shows what an exam's file says"


def read_exam(stated: str) -> Exam:
    """Read the table `[exam]` of the file at a path; a seat of a class is given the exam itself, as JSON.

    Raises:
        FileError: it is no TOML, has no such table, or a value is wrong.
        UserError: it cannot be read.
    """
    if stated.startswith("{"):
        return Exam.model_validate_json(stated)
    path = Path(stated)
    text = read_text(path, "file of the exam")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at line ")
        line = int(found[0]) if (found := re.match(r"\d+", place)) else text.count("\n") + 1
        raise FileError(f"this is not TOML: {message}", _HINT, file=str(path), line=line) from None
    table = data.get("exam")
    if not isinstance(table, dict) or not table.get("lesson"):
        raise FileError(
            "no exam is stated here: there is no `lesson` in a table [exam]", _HINT, file=str(path)
        )
    try:
        return Exam.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        what = (
            f"`{name}`: {first['msg'].removeprefix('Value error, ').replace('Input should', 'this should')}"
        )
        if first["type"] == "extra_forbidden":
            what = f"there is no key `{name}` in [exam]; the keys are: {', '.join(Exam.model_fields)}"
        raise FileError(what, _HINT, file=str(path), line=_line_of(name, text)) from None


def _line_of(key: str, text: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if re.match(rf"\s*{re.escape(key)}\s*=", line)), 1)


class ExamFile(KeptFile):
    """When a learner began which exam. A recording says the same, so deleting this gains nothing.

    Args:
        path: where it is kept.
        warn: called with what to say when the file cannot be used as it is, or written.
        clock: s since 1970.
    """

    CONTENT = "your record of exams"

    def __init__(
        self, path: Path, warn: Callable[[str], None] = lambda _: None, clock: Callable[[], float] = time.time
    ) -> None:
        self.attempts: dict[str, list[dict[str, Any]]] = {}
        """Exam → its attempts: `began`, s since 1970, `over`, and `held`, s for which the clock stood."""
        self._clock = clock
        super().__init__(path, warn)

    def begin(self, exam: Exam) -> ExamSitting:
        """Begin an exam, or go on with it.

        Raises:
            UserError: it is not open, or there is no attempt left.
        """
        now = self._clock()
        known = self.attempts.get(_key(exam), [])
        if known and not known[-1]["over"]:
            began, held = known[-1]["began"], known[-1]["held"]
            if (ends := exam.ends(began) + held) > now:
                left = min(ends - now, 60 * exam.minutes)
                return ExamSitting(exam, left, continues=True, held=held, keep_held=self._keeper(exam))
        if exam.opens is not None and now < exam.opens.timestamp():
            wait = format_moment(exam.opens.timestamp() - now)
            raise UserError(f"{exam.name} opens at {format_clock(exam.opens)}", f"that is in {wait}")
        if exam.closes is not None and now >= exam.closes.timestamp():
            raise UserError(f"{exam.name} closed at {format_clock(exam.closes)}", "ask your teacher")
        if len(known) >= exam.attempts:
            used = plural(
                exam.attempts,
                "you have used your {count} attempt at {exam}",
                "you have used your {count} attempts at {exam}",
                exam=exam.name,
            )
            raise UserError(used, "all that you did is kept")
        attempt = {"began": now, "over": False, "held": 0.0}
        self._update(lambda: self.attempts.setdefault(_key(exam), []).append(attempt))
        return ExamSitting(exam, exam.ends(now) - now, keep_held=self._keeper(exam))

    def _keeper(self, exam: Exam) -> Callable[[float], None]:
        """Return what keeps for how many seconds a teacher let the clock of the latest attempt stand."""

        def keep(held: float) -> None:
            def note() -> None:
                if attempts := self.attempts.get(_key(exam)):
                    attempts[-1]["held"] = round(held, 3)

            self._update(note)

        return keep

    def end(self, exam: Exam) -> None:
        """Note that an attempt is over, before its time was up or just then."""

        def note() -> None:
            if attempts := self.attempts.get(_key(exam)):
                attempts[-1]["over"] = True

        self._update(note)

    def to_json(self) -> str:
        return format_json({"format": FORMAT, "version": VERSION, "exams": self.attempts}, indent=2) + "\n"

    def _read(self, path: Path) -> None:
        hint = "it is in the way; move it"
        data = read_json(path, "record of exams", mark=FORMAT, version=VERSION, hint=hint)
        exams = data.get("exams")
        self.attempts = {
            name: [
                {
                    "began": float(each["began"]),
                    "over": each.get("over") is True,
                    "held": float(held) if isinstance(held := each.get("held"), int | float) else 0.0,
                }
                for each in attempts
                if isinstance(each, dict) and isinstance(each.get("began"), int | float)
            ]
            for name, attempts in (exams if isinstance(exams, dict) else {}).items()
            if isinstance(attempts, list)
        }


def _key(exam: Exam) -> str:
    return f"{exam.name}: {exam.lesson}"
