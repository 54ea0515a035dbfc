"""Marks as data: for JSON, and a row a lesson for CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from hatlab.classroom.marks.grade import LessonMark, StudentMarks
from hatlab.classroom.marks.scoring import Points
from hatlab.util import spreadsheet

COLUMNS = (
    *("student", "full name", "lesson", "points", "of", "percent", "finished", "step", "steps", "questions"),
    *("right at once", "predictions", "predictions right", "tasks", "tasks done", "hints", "wrong tries"),
    *("restarts", "attempts", "seconds", "began", "ended", "signature", "exam", "doubts"),
)


def to_data(student: StudentMarks) -> dict[str, Any]:
    """Return a student's marks as plain data."""
    return {
        "student": student.name,
        "full_name": student.full_name,
        **_points(student.points),
        "lessons": [_lesson_data(mark) for mark in student.lessons],
        "doubts": [asdict(doubt) for doubt in student.doubts],
    }


def _points(points: Points) -> dict[str, Any]:
    return {"points": points.got, "of": points.of, "percent": points.percent}


def _lesson_data(mark: LessonMark) -> dict[str, Any]:
    attempt = mark.attempt
    details = attempt.sittings[0].details
    return {
        "lesson": attempt.lesson.id,
        "title": attempt.lesson.front.title,
        **_points(mark.points),
        "finished": attempt.finished,
        "step": attempt.step,
        "steps": len(attempt.lesson.steps),
        "questions": [asdict(question) for question in attempt.questions],
        "tasks": [asdict(task) for task in attempt.tasks],
        "hints": attempt.hints,
        "restarts": attempt.restarts,
        "attempts": mark.attempts,
        "seconds": round(attempt.seconds, 1),
        "began": format_wall(attempt.began),
        "ended": format_wall(attempt.ended),
        "signature": mark.signature,
        "exam": mark.exam.name if mark.exam is not None else "",
        "variant": attempt.lesson.variant,
        "seed": details.get("seed"),
        "recordings": [str(sitting.recording.path) for sitting in attempt.sittings],
    }


def to_csv(marks: Sequence[StudentMarks]) -> str:
    """Return a table, a row for each lesson of each student."""
    rows: list[Sequence[Any]] = [COLUMNS]
    for student in marks:
        rows += [_row(student, mark) for mark in student.lessons] or [[student.name, student.full_name]]
    return spreadsheet.to_csv(rows)


def _row(student: StudentMarks, mark: LessonMark) -> list[Any]:
    attempt = mark.attempt
    questions = [question for question in attempt.questions if not question.is_prediction]
    predictions = [question for question in attempt.questions if question.is_prediction]
    return [
        student.name,
        student.full_name,
        attempt.lesson.id,
        mark.points.got,
        mark.points.of,
        mark.points.percent,
        "yes" if attempt.finished else "no",
        attempt.step,
        len(attempt.lesson.steps),
        len(questions),
        sum(question.right_at_once for question in questions),
        len(predictions),
        sum(question.right is True for question in predictions),
        len(attempt.tasks),
        sum(task.seconds is not None for task in attempt.tasks),
        attempt.hints,
        sum(max(0, question.tries - (question.right is True)) for question in questions),
        attempt.restarts,
        mark.attempts,
        round(attempt.seconds),
        format_wall(attempt.began),
        format_wall(attempt.ended),
        mark.signature,
        mark.exam.name if mark.exam is not None else "",
        len(student.doubts),
    ]


def format_wall(at: float) -> str:
    """Return a moment in UTC: the same everywhere, so that the same files give the same marks."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return ""
