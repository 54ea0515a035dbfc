"""How a line falls into words: quotes, `$?`, `$(…)`, `;`, `&&`, `||`, `|`, as far as a console needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = ("&&", "||", ";;", ";", "|", "&", ">>", ">", "<", "(", ")")
_NAME = re.compile(r"\$(\?|\$|\w+|\{\w+\})")


class ShellSyntaxError(Exception):
    """A line that a shell would not read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word: `text`, `variable` or `command`; `quoted` keeps blanks in what it becomes."""

    kind: str
    value: str
    quoted: bool = False


Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by pipes; `when` tells after which end of the one before it runs: ``, `&&` or `||`."""

    commands: tuple[tuple[Word, ...], ...]
    when: str = ""


def parse_line(line: str) -> list[Pipeline]:
    """The pipelines of a line.

    Raises:
        SyntaxFault: in a shell's words.
    """
    pipelines: list[Pipeline] = []
    commands: list[tuple[Word, ...]] = []
    words: list[Word] = []
    when = ""
    last = "newline"
    for token in _tokenize(line):
        if not isinstance(token, str):
            words.append(token)
            last = "newline"
            continue
        if token not in {"&&", "||", ";", "|"}:
            raise ShellSyntaxError(
                f"hatlab: a simulated node's shell has no `{token}`"
                if words
                else f"bash: syntax error near unexpected token `{token}'"
            )
        if not words:
            raise ShellSyntaxError(f"bash: syntax error near unexpected token `{token}'")
        commands.append(tuple(words))
        words = []
        last = token
        if token != "|":
            pipelines.append(Pipeline(tuple(commands), when))
            commands, when = [], "" if token == ";" else token
    if words:
        pipelines.append(Pipeline((*commands, tuple(words)), when))
    elif last in {"|", "&&", "||"}:
        raise ShellSyntaxError("bash: syntax error: unexpected end of file")
    return pipelines


def _tokenize(line: str) -> Iterator[Word | str]:
    """Words, and operators as plain strings; a comment ends the line."""
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            return
        elif operator := next((o for o in OPERATORS if line.startswith(o, at)), ""):
            yield operator
            at += len(operator)
        else:
            word, at = _read_word(line, at)
            yield word


def _read_word(line: str, at: int) -> tuple[Word, int]:
    parts: list[Part] = []
    while at < len(line) and not line[at].isspace() and line[at] not in ";|&<>()":
        match line[at]:
            case "'":
                end = line.find("'", at + 1)
                if end < 0:
                    raise ShellSyntaxError("bash: unexpected EOF while looking for matching `''")
                parts.append(Part("text", line[at + 1 : end], True))
                at = end + 1
            case '"':
                at = _read_double_quoted(line, at + 1, parts)
            case "\\":
                parts.append(Part("text", line[at + 1 : at + 2], True))
                at += 2
            case "$":
                at = _read_dollar(line, at, parts, False)
            case letter:
                parts.append(Part("text", letter))
                at += 1
    return tuple(parts), at


def _read_double_quoted(line: str, at: int, parts: list[Part]) -> int:
    parts.append(Part("text", "", True))
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and line[at + 1 : at + 2] in {'"', "\\", "$", "`"}:
            parts.append(Part("text", line[at + 1], True))
            at += 2
        elif line[at] == "$":
            at = _read_dollar(line, at, parts, True)
        else:
            parts.append(Part("text", line[at], True))
            at += 1
    if at >= len(line):
        raise ShellSyntaxError("bash: unexpected EOF while looking for matching `\"'")
    return at + 1


def _read_dollar(line: str, at: int, parts: list[Part], quoted: bool) -> int:
    if line.startswith("$(", at):
        depth, end = 1, at + 2
        while end < len(line) and depth:
            depth += {"(": 1, ")": -1}.get(line[end], 0)
            end += 1
        if depth:
            raise ShellSyntaxError("bash: unexpected EOF while looking for matching `)'")
        parts.append(Part("command", line[at + 2 : end - 1], quoted))
        return end
    found = _NAME.match(line, at)
    if found is None:
        parts.append(Part("text", "$", quoted))
        return at + 1
    parts.append(Part("variable", found[1].strip("{}"), quoted))
    return found.end()
