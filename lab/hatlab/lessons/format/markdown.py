"""Cuts a lesson's Markdown into front matter, prose and blocks, each with its line. No YAML is read here."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.markdown_tokens import block_tokens, fence_tokens

KINDS = ("lab", "predict", "question", "task", "whatif")
"""What may follow `yaml` at the head of a lesson's block."""
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})[ \t]*([^`]*)$")
_HEADING = re.compile(r"^ {0,3}##(?:[ \t]++(.*+))?$")
_NO_HEADING = re.compile(r"^##[^\s#]")
_SWALLOWS = "everything below would be part of it"
_BREAKS = str.maketrans("\x0b\x0c\x85\u2028\u2029", "     ")
"""Line breaks to YAML, but not to Markdown."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Prose."""

    text: str
    line: int
    """The number of its first line."""

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of a character, from 1."""
        before = self.text[:offset]
        return self.line + before.count("\n"), offset - before.rfind("\n")

    def prose_lines(self) -> Iterator[tuple[int, str]]:
        """Yield (number, line) of each line that is not in fenced code."""
        code = {k for token in fence_tokens(self.text) for k in range(*token.map or ())}
        yield from ((self.line + k, text) for k, text in enumerate(self.text.split("\n")) if k not in code)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of YAML that is part of a lesson."""

    kind: str
    text: str
    line: int
    """The number of its fence's line; the text begins in the next."""


@dataclass(slots=True)
class Section:
    """A `##` heading and what follows it."""

    title: str
    """Empty for what stands before the first heading."""
    line: int
    parts: list[Passage | Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole file."""

    front: str | None
    """None without front matter."""
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    """What is wrong with the Markdown."""


def _title(text: str) -> str:
    """Return a heading's text without the `#` that may close it."""
    text = text.strip()
    opened = text.rstrip("#")
    return text if opened and opened[-1] not in " \t" else opened.rstrip()


def fenced_code(prose: str) -> tuple[str, ...]:
    """Return each piece of fenced code in prose as it stands."""
    return tuple(token.content.removesuffix("\n") for token in fence_tokens(prose))


def parse_markdown(text: str) -> Page:
    """Cut a lesson's text into its parts."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    lines = text.split("\n")
    end = next((k for k, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), 0)
    if lines[0].rstrip() != "---" or not end:
        return Page(None, (), ())
    problems: list[Problem] = []
    sections = [Section("", end + 2)]
    passage: list[str] = []
    for line, part in _Cutter(lines, problems).parts(end + 1, len(lines)):
        if isinstance(part, str):
            passage.append(part)
            continue
        _end_passage(sections[-1], passage, line)
        if isinstance(part, Block):
            sections[-1].parts.append(part)
        else:
            sections.append(part)
    _end_passage(sections[-1], passage, len(lines) + 1)
    return Page("\n".join(lines[1:end]), tuple(sections), tuple(problems))


def _end_passage(section: Section, lines: list[str], end: int) -> None:
    """Add the passage whose lines stand before line `end`, if it has any text."""
    first = next((k for k, line in enumerate(lines) if line.strip()), None)
    if first is not None:
        text = "\n".join(lines[first:]).rstrip()
        section.parts.append(Passage(text, end - len(lines) + first))
    lines.clear()


Part = tuple[int, str | Block | Section]
"""A line number, and the line of prose, block or heading that stands there."""


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts lines into parts, and adds what is wrong with them to `problems`."""

    lines: list[str]
    problems: list[Problem]

    def parts(self, start: int, end: int) -> Iterator[Part]:
        """Yield the parts of the lines from `start` to before `end`. Comments are blank lines of prose."""
        done = start
        nested: set[int] = set()
        for token in block_tokens("\n".join([*self.lines[start:end], ""])):
            first, last = (start + k for k in token.map or (0, 0))
            if token.type == "fence" and token.level:
                self._block_kind(first, token.markup)
                nested.update(range(first, last))
                continue
            parts: Sequence[Part] = ()
            if token.type == "fence":
                parts = tuple(self._fence(first, last, token.markup))
            elif token.type == "comment":
                parts = self._comment(first, last)
            elif token.type == "heading_open" and not token.level:
                parts = self._heading(first)
            if parts:
                yield from self._prose(done, first, nested)
                yield from parts
                done = last
        yield from self._prose(done, end, nested)

    def _prose(self, start: int, end: int, nested: Container[int]) -> Iterator[Part]:
        """Yield lines of prose; those of code in lists and quotes are `nested`."""
        for k in range(start, end):
            if k not in nested and (fence := _FENCE.match(self.lines[k])):
                self._block_kind(k, fence[2])  # indented too far to open a block
            if _NO_HEADING.match(self.lines[k]):
                self._report("044", k, 3, "there is no space after ##, so this does not start a step")
            yield k + 1, self.lines[k]

    def _heading(self, at: int) -> Sequence[Part]:
        heading = _HEADING.match(self.lines[at])
        return [(at + 1, Section(_title(heading[1] or ""), at + 1))] if heading else ()

    def _comment(self, start: int, end: int) -> Sequence[Part]:
        if "-->" not in self.lines[end - 1]:
            self._report("008", start, 1, f"this comment is not closed: {_SWALLOWS}")
        return _blank_lines(start, end)

    def _fence(self, start: int, end: int, markup: str) -> Iterator[Part]:
        """Yield the parts of what Markdown takes for one fenced block.

        A lesson's block is not closed if another begins in it: it ends there, or at a heading before that.
        """
        while (other := self._other_fence(start, end, markup)) is not None:
            self._report_unclosed(start, f"another one starts in line {other + 1}")
            stop = next((k for k in range(start + 1, other) if _HEADING.match(self.lines[k])), other)
            yield from _blank_lines(start, stop)
            yield from self.parts(stop, other)
            start = other
        closing = self.lines[end - 1].strip()
        closed = end - 1 > start and len(closing) >= len(markup) and not closing.strip(markup[0])
        if not closed:
            self._report_unclosed(start, _SWALLOWS)
        if kind := self._block_kind(start, markup):
            text = "\n".join(self.lines[start + 1 : end - closed])
            yield start + 1, Block(kind, text, start + 1)
        else:
            yield from enumerate(self.lines[start:end], start + 1)

    def _other_fence(self, start: int, end: int, markup: str) -> int | None:
        """Return the line at which another block begins in a lesson's; None in code, which may show one."""
        if self.lines[start].removeprefix(markup).split() not in [["yaml", kind] for kind in KINDS]:
            return None
        for k in range(start + 1, end):
            if self.lines[k].startswith(markup) and (fence := _FENCE.match(self.lines[k])) and fence[3]:
                return k
        return None

    def _block_kind(self, at: int, markup: str) -> str:
        """Return which of a lesson's blocks a fence opens; "" for code, which is prose."""
        before, _, info = self.lines[at].partition(markup)
        info = info.lstrip(f"{markup[0]} \t")
        words = info.split()
        opens = words[0] if words else ""
        named = words[1:] if opens in {"yaml", "yml"} else words if opens in KINDS else []
        if not named or not named[0].isalpha():
            return ""
        if len(named) > 1 or named[0] not in KINDS or opens != "yaml":
            kinds = ", ".join(f"yaml {kind}" for kind in KINDS)
            guess = did_you_mean(named[0], KINDS) or f"; the kinds are: {kinds}"
            guess = f"; write `yaml {named[0]}`" if named[0] in KINDS else guess
            message = f"unknown block `{' '.join(words)[:40]}`{guess}"
        elif before.strip():
            message = f"a block must stand alone: remove the `{before.strip()}` before it"
        elif before:
            message = "a block must start in the first column: remove the spaces"
        else:
            return named[0]
        self._report("009", at, len(self.lines[at]) - len(info) + 1, message)
        return ""

    def _report_unclosed(self, at: int, why: str) -> None:
        line = self.lines[at]
        self._report("008", at, len(line) - len(line.lstrip()) + 1, f"this block is not closed: {why}")

    def _report(self, number: str, at: int, column: int, message: str) -> None:
        self.problems.append(Problem(number, at + 1, column, message))


def _blank_lines(start: int, end: int) -> Sequence[Part]:
    return [(k + 1, "") for k in range(start, end)]
