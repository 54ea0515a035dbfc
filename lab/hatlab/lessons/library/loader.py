"""Reads lesson files, each beside the others of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.diagnostics.finding import Finding, did_you_mean, raise_first_error, sort_findings
from hatlab.errors import UserError
from hatlab.lessons.library.locale import ORIGINAL
from hatlab.topology.library import load_topology
from hatlab.util.files import is_inside, read_bytes, real_path, shipped_folder
from hatlab.util.paths import hatlab_command

if TYPE_CHECKING:
    from hatlab.diagnostics.yaml_source import Problem
    from hatlab.lessons.format.blocks import LocatedMapping
    from hatlab.lessons.format.file import ParseResult
    from hatlab.lessons.model import Lesson
    from hatlab.topology import Topology

_NAME = re.compile(r"(?:\d+[-_])?(?P<name>.*?)(?:\.(?P<language>[a-z]{2}(?:-[A-Za-z]{2,4})?))?")
_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?:.*\n)*?(?:version|topology|minutes)[ \t]*:")
_TOPOLOGY = re.compile(r"^topology[ \t]*:[ \t]*[\"']?([^\"'#\r\n]*[^\"'#\s])", re.M)
_ORDER = re.compile(r"^order[ \t]*:[ \t]*([0-9.]+)[ \t]*(?:#.*)?$", re.M)
_LANGUAGE = re.compile(r"^language[ \t]*:[ \t]*[\"']?([A-Za-z-]+)", re.M)


@dataclass(frozen=True, slots=True)
class LessonFile:
    """A file with a lesson in it."""

    path: Path
    lesson: Lesson | None
    """None if the file has errors; they are among the findings."""
    findings: tuple[Finding, ...]


def shipped_lessons() -> Path:
    """Return the folder of the lessons that ship with hatlab."""
    return shipped_folder("lessons")


def learn_command(lesson: Lesson, *options: str) -> str:
    """Return the command that takes a lesson: by its id if it ships with hatlab, or else by its file."""
    is_shipped = Path(lesson.file).parent == shipped_lessons()
    return " ".join([hatlab_command(), "learn", lesson.id if is_shipped else lesson.file, *options])


def lesson_files(folder: Path | None = None) -> list[Path]:
    """Return the lessons' files in a folder, in every language; without a folder, those of hatlab."""
    return sorted(path for path in (folder or shipped_lessons()).glob("*.md") if is_lesson_file(path))


def files_by_language(path: Path) -> dict[str, Path]:
    """Return the files of a folder that are the same lesson as a file, by language."""
    name = lesson_name(path)
    return {lesson_language(file): file for file in lesson_files(path.parent) if lesson_name(file) == name}


def is_lesson_file(path: Path) -> bool:
    """True if a Markdown file begins as lessons do: a page such as README.md does not."""
    return _HEAD.match(_read_head(path)) is not None


def lesson_name(path: Path) -> str:
    """Return what a lesson's file calls it: `kill-mysqld` for `04-kill-mysqld.md` and `kill-mysqld.de.md`."""
    return _split_name(path)["name"]


def lesson_language(path: Path) -> str:
    """Return the language in a file's name (`kill-mysqld.de.md`), or else in its front matter, or English."""
    if (language := _split_name(path)["language"]) is not None:
        return language
    in_front_matter = _LANGUAGE.search(_read_head(path))
    return in_front_matter[1] if in_front_matter else ORIGINAL


def lesson_order(path: Path) -> float:
    """Return a lesson's place among those of its folder, as its front matter says; the rest is not read."""
    from hatlab.lessons.model import Front

    match = _ORDER.search(_read_head(path).partition("\n---")[0])
    try:
        return float(match[1]) if match else Front.model_fields["order"].default
    except ValueError:
        return inf


def has_language_suffix(path: Path) -> bool:
    """True if a file's name tells its language."""
    return _split_name(path)["language"] is not None


def _split_name(path: Path) -> re.Match[str]:
    match = _NAME.fullmatch(path.stem)
    assert match is not None, "any name matches"
    return match


def _read_head(path: Path) -> str:
    return read_bytes(path, 4000).decode("utf-8", "replace")


def read_lesson_files(paths: Iterable[Path]) -> list[LessonFile]:
    """Read lessons, in their order; those with errors last."""
    results = [(path, parse_lesson_file(path)) for path in paths]
    files = [LessonFile(path, result.lesson, result.findings) for path, result in results]
    return sorted(files, key=lambda file: file.lesson.front.order if file.lesson else inf)


