"""Lessons found by id and path, and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import FileError, UserError
from lab.files import load_topology, shipped
from lab.lessons.library import (
    examine_file,
    find_lesson,
    is_lesson,
    lesson_files,
    lessons,
    load_lesson,
    name_of,
)
from tests.lessons.texts import LESSON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "02-small.md").write_text(LESSON)
    (tmp_path / "bad.md").write_text(LESSON.replace("id: small", "id: Bad One"))
    (tmp_path / "README.md").write_text("---\n# A page\n")
    return tmp_path


def test_a_page_is_no_lesson(folder: Path) -> None:
    assert [p.name for p in sorted(folder.iterdir()) if is_lesson(p)] == ["02-small.md", "bad.md"]
    assert name_of(folder / "02-small.md") == "small"


def test_one_with_mistakes_hides_no_other(folder: Path) -> None:
    good, bad = lessons([folder / "bad.md", folder / "02-small.md"])
    assert good.lesson is not None
    assert good.lesson.id == "small"
    assert (bad.lesson, [f.code for f in bad.findings]) == (None, ["LS013", "LS042"])
    with pytest.raises(FileError, match=r"bad.md:3:5: id: these characters"):
        load_lesson(str(folder / "bad.md"))


def test_a_lesson_beside_others(folder: Path) -> None:
    file = folder / "small.md"
    file.write_text(LESSON.replace("minutes: 5", "minutes: 5\nneeds: [bad, baad, small, kill-mysqld]"))
    (folder / "other.md").write_text(LESSON.replace("id: small", "id: another"))
    found = examine_file(file)
    assert found.lesson is None
    assert [(f.code, f.line, f.column, f.message) for f in found.findings] == [
        ("LS028", 3, 5, "another lesson in this folder is called small too"),
        ("LS024", 6, 14, "no other lesson is called 'baad'; did you mean `bad`?"),
        ("LS024", 6, 20, "no other lesson is called 'small'"),
    ]
    assert [f.code for f in examine_file(folder / "other.md").findings] == ["LS042"]


def test_a_topology_s_path_is_relative_to_the_lesson(folder: Path) -> None:
    (folder / "labs").mkdir()
    own = folder / "labs" / "own.yaml"
    own.write_bytes((shipped("topologies") / "two-node.yaml").read_bytes())
    file = folder / "02-small.md"
    file.write_text(LESSON.replace("topology: two-node", "topology: labs/own.yaml"))
    lesson = load_lesson(str(file))
    assert load_topology(lesson.front.topology) == load_topology(str(own))
    assert lesson.file == str(file)
    own.unlink()
    assert [(f.code, f.line) for f in examine_file(file).findings] == [("LS023", 6)]


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no lesson 'no-such-lesson'"):
        find_lesson("no-such-lesson")
    with pytest.raises(UserError, match="there is no file"):
        find_lesson(str(tmp_path / "none.md"))


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_shipped_lesson_is_sound(path: Path) -> None:
    assert examine_file(path).findings == ()
    assert find_lesson(load_lesson(str(path)).id) == path
