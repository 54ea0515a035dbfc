"""What a class has done: the progress files of several learners put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab.errors import UserError
from hatlab.lessons.records.contradictions import LessonById, find_contradictions, parse_moment
from hatlab.lessons.records.learners import find_learners
from hatlab.lessons.records.progress_file import read_records
from hatlab.lessons.records.progress_record import as_mapping, as_value, distance
from hatlab.lessons.templates import format_value
from hatlab.util.text import join_names
from hatlab.util.visible import to_json

Records = Mapping[str, Mapping[str, Any]]
"""A learner's lessons, by id."""


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """What one learner has done."""

    name: str
    finished: int
    begun: int
    right: int
    """Answers, of those `asked`, that were right at the first try."""
    asked: int
    hints: int
    wrong: int = 0
    """Wrong answers to questions, each once."""
    lesson: str = ""
    """The unfinished lesson that they were at last, "" if there is none."""
    step: int = 0
    """The step of it, from 1."""
    steps: int = 0
    item: str = ""
    """The question or task that is open there."""
    seconds: float | None = None
    """How long they had been at it when they did something last; None if that is not known."""
    last: str = ""
    """When they did something last, as the file has it."""


@dataclass(frozen=True, slots=True)
class MissedQuestion:
    """A question that learners answered wrongly."""

    lesson: str
    question: str
    wrong: int
    """How many of those `asked` were wrong at first; a close number is not."""
    asked: int
    said: str
    """The commonest wrong answer; "" where none is known."""


def read_learners(paths: list[Path]) -> tuple[dict[str, Records], dict[Path, UserError]]:
    """Return what each learner's files say, of each lesson what is furthest, and what cannot be read.

    Args:
        paths: files, and folders in which each folder is a learner.

    Raises:
        UserError: a path is not there, a folder has no such file, or not one can be read.
    """
    learners: dict[str, dict[str, Mapping[str, Any]]] = {}
    errors: dict[Path, UserError] = {}
    for name, files in find_learners(paths, lambda file: file.suffix == ".json").items():
        for file in files:
            try:
                records = read_records(file)
            except UserError as error:
                errors[file] = error
                continue
            known = learners.setdefault(name, {})
            for lesson, record in records.items():
                if lesson not in known or distance(record) > distance(dict(known[lesson])):
                    known[lesson] = record
    if errors and not learners:
        raise next(iter(errors.values()))
    return dict(learners), errors


def find_doubts(learners: Mapping[str, Records], find: LessonById) -> list[tuple[str, str]]:
    """Return what does not fit, a learner and a sentence each: what cannot be, and what is as another's."""
    doubts = [
        (name, text)
        for name, records in learners.items()
        for lesson, record in records.items()
        for _, text in find_contradictions(lesson, dict(record), find)
    ]
    owners: dict[tuple[str, str], list[str]] = {}
    for name, records in learners.items():
        for lesson, record in records.items():
            if record.get("began") and record.get("answers"):
                owners.setdefault((lesson, to_json(record, sort_keys=True)), []).append(name)
    for (lesson, _), names in owners.items():
        for name in names if len(names) > 1 else ():
            others = join_names([other for other in names if other != name])
            doubts.append((name, f"{lesson}: everything in it is as in the file of {others}."))
    return sorted(doubts)


def learner_rows(learners: Mapping[str, Records]) -> list[LearnerRow]:
    """Return a row for each learner, those that came furthest first."""
    rows = [_learner_row(name, records) for name, records in learners.items()]
    return sorted(rows, key=lambda row: (-row.finished, -row.begun, row.name))


def _learner_row(name: str, records: Records) -> LearnerRow:
    lessons = list(records.values())
    answers = [answer for record in lessons for _, answer in _judged_answers(record)]
    tasks = [as_mapping(task) for record in lessons for task in as_mapping(record.get("tasks")).values()]
    finished = sum(bool(record.get("finished")) for record in lessons)
    hints = [
        *(task.get("hints") for task in tasks),
        *(as_mapping(record.get("open")).get("hints") for record in lessons),
    ]
    wrong = [
        as_mapping(answer).get("wrong")
        for record in lessons
        for answer in as_mapping(record.get("answers")).values()
    ]
    return LearnerRow(
        name,
        finished,
        begun=len(lessons) - finished,
        right=sum(map(_right_at_first_try, answers)),
        asked=len(answers),
        hints=sum(len(each) for each in hints if isinstance(each, list)),
        wrong=sum(len(each) for each in wrong if isinstance(each, list)),
        **_where(records),
    )


def _where(records: Records) -> dict[str, Any]:
    """Return where a learner was last, of what a row has."""
    times = [_last_seen(record) for record in records.values()]
    unfinished = {name: record for name, record in records.items() if not record.get("finished")}
    if not unfinished:
        return {"last": max(times, default="")}
    name = max(unfinished, key=lambda name: _last_seen(unfinished[name]))
    record = unfinished[name]
    step, steps, item = record.get("step"), record.get("steps"), as_mapping(record.get("open"))
    since, last = parse_moment(item.get("since")), parse_moment(record.get("last"))
    return {
        "lesson": name,
        "step": step + 1 if type(step) is int else 0,
        "steps": steps if type(steps) is int else 0,
        "item": str(item.get("id") or ""),
        "seconds": max(0.0, (last - since).total_seconds()) if since and last else None,
        "last": max(times),
    }


def _last_seen(record: Mapping[str, Any]) -> str:
    return str(record.get("last") or record.get("finished") or record.get("began") or "")


def missed_questions(learners: Mapping[str, Records]) -> list[MissedQuestion]:
    """Return the questions that were answered wrongly, those of the most learners first."""
    asked: Counter[tuple[str, str]] = Counter()
    wrong_answers: dict[tuple[str, str], list[str]] = {}
    for records in learners.values():
        for lesson, record in records.items():
            for question, answer in _judged_answers(record):
                asked[lesson, question] += 1
                if not _right_at_first_try(answer) and answer.get("close") is not True:
                    wrong_answers.setdefault((lesson, question), []).append(_wrong_answer(answer))
    missed = [
        MissedQuestion(*question, len(answers), asked[question], _commonest(answers))
        for question, answers in wrong_answers.items()
    ]
    return sorted(missed, key=lambda row: (-row.wrong, row.lesson, row.question))


def _commonest(answers: list[str]) -> str:
    return next((answer for answer, _ in Counter(filter(None, answers)).most_common(1)), "")


def _judged_answers(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the answers of which it is known if they are right."""
    for question, answer in as_mapping(record.get("answers")).items():
        if isinstance(as_mapping(answer).get("right"), bool):
            yield question, answer


def _right_at_first_try(answer: Mapping[str, Any]) -> bool:
    return answer["right"] is True and answer.get("tries", 1) == 1


def _wrong_answer(answer: Mapping[str, Any]) -> str:
    """Return what was said wrongly; "" where only the right answer is known, as it was given in the end."""
    value = as_value(answer.get("said"))
    return "" if answer["right"] or value is None else format_value(value)
