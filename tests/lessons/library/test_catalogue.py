"""Lessons found by id and path, and read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hatlab.errors import FileError, UserError
from hatlab.lessons.library.catalogue import Library, load_lesson
from hatlab.lessons.library.loader import (
    is_lesson_file,
    lesson_files,
    lesson_name,
    parse_lesson_file,
    read_lesson_files,
)
from hatlab.topology.library import load_topology
from hatlab.util.files import shipped_folder
from tests.support.lesson_texts import LESSON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "02-small.md").write_text(LESSON)
    (tmp_path / "bad.md").write_text(LESSON.replace("id: small", "id: Bad One"))
    (tmp_path / "README.md").write_text("---\n# A page\n")
    return tmp_path


def test_a_page_is_no_lesson(folder: Path) -> None:
    assert [p.name for p in sorted(folder.iterdir()) if is_lesson_file(p)] == ["02-small.md", "bad.md"]
    assert lesson_name(folder / "02-small.md") == "small"


def test_a_lesson_with_mistakes_hides_no_other(folder: Path) -> None:
    good, bad = read_lesson_files([folder / "bad.md", folder / "02-small.md"])
    assert good.lesson is not None
    assert good.lesson.id == "small"
    assert (bad.lesson, [f.code for f in bad.findings]) == (None, ["LS013", "LS042"])
    with pytest.raises(FileError, match=r"bad.md:3:5: id: these characters"):
        load_lesson(str(folder / "bad.md"))


def test_a_lesson_is_checked_beside_the_others_of_its_folder(folder: Path) -> None:
    file = folder / "small.md"
    file.write_text(LESSON.replace("minutes: 5", "minutes: 5\nneeds: [bad, baad, small, kill-mysqld]"))
    (folder / "other.md").write_text(LESSON.replace("id: small", "id: another"))
    found = parse_lesson_file(file)
    assert found.lesson is None
    assert [(f.code, f.line, f.column, f.message) for f in found.findings] == [
        ("LS028", 3, 5, "another lesson in this folder has the same name, small"),
        ("LS024", 6, 14, "there is no other lesson called 'baad'; did you mean `bad`?"),
        ("LS024", 6, 20, "there is no other lesson called 'small'"),
    ]
    assert [f.code for f in parse_lesson_file(folder / "other.md").findings] == ["LS042"]


def test_a_lesson_must_not_have_the_id_of_a_shipped_one(folder: Path) -> None:
    file = folder / "kill-mysqld.md"
    file.write_text(LESSON.replace("id: small", "id: kill-mysqld"))
    found = parse_lesson_file(file)
    assert found.lesson is not None
    assert [(f.code, f.line, f.severity) for f in found.findings] == [("LS051", 3, "warning")]


@pytest.mark.parametrize("own", ["[a]", "{a: b}", "1"])
def test_an_id_that_is_no_text_is_a_finding(own: str, folder: Path) -> None:
    file = folder / "odd.md"
    file.write_text(LESSON.replace("id: small", f"id: {own}"))
    assert [(f.code, f.line) for f in parse_lesson_file(file).findings] == [("LS012", 3)]


def test_a_topology_s_path_is_relative_to_the_lesson(folder: Path) -> None:
    (folder / "labs").mkdir()
    own = folder / "labs" / "own.yaml"
    own.write_bytes((shipped_folder("topologies") / "two-node.yaml").read_bytes())
    file = folder / "02-small.md"
    file.write_text(LESSON.replace("topology: two-node", "topology: labs/own.yaml"))
    lesson = load_lesson(str(file))
    assert load_topology(lesson.front.topology) == load_topology(str(own))
    assert lesson.file == str(file)
    own.unlink()
    assert [(f.code, f.line) for f in parse_lesson_file(file).findings] == [("LS023", 6)]


def translated(folder: Path, language: str, *, title: str) -> Path:
    file = folder / f"02-small.{language}.md"
    front = f"id: small\nlanguage: {language}"
    file.write_text(LESSON.replace("id: small", front).replace("title: Small", f"title: {title}"))
    return file


def test_translations_are_one_lesson_in_the_language_a_learner_reads(folder: Path) -> None:
    german = translated(folder, "de", title="Eine kleine Lektion")
    chinese = translated(folder, "zh-CN", title="一节小课")
    assert [f.code for file in (german, chinese) for f in parse_lesson_file(file).findings] == []
    for wanted, file in (
        ((), folder / "02-small.md"),
        (("de-AT",), german),
        (("fr", "zh"), chinese),
        (("fr",), folder / "02-small.md"),
    ):
        library = Library([folder], wanted)
        (found,) = (each for each in library.read_lessons(folder) if each.lesson)
        assert found.path == file
        assert library.find("small") == file


def test_a_file_s_name_tells_its_language(folder: Path) -> None:
    file = translated(folder, "de", title="Eine kleine Lektion")
    file.write_text(file.read_text().replace("language: de", "language: fr"))
    (found,) = parse_lesson_file(file).findings
    assert (found.code, found.line, found.message) == ("LS042", 4, "the file's name says de, not fr")


def test_own_lessons_come_before_the_shipped_ones(folder: Path) -> None:
    (folder / "timers.md").write_text(LESSON.replace("id: small", "id: timers"))
    library = Library([folder, shipped_folder("lessons"), folder])
    assert library.folders == (folder, shipped_folder("lessons"))
    assert library.find("timers") == folder / "timers.md"
    assert library.find("preemption").parent == shipped_folder("lessons")


def test_a_folder_without_lessons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are no lessons in"):
        Library([tmp_path])
    with pytest.raises(UserError, match="there is no folder"):
        Library([tmp_path / "none"])


def test_a_lesson_that_is_not_there_is_refused_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no lesson 'no-such-lesson'"):
        Library().find("no-such-lesson")
    with pytest.raises(UserError, match="there is no file"):
        Library().find(str(tmp_path / "none.md"))


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_shipped_lesson_is_sound(path: Path) -> None:
    assert parse_lesson_file(path).findings == ()
    assert Library().find(load_lesson(str(path)).id) == path


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_shipped_lesson_names_no_other_by_number(path: Path) -> None:
    """Numbers are places in a list, which moves when a lesson is added."""
    assert not re.findall(r"\blessons? \d+", path.read_text(encoding="utf-8"))


def test_a_shipped_lesson_is_found_by_its_number() -> None:
    library = Library()

    assert library.find("2") == library.find("reading-an-advert")
    for number in ("0", "99"):
        with pytest.raises(UserError, match=f"there is no lesson {number}"):
            library.find(number)