def read_lesson(path: Path, seed: int | None = None) -> Lesson:
    """Read and check a lesson; its topology can be loaded by `front.topology` from anywhere.

    Args:
        path: its file.
        seed: which variant, of a lesson that has some, counted round; without, the first.

    Raises:
        UserError: the file cannot be read.
        FileError: the first error in it, with line and column (`parse_lesson_file` finds all).
    """
    result = parse_lesson_file(path, seed)
    raise_first_error(path, result.findings)
    assert result.lesson is not None, "no lesson without an error"
    return result.lesson


def read_variants(path: Path) -> list[Lesson]:
    """Read a lesson in each of its variants; once, if it has none.

    Raises:
        UserError, FileError: as `read_lesson`.
    """
    first = read_lesson(path, seed=0)
    return [first, *(read_lesson(path, seed) for seed in range(1, len(first.front.variants)))]


def parse_lesson_file(path: Path, seed: int | None = None) -> ParseResult:
    """Read a lesson and find everything wrong with it; its topology can be loaded from anywhere.

    Raises:
        UserError: the file cannot be read.
    """

    from hatlab.lessons.format.file import MOST_BYTES, parse_lesson, to_findings

    def load(name: str) -> Topology:
        return load_topology(resolve_topology(name, path))

    result = parse_lesson(read_bytes(path, MOST_BYTES), topology=load, seed=seed)
    head = result.head
    more = to_findings([*_check_against_siblings(head, path), *_check_recording(head, path)]) if head else ()
    result = replace(result, findings=sort_findings((*result.findings, *more)))
    lesson = result.lesson
    if lesson is None or any(finding.severity == "error" for finding in more):
        return replace(result, lesson=None)
    topology = resolve_topology(lesson.front.topology, path)
    recording = lesson.front.recording and str(path.parent / lesson.front.recording)
    front = lesson.front.model_copy(update={"topology": topology, "recording": recording})
    return replace(result, lesson=replace(lesson, front=front, file=str(path)))


def _check_against_siblings(head: LocatedMapping, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a lesson's id, language and needs, beside the others of its folder."""
    others = [file for file in lesson_files(path.parent) if file != path]
    problem = head.source_map.problem
    own, needs, language = head.data.get("id"), head.data.get("needs"), head.data.get("language", ORIGINAL)
    if any(lesson_name(file) == own and lesson_language(file) == language for file in others):
        yield problem("028", ("id",), f"another lesson in this folder has the same name, {own}")
    elif isinstance(own, str) and own != lesson_name(path):
        yield problem("042", ("id",), f"the file is called {lesson_name(path)[:40]}, not {own[:40]}")
    shipped_names = [lesson_name(file) for file in lesson_files()]
    if real_path(path.parent) != real_path(shipped_lessons()) and own in shipped_names:
        yield problem("051", ("id",), f"a lesson that ships with hatlab has the same name, {own}")
    if isinstance(language, str) and language != lesson_language(path):
        message = f"the file's name says {lesson_language(path)}, not {language[:10]}"
        yield problem("042", ("language",) if "language" in head.data else ("id",), message)
    known = {*map(lesson_name, others), *shipped_names} - {own if isinstance(own, str) else ""}
    for index, need in enumerate(needs if isinstance(needs, list) else [needs]):
        if isinstance(need, str) and need not in known:
            guess = did_you_mean(need, known)
            yield problem("024", ("needs", index), f"there is no other lesson called {need[:40]!r}{guess}")


def _check_recording(head: LocatedMapping, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the recording that a lesson is over."""
    name = head.data.get("recording")
    if not isinstance(name, str):
        return
    recording = path.parent / name
    if not is_inside(recording, path.parent):
        message = f"the recording {name[:60]} lies outside of the lesson's folder"
        yield head.source_map.problem("023", ("recording",), message)
    elif not recording.is_file():
        yield head.source_map.problem("023", ("recording",), f"there is no recording {name[:60]!r}")


def resolve_topology(topology: str, lesson: Path) -> str:
    """Return a topology's name as it is, and a path relative to the lesson's file as one from here.

    Raises:
        UserError: the path leads out of the lesson's folder, to a file of whoever takes it.
    """
    if not _is_own_topology(topology):
        return topology
    path = lesson.parent / topology
    if not (is_inside(path, lesson.parent) or is_inside(path, shipped_folder("topologies"))):
        problem = f"the topology {topology[:60]} lies outside of the lesson's folder"
        raise UserError(problem, "put it beside the lesson, or in a folder there")
    return str(path)


def own_topology_path(lesson: Path) -> Path | None:
    """Return the author's own topology that a lesson names, there or not; None for a shipped one."""
    match = _TOPOLOGY.search(_read_head(lesson))
    return lesson.parent / match[1] if match and _is_own_topology(match[1]) else None


def _is_own_topology(topology: str) -> bool:
    return topology.endswith((".yaml", ".yml")) or "/" in topology
