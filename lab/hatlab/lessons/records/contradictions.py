"""Finds what in a learner's progress cannot be, by itself: a person may have changed the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from hatlab.lessons.model import Lesson
from hatlab.lessons.play.answers import is_correct
from hatlab.lessons.records.progress_record import Record, as_mapping, as_value
from hatlab.lessons.templates import format_value

LessonById = Callable[[str], Lesson | None]
"""Returns the lesson of an id; None if there is none."""


def find_contradictions(name: str, record: Record, find: LessonById) -> Iterator[tuple[str, str]]:
    """Yield what cannot be, as a word for programs and a sentence.

    Args:
        name: the lesson's id.
        record: what a progress file says of it.
        find: finds the lesson.
    """
    began, finished = parse_moment(record.get("began")), parse_moment(record.get("finished"))
    if began is not None and finished is not None and finished < began:
        yield "impossible", f"{name}: finished before it was begun."
    for task, data in as_mapping(record.get("tasks")).items():
        done = as_mapping(data).get("done")
        if isinstance(done, int | float) and done < 0:
            yield "impossible", f"{name}: the task {task} took {done:g} s."
    lesson = find(name)
    if lesson is None:
        yield "unknown-lesson", f"{name}: there is no such lesson here."
    else:
        yield from _contradicting_answers(name, record, lesson)


def _contradicting_answers(name: str, record: Record, lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield the answers that are called right, or wrong, and are not by what stands beside them."""
    questions = {item.id: item for _, item in lesson.questions()}
    for question, data in as_mapping(record.get("answers")).items():
        answer = as_mapping(data)
        said, was, right = as_value(answer.get("said")), as_value(answer.get("was")), answer.get("right")
        if question not in questions:
            yield "impossible", f"{name}: it has no question {question}."
            continue
        if said is None or was is None or not isinstance(right, bool):
            continue
        if isinstance(was, str) and " and " in was:  # several are to be given
            continue
        if is_correct(questions[question].question, said, was) != right:
            word, said, was = "right" if right else "wrong", format_value(said), format_value(was)
            yield "impossible", f"{name}: {question} is called {word}, with {said} where {was} was."


def parse_moment(written: Any) -> datetime | None:
    """Return a moment of a progress file; None for what is none."""
    try:
        moment = datetime.fromisoformat(written)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else moment.astimezone()
