"""Cuts a lesson's Markdown into front matter, prose and blocks, each with its line. Pure text, no YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.yaml_source import Problem

KINDS = ("lab", "predict", "question", "task")
"""What may follow `yaml` at the head of a block of ours."""
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})[ \t]*([^`]*)$")
_HEADING = re.compile(r"^ {0,3}##(?:[ \t]+(.*?)(?:[ \t]+#+)?)?[ \t]*$")
_NO_HEADING = re.compile(r"^##[^\s#]")
_SWALLOWS = "all that follows would be part of it"
_BREAKS = str.maketrans("\x0b\x0c\x85\u2028\u2029", "     ")
"""YAML takes some of them for ends of lines, Markdown none."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Prose; `line` is its first."""

    text: str
    line: int

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a character, from 1."""
        before = self.text[:offset]
        return self.line + before.count("\n"), offset - before.rfind("\n")

    def prose(self) -> Iterator[tuple[int, str]]:
        """Its lines with their numbers, without those of fenced code."""
        fence = ""
        for number, line in enumerate(self.text.split("\n"), self.line):
            mark = _FENCE.match(line)
            if mark and not fence:
                fence = mark[2]
            elif mark and mark[2].startswith(fence) and not mark[3]:
                fence = ""
            elif not fence:
                yield number, line


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of ours; `line` is its fence's, so its text begins in the next."""

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class Section:
    """A `##` heading and what follows; the first of a page is what stands before any (`title` is empty)."""

    title: str
    line: int
    parts: list[Passage | Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole file. `front` is None without front matter; faults are those of the Markdown."""

    front: str | None
    sections: tuple[Section, ...]
    faults: tuple[Problem, ...]


def listings(prose: str) -> tuple[str, ...]:
    """The fenced code in prose, each piece as it stands."""
    found: list[list[str]] = []
    fence = ""
    for line in prose.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[2]
            found.append([])
        elif mark and mark[2].startswith(fence) and not mark[3]:
            fence = ""
        elif fence:
            found[-1].append(line)
    return tuple("\n".join(lines) for lines in found)


def cut(text: str) -> Page:
    """The parts of a lesson's text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    lines = text.split("\n")
    end = next((k for k, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), 0)
    if lines[0].rstrip() != "---" or not end:
        return Page(None, (), ())
    faults: list[Problem] = []
    sections = [Section("", end + 2)]
    passage: list[str] = []
    for line, part in _parts(lines, end + 1, faults):
        if isinstance(part, str):
            passage.append(part)
            continue
        _prose(sections[-1], passage, line)
        if isinstance(part, Block):
            sections[-1].parts.append(part)
        else:
            sections.append(part)
    _prose(sections[-1], passage, len(lines) + 1)
    return Page("\n".join(lines[1:end]), tuple(sections), tuple(faults))


def _prose(section: Section, lines: list[str], end: int) -> None:
    """Closes a passage that stands before line `end`."""
    first = next((k for k, line in enumerate(lines) if line.strip()), None)
    if first is not None:
        text = "\n".join(lines[first:]).rstrip()
        section.parts.append(Passage(text, end - len(lines) + first))
    lines.clear()


def _parts(
    lines: list[str], start: int, faults: list[Problem]
) -> Iterator[tuple[int, str | Block | Section]]:
    """Each line of prose, block and heading, with its line number. Comments are blank lines of prose."""
    k = start
    while k < len(lines):
        line = lines[k]
        if fence := _FENCE.match(line):
            end, closed = _ending(lines, k, fence)
            if not closed:
                found = f"another begins in line {end + 1}" if end < len(lines) else _SWALLOWS
                faults.append(Problem("008", k + 1, len(fence[1]) + 1, f"this block is not closed: {found}"))
            if not closed and end < len(lines):
                end = next((n for n in range(k + 1, end) if _HEADING.match(lines[n])), end)
                yield from ((n + 1, "") for n in range(k, end))
                k = end
                continue
            kind = _kind(fence, k + 1, faults)
            if kind:
                yield k + 1, Block(kind, "\n".join(lines[k + 1 : end]), k + 1)
            else:
                yield from enumerate(lines[k : end + 1], k + 1)
            k = end + 1
        elif line.startswith("<!--"):
            end = next((n for n in range(k, len(lines)) if "-->" in lines[n]), len(lines))
            if end == len(lines):
                faults.append(Problem("008", k + 1, 1, f"this comment is not closed: {_SWALLOWS}"))
            yield from ((n + 1, "") for n in range(k, min(end + 1, len(lines))))
            k = end + 1
        else:
            heading = _HEADING.match(line)
            if _NO_HEADING.match(line):
                faults.append(Problem("044", k + 1, 3, "no blank behind ##: this begins no step"))
            yield k + 1, Section((heading[1] or "").strip(), k + 1) if heading else line
            k += 1


def _ending(lines: list[str], start: int, fence: re.Match[str]) -> tuple[int, bool]:
    """The line that ends a fenced block, and whether it closes it: one of ours ends where another begins."""
    own, ours = fence[2], _is_ours(fence)
    for k in range(start + 1, len(lines)):
        line = lines[k].strip()
        if len(line) >= len(own) and not line.strip(own[0]):
            return k, True
        if ours and lines[k].startswith(own) and (other := _FENCE.match(lines[k])) and other[3]:
            return k, False
    return len(lines), False


def _is_ours(fence: re.Match[str]) -> bool:
    """Whether a fence opens a block of ours, and not code, which may show such a block."""
    words = fence[3].split()
    return not fence[1] and len(words) == 2 and words[0] == "yaml" and words[1] in KINDS


def _kind(fence: re.Match[str], line: int, faults: list[Problem]) -> str:
    """What block of ours a fence opens, empty for code that is prose."""
    words = fence[3].split()
    column = fence.start(3) + 1
    own = words[1:] if words[:1] in (["yaml"], ["yml"]) else words if words[:1] and words[0] in KINDS else []
    if not own or not own[0].isalpha():
        return ""
    if len(own) > 1 or own[0] not in KINDS or words[0] != "yaml":
        guess = did_you_mean(own[0], KINDS) or f"; there are: {', '.join(f'yaml {kind}' for kind in KINDS)}"
        guess = f"; write `yaml {own[0]}`" if own[0] in KINDS else guess
        faults.append(Problem("009", line, column, f"unknown block `{' '.join(words)[:40]}`{guess}"))
        return ""
    if fence[1]:
        faults.append(
            Problem("009", line, column, "a block begins in the first column: take the blanks away")
        )
        return ""
    return own[0]
