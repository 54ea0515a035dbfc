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


def _heads(text: str) -> frozenset[str]:
    return frozenset(text.split("; "))


_OWN_HEADS = frozenset({"name", "short name"})
"""Under these stand short names that were given for a class; a number or login of others may be anything."""
_NAME_HEADS = _OWN_HEADS | _heads(
    "id; login; login id; sis login id; user; user name; username; number; student id; id number; "
    "student number; matriculation number; matrikelnummer; kennung; benutzername; identifiant; usuario; 学号"
)
_FULL_NAME_HEADS = _heads(
    "full name; fullname; student; student name; display name; vollständiger name; nom complet; "
    "nombre completo; 姓名"
)
_FIRST_NAME_HEADS = _heads("first name; firstname; given name; forename; vorname; prénom; nombre; 名")
_LAST_NAME_HEADS = _heads(
    "last name; lastname; surname; family name; nachname; familienname; nom; nom de famille; apellido; "
    "apellidos; 姓"
)
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
    rows: Sequence[_Row] = list(_rows(text, str(path)))
    columns, rows = _find_columns(rows)
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


_Row = tuple[int, list[str]]
"""A row's line, and its cells."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the short name stands, and in which columns the parts of the full name, in order."""

    name: int | None
    full_name: tuple[int, ...]


def _find_columns(rows: Sequence[_Row]) -> tuple[_Columns, Sequence[_Row]]:
    """Return which columns have the names, and the rows without the heads, as far as there are any."""
    if not rows:
        return _Columns(0, (1,)), rows
    heads = [" ".join(re.split(r"[\s_.-]+", cell.casefold())) for cell in rows[0][1]]
    name, full, first, last = (
        next((place for place, head in enumerate(heads) if head in known), None)
        for known in (_NAME_HEADS, _FULL_NAME_HEADS, _FIRST_NAME_HEADS, _LAST_NAME_HEADS)
    )
    if all(place is None for place in (name, full, first, last)):
        return _columns_without_heads(rows), rows
    body = rows[1:]
    parts = (full,) if full is not None else (first, last)
    full_name = tuple(place for place in parts if place is not None)
    if name is not None:
        is_short = [NAME.fullmatch(_cell(cells, name).lower()) is not None for _, cells in body]
        if not full_name and not all(is_short):
            return _Columns(None, (name,)), body  # a list of full names under the head `name`
        if full_name and heads[name] not in _OWN_HEADS and not any(is_short):
            name = None  # addresses of e-mail, or what else identifies people elsewhere
    return _Columns(name, full_name), body


def _columns_without_heads(rows: Sequence[_Row]) -> _Columns:
    first = [cells[0].lower() for _, cells in rows]
    only_names = all(len(cells) == 1 or "@" in cells[1] for _, cells in rows)
    if only_names and not all(map(NAME.fullmatch, first)):
        return _Columns(None, (0,))
    return _Columns(0, (1,))


def _cell(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _person(cells: list[str], columns: _Columns, file: str, line: int) -> Student:
    name = _cell(cells, columns.name).lower()
    full_name = " ".join(filter(None, (_cell(cells, place) for place in columns.full_name)))
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
