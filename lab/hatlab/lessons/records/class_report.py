"""What a class has done: the progress files of several learners put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab.lessons.records.progress_file import read_records
from hatlab.lessons.records.progress_record import as_mapping, as_value
from hatlab.lessons.templates import format_value
from hatlab.util.visible import show_controls

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


def read_learners(paths: list[Path]) -> dict[str, Records]:
    """Return each progress file's lessons, by the file's name.

    Raises:
        UserError: a file is no progress file.
    """
    return {show_controls(path.stem, ""): read_records(path) for path in paths}


def learner_rows(learners: Mapping[str, Records]) -> list[LearnerRow]:
    """Return a row for each learner, those that came furthest first."""
    rows = [_learner_row(name, records) for name, records in learners.items()]
    return sorted(rows, key=lambda row: (-row.finished, -row.begun, row.name))


def _learner_row(name: str, records: Records) -> LearnerRow:
    lessons = list(records.values())
    answers = [answer for record in lessons for _, answer in _judged_answers(record)]
    tasks = [as_mapping(task) for record in lessons for task in as_mapping(record.get("tasks")).values()]
    finished = sum(bool(record.get("finished")) for record in lessons)
    return LearnerRow(
        name,
        finished,
        begun=len(lessons) - finished,
        right=sum(map(_right_at_first_try, answers)),
        asked=len(answers),
        hints=sum(len(task["hints"]) for task in tasks if isinstance(task.get("hints"), list)),
    )


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
