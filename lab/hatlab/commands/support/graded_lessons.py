"""Finds the lesson that a recording, or a progress file, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from secrets import randbelow
from typing import Any

from hatlab.errors import LabError, UserError
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.library.loader import files_by_language, read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.exam import Exam

_DRILL = re.compile(r"drill-([123])-(?:(.+)-)?(\d{1,9})")
"""What a drill made by its number is called: level, topology, seed."""


def lesson_finder(library: Library) -> Callable[[Mapping[str, Any]], Lesson]:
    """Return what finds the lesson of a recording, in the form and language in which it was taken."""
    known: dict[tuple[object, ...], Lesson | UserError] = {}

    def find(details: Mapping[str, Any]) -> Lesson:
        key = tuple(str(details.get(name)) for name in ("lesson", "seed", "language", "minutes"))
        if key not in known:
            try:
                known[key] = _find(library, details)
            except LabError as error:
                known[key] = UserError(error.message, error.hint)
        found = known[key]
        if isinstance(found, UserError):
            raise found
        return found

    return find


def lesson_by_id(library: Library) -> Callable[[str], Lesson | None]:
    """Return what finds a lesson by its id alone, None if there is none."""
    find = lesson_finder(library)

    def by_id(name: str) -> Lesson | None:
        try:
            return find({"lesson": name})
        except UserError:
            return None

    return by_id


def exam_drill(exam: Exam, seed: int | None) -> Lesson | None:
    """Return the drill that an exam is, as long as the exam at most; None if it is a lesson.

    Raises:
        LabError: there is no such drill.
    """
    from hatlab.commands.support.drill_choice import SEEDS, find_drill, generate, to_lesson
    from hatlab.drills import list_shipped
    from hatlab.lessons.as_drill import as_drill

    if exam.lesson == "drill":
        number = randbelow(SEEDS) if seed is None else seed
        lesson = to_lesson(generate(number, exam.level, None))
    elif exam.lesson in {entry.id for entry in list_shipped()}:
        lesson = find_drill(exam.lesson)
    else:
        return None
    return as_drill(lesson, max(1, min(60, ceil(exam.minutes))))


def _find(library: Library, details: Mapping[str, Any]) -> Lesson:
    name, seed = str(details.get("lesson")), details.get("seed")
    minutes = details.get("minutes")
    if (drill := _DRILL.fullmatch(name)) is not None:
        from hatlab.commands.support.drill_choice import generate, to_lesson

        level, topology, number = drill.groups()
        lesson = to_lesson(generate(int(number), int(level), topology))
    else:
        lesson = _from_file(library, name, str(details.get("language")), seed if type(seed) is int else None)
    if lesson.is_drill:
        from hatlab.lessons.as_drill import as_drill

        return as_drill(lesson, minutes if type(minutes) is int and 1 <= minutes <= 60 else None)
    return lesson


def _from_file(library: Library, name: str, language: str, seed: int | None) -> Lesson:
    """Return a lesson of the library, or else a shipped drill.

    Raises:
        LabError: there is none.
    """
    try:
        file: Path = library.find(name)
    except UserError as no_lesson:
        from hatlab.commands.support.drill_choice import find_drill

        try:
            return find_drill(name)
        except LabError:
            raise UserError(
                f"there is no lesson {name!r} here", "name its folder: hatlab grade --lessons FOLDER"
            ) from no_lesson
    lesson = read_lesson(files_by_language(file).get(language, file), seed)
    if lesson.id != name:
        raise UserError(f"there is no lesson {name!r} here", f"{file} has another id: {lesson.id}")
    return lesson
