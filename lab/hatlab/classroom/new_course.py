"""Makes the folder of a class from a list of people."""

from __future__ import annotations

import json
from pathlib import Path

from hatlab.classroom.config import DEFAULT_ADDRESS, TEMPLATE, read_config
from hatlab.classroom.course import Course, open_course
from hatlab.classroom.roster import name_people, read_people, roster_text
from hatlab.errors import UserError
from hatlab.util.files import write_new


def make_course(
    folder: Path, roster: Path, *, address: str | None = None, title: str | None = None
) -> tuple[Course, int]:
    """Make a class's folder; return it, and how many students there are.

    Args:
        folder: may be there, but holds no class yet.
        roster: any list of people, as `read_people` takes it.
        address: what students open; None for this machine alone.
        title: what the class is called; None for the folder's name.

    Raises:
        FileError: a row of the roster, or a value given, is wrong.
        UserError: the folder holds a class, or cannot be written.
    """
    students = name_people(read_people(roster))
    name = folder.name or folder.resolve().name
    text = TEMPLATE.format(
        folder=name,
        title=json.dumps(title or name.replace("-", " ").replace("_", " ").capitalize(), ensure_ascii=False),
        address=json.dumps(address or DEFAULT_ADDRESS, ensure_ascii=False),
    )
    if (folder / "class.toml").exists():
        raise UserError(f"{folder} holds a class already", "change its class.toml and roster.csv instead")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lessons").mkdir(exist_ok=True)
        write_new(folder / "class.toml", text)
        if not (folder / "roster.csv").exists() or not roster.samefile(folder / "roster.csv"):
            write_new(folder / "roster.csv", roster_text(students))
    except FileExistsError as error:
        raise UserError(f"{error.filename} is there already", "choose another folder") from None
    except OSError as error:
        raise UserError(
            f"cannot make the class in {folder}: {error.strerror}", "choose another folder"
        ) from None
    try:
        read_config(folder / "class.toml")
    except UserError:
        (folder / "class.toml").unlink()
        raise
    course = open_course(folder)
    course.make_state()
    return course, len(students)
