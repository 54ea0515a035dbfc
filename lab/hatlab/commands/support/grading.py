"""Grades students on every core, with a bar: thirty lessons of a whole hour take a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.graded_lessons import lesson_by_id, lesson_finder
from hatlab.commands.support.lesson_options import open_library
from hatlab.commands.support.processes import make_pool, results_in_order
from hatlab.commands.support.progress import progress_bar
from hatlab.util.work import Work

if TYPE_CHECKING:
    from hatlab.classroom.marks.grade import ClassKeys, GradedStudent, StudentGrader, StudentMarks

_MUCH = 8_000_000
"""Bytes of recordings for which other processes are worth their start."""
_Handed = tuple[str, Sequence[Path], "ClassKeys | None"]
"""A student's name, files, and what the class knows of them."""


def grade_everybody(
    students: Mapping[str, Sequence[Path]],
    lessons: Path | None,
    keys: Callable[[str], ClassKeys | None] = lambda _: None,
) -> list[StudentMarks]:
    """Grade students, in the order of their names; the same files give the same marks.

    Args:
        students: name → files.
        lessons: a folder of lessons besides those that there are; None for none.
        keys: name → what the class knows; None for somebody of no class.
    """
    from hatlab.classroom.marks.grade import compare_students

    open_library(*([lessons] if lessons else []))  # what is wrong with it is told here
    handed = [(name, students[name], keys(name)) for name in sorted(students)]
    is_much = sum(_size(file) for _, files, _ in handed for file in files) >= _MUCH
    graded: list[GradedStudent] = []
    with make_pool(worthwhile=is_much and len(handed) > 1) as pool, progress_bar() as bar:
        bar.show(Work("grading", 0, len(handed)))
        for each in results_in_order(pool, partial(_grade_one, lessons), handed):
            graded.append(each)
            bar.show(Work("grading", len(graded), len(handed)))
    return compare_students(graded)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _grade_one(lessons: Path | None, handed: _Handed) -> GradedStudent:
    name, files, keys = handed
    return _grader(lessons).grade(name, files, keys)


@lru_cache(1)
def _grader(lessons: Path | None) -> StudentGrader:
    """Return what grades with the lessons of a folder: it has read those that it has met."""
    from hatlab.classroom.marks.grade import StudentGrader

    library = open_library(*([lessons] if lessons else []))
    return StudentGrader(lesson_finder(library), lesson_by_id(library))
