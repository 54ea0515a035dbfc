"""What the recording of a lesson says of the lesson, so that it can be found and played again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from hatlab import __version__
from hatlab.errors import UserError
from hatlab.lessons.format.file import MOST_BYTES
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.runner import LessonRunner
from hatlab.util.files import read_bytes

DIGITS = 16
"""Of a digest."""


def describe_opening(runner: LessonRunner, *, continues: bool) -> dict[str, Any]:
    """Return what is written down where a lesson is opened; `continues`: it goes on from an earlier time."""
    front = runner.lesson.front
    exam = {} if runner.exam is None else {"exam": runner.exam.exam.to_details()}
    return {
        "lesson": front.id,
        "title": front.title,
        "digest": lesson_digest(runner.lesson),
        "variant": runner.lesson.variant,
        "seed": runner.seed,
        "language": front.language,
        "minutes": front.minutes,
        "steps": len(runner.lesson.steps),
        "continues": continues,
        "hatlab": __version__,
        **exam,
    }


def lesson_digest(lesson: Lesson) -> str:
    """Return the digest of a lesson's text; "" for a drill made from its number, or a file that is gone."""
    if not lesson.file:
        return ""
    try:
        text = read_bytes(Path(lesson.file), MOST_BYTES)
    except UserError:
        return ""
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()[:DIGITS]
