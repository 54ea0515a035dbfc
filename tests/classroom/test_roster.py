"""Rosters as teachers have them: what can be read is, what cannot is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.classroom.roster import Student, name_people, read_people, read_roster, roster_text
from hatlab.errors import UserError

ADA, WANG = "Ada Example", "王小明"


@pytest.mark.parametrize(
    "raw",
    [
        f"name,full name\ns01,{ADA}\ns02,{WANG}\n",
        f"s01,{ADA}\ns02,{WANG}\n",
        f"\ufeffname;full name\r\ns01;{ADA}\r\ns02;{WANG}\r\n",
        f"Full Name\tE-mail\tName\n{ADA}\ta@example.org\tS01\n{WANG}\t\ts02\n",
        f"# my class\n\nLogin,Student\n s01 ,  Ada   Example \n,\ns02,{WANG}",
        f'name,full name\ns01,"{ADA}"\ns02,"{WANG}"\n',
    ],
    ids=["plain", "no heads", "BOM, semicolons, CRLF", "tabs", "remarks, spaces", "quoted"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, raw: str, encoding: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(raw.encode(encoding))
    people = [(person.name, person.full_name) for person in read_people(path)]
    assert people == [("s01", ADA), ("s02", WANG)]


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        (
            "First name,Last name,ID number,Email address\nAda,Example,1001,a@b.org\nWei,Li,1002,\n",
            ["1001", "1002"],
        ),
        ('"Surname","First name","ID number"\nExample,Ada,1001\nLi,Wei,1002\n', ["1001", "1002"]),
        ("student_id,first_name,last_name\n1001,Ada,Example\n1002,Wei,Li\n", ["1001", "1002"]),
        ("Nachname;Vorname;Matrikelnummer\nExample;Ada;1001\nLi;Wei;1002\n", ["1001", "1002"]),
        ("Username,Full Name\na@b.org,Ada Example\nw@b.org,Wei Li\n", ["", ""]),
        ("First Name,Surname\nAda,Example\nWei,Li\n", ["", ""]),
        ("Ada Example,a@b.org\nWei Li,w@b.org\n", ["", ""]),
        ("Student,ID,SIS Login ID,Section\nAda Example,1001,ada,1\nWei Li,1002,wei,1\n", ["1001", "1002"]),
    ],
)
def test_what_learning_platforms_export_is_read_by_its_heads(
    tmp_path: Path, raw: str, people: list[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(raw, encoding="utf-8")
    found = read_people(path)
    assert [person.full_name for person in found] == ["Ada Example", "Wei Li"]
    assert [person.name for person in found] == people


@pytest.mark.parametrize("head", ["", "full name\n", "name\n"])
def test_full_names_alone_get_short_names(tmp_path: Path, head: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f'{head}{ADA}\n{WANG}\n"Müller, Jörg"\n', encoding="utf-8")
    named = name_people(read_people(path))
    assert [student.name for student in named] == ["s01", "s02", "s03"]
    assert named[2].full_name == "Müller, Jörg"
    path.write_text(roster_text(named), encoding="utf-8")
    assert [(s.name, s.full_name) for s in read_roster(path)] == [(s.name, s.full_name) for s in named]


def test_a_short_name_that_is_taken_is_not_given_again() -> None:
    people = [Student("", ADA), Student("s01", WANG), Student("", "Bo")]
    assert [person.name for person in name_people(people)] == ["s02", "s01", "s03"]


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        ("name,full name\ns01,Ada\nS01,Bo\n", 3, "the name 's01' stands on line 2, too"),
        ("name,full name\ns 01,Ada\ns02,Bo\n", 2, "cannot be a short name"),
        (f"name,full name\ns01,Ada\n{WANG},王\n", 3, "cannot be a short name"),
        ("../../etc,Ada\ns02,Bo\n", 1, "cannot be a short name"),
        ("name,full name\nteacher,Ada\n", 2, "is the teacher's own"),
        ('name,full name\ns01,"Ada\ns02,Bo\n', 2, "cannot be read"),
        ("", 1, "there is nobody"),
        ("name,full name\n", 1, "there is nobody"),
        (f"name,full name\ns01,{'x' * 101}\n", 2, "too long"),
        ("name,full name,group\n,,left\n", 2, "has no name"),
        ("name,full name\ns01,\x00\n", 2, "cannot be seen"),
        ("name,full name\ns01,Ada\u202eevE\n", 2, "cannot be seen"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, raw: str, line: int, message: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(raw, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_people(path)
    assert message in caught.value.message
    assert caught.value.message.startswith(f"{path}:{line}:1: ")


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("name,full name\ns01,Müller\n".encode("latin-1"))
    with pytest.raises(UserError, match=r":2:1: this is not UTF-8 text"):
        read_people(path)


def test_in_a_course_everybody_has_a_short_name(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("name,full name\ns01,Ada\n,Bo\n", encoding="utf-8")
    with pytest.raises(UserError, match=r":3:1: this student has no short name"):
        read_roster(path)
