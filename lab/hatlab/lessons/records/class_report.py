"""What a class has done: several learners' progress files beside one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab.lessons.records.progress_file import mapping, read, value_in
from hatlab.lessons.templates import format_value

Lessons = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One learner; `right` of `asked` answers were right at the first try."""

    name: str
    finished: int
    begun: int
    right: int
    asked: int
    hints: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A question, and how many of those who answered it were wrong at first; `said`: most of them this."""

    lesson: str
    question: str
    wrong: int
    asked: int
    said: str


def learners(paths: list[Path]) -> dict[str, Lessons]:
    """Each file's lessons by the file's name.

    Raises:
        UserError: a file is no progress file.
    """
    return {path.stem: read(path) for path in paths}


def rows(found: Mapping[str, Lessons]) -> Iterator[Row]:
    """A row a learner, those that came furthest first."""
    made = [_row(name, lessons) for name, lessons in found.items()]
    yield from sorted(made, key=lambda row: (-row.finished, -row.begun, row.name))


def _row(name: str, lessons: Lessons) -> Row:
    entries = list(lessons.values())
    given = [answer for entry in entries for _, answer in _answers(entry)]
    finished = sum(bool(entry.get("finished")) for entry in entries)
    tasks = [task for entry in entries for task in mapping(entry.get("tasks")).values()]
    hints = sum(len(task["hints"]) for task in tasks if isinstance(mapping(task).get("hints"), list))
    return Row(name, finished, len(entries) - finished, sum(map(_at_once, given)), len(given), hints)


def missed(found: Mapping[str, Lessons]) -> Iterator[Missed]:
    """The questions that were answered wrongly, those of the most learners first."""
    asked: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], list[str]] = {}
    for lessons in found.values():
        for lesson, entry in lessons.items():
            for question, answer in _answers(entry):
                asked[lesson, question] += 1
                if not _at_once(answer):
                    said.setdefault((lesson, question), []).append(_said(answer))
    for (lesson, question), words in sorted(said.items(), key=lambda item: (-len(item[1]), item[0])):
        most = Counter(word for word in words if word).most_common(1)
        yield Missed(lesson, question, len(words), asked[lesson, question], most[0][0] if most else "")


def _answers(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The answers that can be judged."""
    for question, answer in mapping(entry.get("answers")).items():
        if isinstance(mapping(answer).get("right"), bool):
            yield question, answer


def _at_once(answer: Mapping[str, Any]) -> bool:
    return answer["right"] is True and answer.get("tries", 1) == 1


def _said(answer: Mapping[str, Any]) -> str:
    """What was said wrongly; "" where only the right answer is known, as it was found in the end."""
    value = value_in(answer.get("said"))
    return "" if answer["right"] or value is None else format_value(value)
