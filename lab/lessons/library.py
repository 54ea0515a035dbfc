"""Finds the lessons that ship with hatlab, and reads lessons. One with mistakes never hides the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from lab.errors import FileError, UserError
from lab.files import load_topology, read_bytes, shipped
from lab.findings import Finding, did_you_mean
from lab.lessons.lesson_blocks import Mapped
from lab.lessons.lesson_file import MOST_BYTES, Examined, examine, in_order, told
from lab.lessons.model import Lesson
from lab.topology import Topology
from lab.yaml_file import Fault

_NUMBERED = re.compile(r"^\d+[-_]")
_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?:.*\n)*?(?:version|topology|minutes)[ \t]*:")


@dataclass(frozen=True, slots=True)
class Listed:
    """A lesson's file; `lesson` is None if it has errors, which `findings` tell."""

    path: Path
    lesson: Lesson | None
    findings: tuple[Finding, ...]


def lesson_files() -> list[Path]:
    """The files of the shipped lessons."""
    return sorted(path for path in shipped("lessons").glob("*.md") if is_lesson(path))


def is_lesson(path: Path) -> bool:
    """Whether a Markdown file begins as lessons do: a page such as README.md does not."""
    return _HEAD.match(read_bytes(path, 4000).decode("utf-8", "replace")) is not None


def name_of(path: Path) -> str:
    """What a lesson is called by its file: `kill-mysqld` for `04-kill-mysqld.md`."""
    return _NUMBERED.sub("", path.stem)


def find_lesson(name: str) -> Path:
    """The file of a shipped lesson's id, or of a path.

    Raises:
        UserError: there is no such file.
    """
    path = Path(name)
    if path.suffix == ".md" or "/" in name:
        if path.is_file():
            return path
        raise UserError(f"there is no file {name}", "give a lesson's id or a path to a .md file")
    files = {name_of(file): file for file in lesson_files()}
    if name not in files:
        guess = get_close_matches(name, files, 1)
        hint = f"did you mean {guess[0]!r}?" if guess else "`hatlab lessons` lists them"
        raise UserError(f"no lesson {name!r}", hint)
    return files[name]


def load_lesson(name: str, seed: int | None = None) -> Lesson:
    """Reads and checks a lesson by id or path; its topology can be loaded by `front.topology` from anywhere.

    Args:
        name: id of a shipped one, or a path.
        seed: which variant, of a lesson that has some, counted round; without, the first.

    Raises:
        UserError: no such file.
        FileError: the first error in it, with line and column (`examine_file` finds all).
    """
    path = find_lesson(name)
    examined = examine_file(path, seed)
    for finding in examined.findings:
        if finding.severity == "error":
            raise FileError(
                finding.message, finding.cure, file=str(path), line=finding.line, column=finding.column
            )
    assert examined.lesson is not None, "no lesson without an error"
    return examined.lesson


def examine_file(path: Path, seed: int | None = None) -> Examined:
    """The lesson in a file and everything wrong with it; `front.topology` as it can be loaded from anywhere.

    Raises:
        UserError: the file cannot be read.
    """

    def load(name: str) -> Topology:
        return load_topology(_located(name, path))

    found = examine(read_bytes(path, MOST_BYTES), topology=load, seed=seed)
    beside = told(_beside(found.head, path)) if found.head else ()
    found = replace(found, findings=in_order((*found.findings, *beside)))
    if found.lesson is None or any(finding.severity == "error" for finding in beside):
        return replace(found, lesson=None)
    front = found.lesson.front
    front = front.model_copy(update={"topology": _located(front.topology, path)})
    return replace(found, lesson=replace(found.lesson, front=front, file=str(path)))


def _beside(head: Mapped, path: Path) -> Iterator[Fault]:
    """What is wrong with a lesson's name and needs, beside the others of its folder."""
    others = [name_of(file) for file in path.parent.glob("*.md") if file != path and is_lesson(file)]
    own, needs = head.data.get("id"), head.data.get("needs")
    if own in others:
        yield head.places.fault("028", ("id",), f"another lesson in this folder is called {own} too")
    elif isinstance(own, str) and own != name_of(path):
        yield head.places.fault("042", ("id",), f"the file is called {name_of(path)[:40]}, not {own[:40]}")
    known = [*others, *(name_of(file) for file in lesson_files())]
    for k, need in enumerate(needs if isinstance(needs, list) else [needs]):
        if isinstance(need, str) and (need not in known or need == own):
            guess = did_you_mean(need, set(known) - {own})
            yield head.places.fault("024", ("needs", k), f"no other lesson is called {need[:40]!r}{guess}")


def _located(topology: str, lesson: Path) -> str:
    """A topology's name as it is, a path relative to the lesson's file as one from here."""
    is_path = topology.endswith((".yaml", ".yml")) or "/" in topology
    return str(lesson.parent / topology) if is_path else topology


def lessons(paths: Iterable[Path] | None = None) -> list[Listed]:
    """The shipped lessons, or those in files, in their order; those with errors last."""
    found = list(_listed(lesson_files() if paths is None else paths))
    return sorted(
        found, key=lambda each: (each.lesson is None, each.lesson.front.order if each.lesson else 0)
    )


def _listed(paths: Iterable[Path]) -> Iterator[Listed]:
    for path in paths:
        examined = examine_file(path)
        yield Listed(path, examined.lesson, examined.findings)
