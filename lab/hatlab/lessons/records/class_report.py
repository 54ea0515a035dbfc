"""What a class has done: several learners' progress files beside one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab.lessons.records.progress_file import as_mapping, as_value, read_records
from hatlab.lessons.templates import format_value

Lessons = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner; `right` of `asked` answers were right at the first try."""

    name: str
    finished: int
    begun: int
    right: int
    asked: int
    hints: int


@dataclass(frozen=True, slots=True)
class MissedQuestion:
    """A question, and how many of those who answered it were wrong at first; `said`: most of them this."""

    lesson: str
    question: str
    wrong: int
    asked: int
    said: str


def read_learners(paths: list[Path]) -> dict[str, Lessons]:
    """Each file's lessons by the file's name.

    Raises:
        UserError: a file is no progress file.
    """
    return {path.stem: read_records(path) for path in paths}


def learner_rows(found: Mapping[str, Lessons]) -> Iterator[LearnerRow]:
    """A row a learner, those that came furthest first."""
    made = [_learner_row(name, lessons) for name, lessons in found.items()]
    yield from sorted(made, key=lambda row: (-row.finished, -row.begun, row.name))


def _learner_row(name: str, lessons: Lessons) -> LearnerRow:
    entries = list(lessons.values())
    given = [answer for entry in entries for _, answer in _judged_answers(entry)]
    finished = sum(bool(entry.get("finished")) for entry in entries)
    tasks = [task for entry in entries for task in as_mapping(entry.get("tasks")).values()]
    hints = sum(len(task["hints"]) for task in tasks if isinstance(as_mapping(task).get("hints"), list))
    return LearnerRow(
        name, finished, len(entries) - finished, sum(map(_right_at_first_try, given)), len(given), hints
    )


def missed_questions(found: Mapping[str, Lessons]) -> Iterator[MissedQuestion]:
    """The questions that were answered wrongly, those of the most learners first."""
    asked: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], list[str]] = {}
    for lessons in found.values():
        for lesson, entry in lessons.items():
            for question, answer in _judged_answers(entry):
                asked[lesson, question] += 1
                if not _right_at_first_try(answer):
                    said.setdefault((lesson, question), []).append(_wrong_answer(answer))
    for (lesson, question), words in sorted(said.items(), key=lambda item: (-len(item[1]), item[0])):
        most = Counter(word for word in words if word).most_common(1)
        yield MissedQuestion(
            lesson, question, len(words), asked[lesson, question], most[0][0] if most else ""
        )


def _judged_answers(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The answers that can be judged."""
    for question, answer in as_mapping(entry.get("answers")).items():
        if isinstance(as_mapping(answer).get("right"), bool):
            yield question, answer


def _right_at_first_try(answer: Mapping[str, Any]) -> bool:
    return answer["right"] is True and answer.get("tries", 1) == 1


def _wrong_answer(answer: Mapping[str, Any]) -> str:
    """What was said wrongly; "" where only the right answer is known, as it was found in the end."""
    value = as_value(answer.get("said"))
    return "" if answer["right"] or value is None else format_value(value)
