"""The roster: who takes part in a class, a CSV file as spreadsheets write it.

In a course it has the columns `name` and `full name`. The name is the short one: it stands in links and in
names of folders. Any list of people will do to begin with: `read_people` takes what it finds, and
`name_people` gives short names to those who have none.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hatlab.errors import FileError, UserError
from hatlab.util.files import MOST_BYTES, read_bytes
from hatlab.util.text import one_line

TEACHER = "teacher"
"""The name under which the teacher logs in."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_NAME_IN_WORDS = "up to 32 letters (a to z), digits, . _ and -, starting with a letter or a digit"
_NAME_HEADS = frozenset({"name", "id", "login", "user", "username", "short name"})
_FULL_NAME_HEADS = frozenset({"full name", "full_name", "fullname", "student"})
_LONGEST_FULL_NAME = 100
_JOINERS = dict.fromkeys((0x200C, 0x200D))
"""Not seen, but part of names in Persian and Hindi."""
_MOST_STUDENTS = 5000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Student:
    """One row of a roster."""

    name: str
    """The short name; empty for somebody who has none yet."""
    full_name: str = ""
    line: int = 0
    """In the file."""

    @property
    def shown_name(self) -> str:
        """The full name, or the short one where there is no other."""
        return self.full_name or self.name


def read_roster(path: Path) -> list[Student]:
    """Read a course's roster: everybody in it has a short name.

    Raises:
        FileError: a row is wrong, or two have the same name.
        UserError: the file cannot be read.
    """
    students = read_people(path)
    for student in students:
        if not student.name:
            raise FileError(
                "this student has no short name",
                "put one in the column `name`, such as s01",
                file=str(path),
                line=student.line,
            )
    return students


def read_people(path: Path) -> list[Student]:
    """Read a list of people, with or without short names and a line of heads; , ; or tabs between columns.

    Raises:
        FileError: a row is wrong, or two have the same name.
        UserError: the file cannot be read.
    """
    text = _read(path)
    rows = list(_rows(text, str(path)))
    columns, rows = _columns(rows)
    people = [_person(cells, columns, str(path), line) for line, cells in rows]
    if not people:
        raise FileError(
            "there is nobody in this roster", "one student a line: s01,Ada Example", file=str(path)
        )
    if len(people) > _MOST_STUDENTS:
        raise FileError(f"more than {_MOST_STUDENTS} students", "make several classes", file=str(path))
    _refuse_duplicates(people, str(path))
    return people


def name_people(people: Sequence[Student]) -> list[Student]:
    """Give those without a short name one: s01, s02 and so on, as many digits as it takes."""
    taken = {person.name for person in people}
    width = max(2, len(str(len(people))))
    free = (name for n in range(1, 2 * len(people) + 1) if (name := f"s{n:0{width}}") not in taken)
    return [person if person.name else replace(person, name=next(free)) for person in people]


def roster_text(students: Iterable[Student]) -> str:
    """Return a roster as a course has it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "full name"))
    writer.writerows((student.name, student.full_name) for student in students)
    return out.getvalue()


def _read(path: Path) -> str:
    raw = read_bytes(path)
    if len(raw) > MOST_BYTES:
        raise UserError(f"the roster {path} is too large", f"at most {MOST_BYTES // 1000} kB")
    try:
        return raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(
            "this is not UTF-8 text", "save the roster as CSV UTF-8", file=str(path), line=line
        ) from None


def _rows(text: str, file: str) -> Iterable[tuple[int, list[str]]]:
    """Yield each row that has something in it, with its line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    line = 1
    try:
        for cells in reader:
            cells = [one_line(cell) for cell in cells]
            if any(cells) and not cells[0].startswith("#"):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(
            f"this row cannot be read: {error}", 'look at its " marks', file=file, line=line
        ) from None


def _columns(
    rows: list[tuple[int, list[str]]],
) -> tuple[tuple[int | None, int | None], list[tuple[int, list[str]]]]:
    """Return which columns have the name and the full name, and the rows without the heads."""
    if not rows:
        return (0, 1), rows
    heads = [cell.casefold() for cell in rows[0][1]]
    name = next((i for i, head in enumerate(heads) if head in _NAME_HEADS), None)
    full = next((i for i, head in enumerate(heads) if head in _FULL_NAME_HEADS), None)
    if name is not None or full is not None:
        body = rows[1:]
        if full is None and not all(NAME.fullmatch(_cell(cells, name).lower()) for _, cells in body):
            return (None, name), body  # a list of full names under the head `name`
        return (name, full), body
    if len(heads) == 1 and not all(NAME.fullmatch(cells[0].lower()) for _, cells in rows):
        return (None, 0), rows
    return (0, 1), rows


def _cell(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _person(cells: list[str], columns: tuple[int | None, int | None], file: str, line: int) -> Student:
    name, full_name = _cell(cells, columns[0]).lower(), _cell(cells, columns[1])
    if name and not NAME.fullmatch(name):
        raise FileError(
            f"{name[:40]!r} cannot be a short name",
            f"use {_NAME_IN_WORDS}; the full name may be anything",
            file=file,
            line=line,
        )
    if name == TEACHER:
        raise FileError(f"the name {TEACHER!r} is the teacher's own", "choose another", file=file, line=line)
    if not name and not full_name:
        raise FileError("this row has no name", "fill it in, or remove the row", file=file, line=line)
    if len(full_name) > _LONGEST_FULL_NAME:
        raise FileError(
            "this full name is too long", f"at most {_LONGEST_FULL_NAME} characters", file=file, line=line
        )
    if not full_name.translate(_JOINERS).isprintable():
        raise FileError(
            "this full name has characters that cannot be seen",
            "type it anew: control and direction characters may not stand in it",
            file=file,
            line=line,
        )
    return Student(name, full_name, line)


def _refuse_duplicates(people: Iterable[Student], file: str) -> None:
    lines: dict[str, int] = {}
    for person in people:
        if person.name and person.name in lines:
            raise FileError(
                f"the name {person.name!r} stands on line {lines[person.name]}, too",
                "give one of the two another name",
                file=file,
                line=person.line,
            )
        lines[person.name] = person.line
