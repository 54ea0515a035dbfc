"""Marks as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.classroom.marks.grade import LessonMark, StudentMarks
from hatlab.classroom.marks.report.words import format_points, format_time
from hatlab.util.text import plural

HEAD = ("student", "lesson", "points", "time", "hints", "attempts", "")
_RIGHT = {2, 3, 4, 5}
"""Columns of numbers."""
_MOST_NAME = 24


def format_table(marks: Sequence[StudentMarks]) -> Iterator[str]:
    """Yield the lines of the table, and of what does not fit."""
    rows = [HEAD, *(row for student in marks for row in _rows(student))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in _RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    doubted = [student for student in marks if student.doubts]
    if not doubted:
        return
    count = sum(len(student.doubts) for student in doubted)
    yield ""
    yield plural(count, "{count} thing does not fit:", "{count} things do not fit:")
    for student in doubted:
        yield f"{student.shown_name}"
        for doubt in student.doubts:
            yield f"  {doubt.place}"
            yield f"    {doubt.text}"


def _rows(student: StudentMarks) -> Iterator[tuple[str, ...]]:
    name = student.shown_name
    name = name if len(name) <= _MOST_NAME else f"{name[: _MOST_NAME - 1]}…"
    if not student.lessons:
        yield name, "nothing", "–", "–", "–", "–", "–"
    for number, mark in enumerate(student.lessons):
        yield "" if number else name, *_cells(mark)


def _cells(mark: LessonMark) -> tuple[str, ...]:
    attempt = mark.attempt
    state = "" if attempt.finished else f", step {attempt.step}"
    return (
        f"{attempt.lesson.id}{state}",
        format_points(mark.points),
        format_time(attempt.seconds),
        str(attempt.hints),
        str(mark.attempts),
        mark.signature,
    )
