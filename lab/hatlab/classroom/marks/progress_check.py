"""Compares a progress file, which its owner can change, with what the recordings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hatlab.classroom.marks.doubts import Doubt
from hatlab.errors import UserError
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.records.contradictions import LessonById, find_contradictions
from hatlab.lessons.records.progress_file import read_records
from hatlab.lessons.records.progress_record import Record, as_mapping, as_value
from hatlab.lessons.templates import format_value

SLACK = 0.002
"""By how much a number of a progress file may differ: it is rounded."""


def progress_doubts(path: Path, derived: Mapping[str, Record], find: LessonById) -> Iterator[Doubt]:
    """Yield what in a progress file is not so.

    Args:
        path: the file.
        derived: lesson → what the recordings say of it, as a progress file would have it.
        find: returns the lesson of an id; None if there is none.
    """
    try:
        records = read_records(path)
    except UserError as error:
        yield Doubt(str(path), 0, "damaged", f"It cannot be read: {error.message}.")
        return
    for name, record in records.items():
        for code, text in _record_doubts(name, record, derived.get(name), find):
            yield Doubt(str(path), 0, code, text)


def _record_doubts(
    name: str, record: Record, derived: Record | None, find: LessonById
) -> Iterator[tuple[str, str]]:
    yield from find_contradictions(name, record, find)
    if derived is None:
        yield "no-recording", f"{name}: there is no recording of it."
        return
    yield from _differences(name, record, derived)


def _differences(name: str, record: Record, derived: Record) -> Iterator[tuple[str, str]]:
    """Yield what a progress file says otherwise than the recordings, or what they do not say."""
    answers = as_mapping(derived.get("answers"))
    for question, data in as_mapping(record.get("answers")).items():
        told, found = as_mapping(data), as_mapping(answers.get(question))
        if not found:
            yield "differs", f"{name}: the recordings have no answer to {question}."
            continue
        for key, words in (
            ("said", "the answer to {item}"),
            ("was", "what was measured for {item}"),
            ("right", "whether {item} is right"),
            ("tries", "how often {item} was answered"),
        ):
            if not _is_same(told.get(key), found.get(key)):
                what = words.format(item=question)
                yield "differs", f"{name}: {what} was {_show(found.get(key))}, not {_show(told.get(key))}."
    tasks = as_mapping(derived.get("tasks"))
    for task, data in as_mapping(record.get("tasks")).items():
        told, found = as_mapping(data), as_mapping(tasks.get(task))
        if told.get("done") is not None and not _is_same(told.get("done"), found.get("done")):
            yield (
                "differs",
                f"{name}: the task {task} took {_show(found.get('done'))}, not {_show(told.get('done'))}.",
            )
        hints, given = told.get("hints"), found.get("hints")
        if isinstance(hints, list) and isinstance(given, list) and len(hints) < len(given):
            yield "differs", f"{name}: {len(given)} hints were given for {task}, not {len(hints)}."
    if record.get("finished") and derived.get("step") != derived.get("steps"):
        yield "differs", f"{name}: the recordings do not come to its end."


def _is_same(told: Any, found: Any) -> bool:
    if isinstance(told, int | float) and isinstance(found, int | float):
        return abs(told - found) <= SLACK
    return bool(told == found)


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    known: Value = as_value(value)
    return "unknown" if known is None else format_value(known)
