"""Reads lesson files, each beside the others of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hatlab.diagnostics.finding import Finding, did_you_mean, raise_first_error
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.blocks import LocatedMapping
from hatlab.lessons.format.file import MOST_BYTES, ParseResult, parse_lesson, sort_findings, to_findings
from hatlab.lessons.library.locale import ORIGINAL
from hatlab.lessons.model import Lesson
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from hatlab.util.files import read_bytes, shipped_folder
from hatlab.util.paths import hatlab_command

_NAME = re.compile(r"(?:\d+[-_])?(?P<name>.*?)(?:\.(?P<language>[a-z]{2}(?:-[A-Za-z]{2,4})?))?")
_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?:.*\n)*?(?:version|topology|minutes)[ \t]*:")
_TOPOLOGY = re.compile(r"^topology[ \t]*:[ \t]*[\"']?([^\"'#\r\n]*[^\"'#\s])", re.M)
_LANGUAGE = re.compile(r"^language[ \t]*:[ \t]*[\"']?([A-Za-z-]+)", re.M)


@dataclass(frozen=True, slots=True)
class LessonFile:
    """A lesson's file; `lesson` is None if it has errors, which `findings` tell."""

    path: Path
    lesson: Lesson | None
    findings: tuple[Finding, ...]


def shipped_lessons() -> Path:
    """The folder of the lessons that ship with hatlab."""
    return shipped_folder("lessons")


def learn_command(lesson: Lesson, *options: str) -> str:
    """The command that takes a lesson: by its id, or by its file if it is not one that ships with hatlab."""
    shipped_one = Path(lesson.file).parent == shipped_lessons()
    return " ".join([hatlab_command(), "learn", lesson.id if shipped_one else lesson.file, *options])


def lesson_files(folder: Path | None = None) -> list[Path]:
    """The lessons' files in a folder, in every language; without, those that ship with hatlab."""
    found = (folder or shipped_lessons()).glob("*.md")
    return sorted(path for path in found if is_lesson_file(path))


def is_lesson_file(path: Path) -> bool:
    """Whether a Markdown file begins as lessons do: a page such as README.md does not."""
    return _HEAD.match(_read_head(path)) is not None


def lesson_name(path: Path) -> str:
    """What a lesson is called by its file: `kill-mysqld` for `04-kill-mysqld.md` and `kill-mysqld.de.md`."""
    return _split_name(path)["name"]


def lesson_language(path: Path) -> str:
    """The language that a file's name tells (`kill-mysqld.de.md`), or else its front matter; or English."""
    told = _split_name(path)["language"]
    if told is None and (found := _LANGUAGE.search(_read_head(path))):
        told = found[1]
    return told or ORIGINAL


def has_language_suffix(path: Path) -> bool:
    """Whether a file's name tells its language."""
    return _split_name(path)["language"] is not None


def _split_name(path: Path) -> re.Match[str]:
    found = _NAME.fullmatch(path.stem)
    assert found is not None, "any name matches"
    return found


def _read_head(path: Path) -> str:
    return read_bytes(path, 4000).decode("utf-8", "replace")


def read_lesson_files(paths: Iterable[Path]) -> list[LessonFile]:
    """The lessons in files, in their order; those with errors last."""
    found = [
        LessonFile(path, each.lesson, each.findings) for path in paths for each in [parse_lesson_file(path)]
    ]
    return sorted(
        found, key=lambda each: (each.lesson is None, each.lesson.front.order if each.lesson else 0)
    )


def read_lesson(path: Path, seed: int | None = None) -> Lesson:
    """Reads and checks a lesson; its topology can be loaded by `front.topology` from anywhere.

    Args:
        path: its file.
        seed: which variant, of a lesson that has some, counted round; without, the first.

    Raises:
        UserError: the file cannot be read.
        FileError: the first error in it, with line and column (`examine_file` finds all).
    """
    examined = parse_lesson_file(path, seed)
    raise_first_error(path, examined.findings)
    assert examined.lesson is not None, "no lesson without an error"
    return examined.lesson


def read_variants(path: Path) -> list[Lesson]:
    """The lesson in a file in each of its variants; the one lesson, if it has none.

    Raises:
        UserError, FileError: as `read_lesson`.
    """
    first = read_lesson(path, seed=0)
    return [first, *(read_lesson(path, seed) for seed in range(1, len(first.front.variants)))]


def parse_lesson_file(path: Path, seed: int | None = None) -> ParseResult:
    """The lesson in a file and everything wrong with it; `front.topology` as it can be loaded from anywhere.

    Raises:
        UserError: the file cannot be read.
    """

    def load(name: str) -> Topology:
        return load_topology(resolve_topology(name, path))

    found = parse_lesson(read_bytes(path, MOST_BYTES), topology=load, seed=seed)
    beside = to_findings(_check_against_siblings(found.head, path)) if found.head else ()
    found = replace(found, findings=sort_findings((*found.findings, *beside)))
    if found.lesson is None or any(finding.severity == "error" for finding in beside):
        return replace(found, lesson=None)
    front = found.lesson.front
    front = front.model_copy(update={"topology": resolve_topology(front.topology, path)})
    return replace(found, lesson=replace(found.lesson, front=front, file=str(path)))


def _check_against_siblings(head: LocatedMapping, path: Path) -> Iterator[Problem]:
    """What is wrong with a lesson's name, language and needs, beside the others of its folder."""
    others = [file for file in lesson_files(path.parent) if file != path]
    own, needs, language = head.data.get("id"), head.data.get("needs"), head.data.get("language", ORIGINAL)
    if any(lesson_name(file) == own and lesson_language(file) == language for file in others):
        yield head.source_map.problem("028", ("id",), f"another lesson in this folder is called {own} too")
    elif isinstance(own, str) and own != lesson_name(path):
        yield head.source_map.problem(
            "042", ("id",), f"the file is called {lesson_name(path)[:40]}, not {own[:40]}"
        )
    shipped_names = [lesson_name(file) for file in lesson_files()]
    if path.parent.resolve() != shipped_lessons().resolve() and own in shipped_names:
        yield head.source_map.problem("051", ("id",), f"a lesson that ships with hatlab is called {own} too")
    if isinstance(language, str) and language != lesson_language(path):
        told = f"the file's name says {lesson_language(path)}, not {language[:10]}"
        yield head.source_map.problem("042", ("language",) if "language" in head.data else ("id",), told)
    known = {*map(lesson_name, others), *shipped_names} - {own if isinstance(own, str) else ""}
    for k, need in enumerate(needs if isinstance(needs, list) else [needs]):
        if isinstance(need, str) and need not in known:
            guess = did_you_mean(need, known)
            yield head.source_map.problem(
                "024", ("needs", k), f"no other lesson is called {need[:40]!r}{guess}"
            )


def resolve_topology(topology: str, lesson: Path) -> str:
    """A topology's name as it is, a path relative to the lesson's file as one from here."""
    return str(lesson.parent / topology) if _is_own_topology(topology) else topology


def own_topology_path(lesson: Path) -> Path | None:
    """The author's own topology that a lesson's file names, there or not; None for a shipped one."""
    found = _TOPOLOGY.search(_read_head(lesson))
    return lesson.parent / found[1] if found and _is_own_topology(found[1]) else None


def _is_own_topology(topology: str) -> bool:
    return topology.endswith((".yaml", ".yml")) or "/" in topology
