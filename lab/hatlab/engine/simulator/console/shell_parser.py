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
    """A piece of a word."""

    kind: str
    """`text`, `variable` or `command`."""
    value: str
    quoted: bool = False
    """Blanks in what it becomes do not end the word."""


Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by pipes."""

    commands: tuple[tuple[Word, ...], ...]
    when: str = ""
    """After which end of the one before it runs: ``, `&&` or `||`."""


def parse_line(line: str) -> list[Pipeline]:
    """Return the pipelines of a line.

    Raises:
        ShellSyntaxError: in a shell's words.
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
        if words and token not in {"&&", "||", ";", "|"}:
            raise ShellSyntaxError(f"hatlab: a simulated node's shell has no `{token}`")
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
    """Yield words, and operators as plain strings; a comment ends the line."""
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
        elif line[position] == "#":
            return
        elif operator := next((o for o in OPERATORS if line.startswith(o, position)), ""):
            yield operator
            position += len(operator)
        else:
            word, position = _read_word(line, position)
            yield word


def _read_word(line: str, position: int) -> tuple[Word, int]:
    """Return a word, and where it ends."""
    parts: list[Part] = []
    quoted = False
    while position < len(line) and (quoted or not (line[position].isspace() or line[position] in ";|&<>()")):
        letter, following = line[position], line[position + 1 : position + 2]
        if letter == '"':
            quoted = not quoted
            parts.append(Part("text", "", True))
            position += 1
        elif letter == "'" and not quoted:
            end = line.find("'", position + 1)
            if end < 0:
                raise ShellSyntaxError("bash: unexpected EOF while looking for matching `''")
            parts.append(Part("text", line[position + 1 : end], True))
            position = end + 1
        elif letter == "\\" and (not quoted or following in {'"', "\\", "$", "`"}):
            parts.append(Part("text", following, True))
            position += 2
        elif letter == "$":
            position = _read_dollar(line, position, parts, quoted)
        else:
            parts.append(Part("text", letter, quoted))
            position += 1
    if quoted:
        raise ShellSyntaxError("bash: unexpected EOF while looking for matching `\"'")
    return tuple(parts), position


def _read_dollar(line: str, position: int, parts: list[Part], quoted: bool) -> int:
    if line.startswith("$(", position):
        depth, end = 1, position + 2
        while end < len(line) and depth:
            depth += {"(": 1, ")": -1}.get(line[end], 0)
            end += 1
        if depth:
            raise ShellSyntaxError("bash: unexpected EOF while looking for matching `)'")
        parts.append(Part("command", line[position + 2 : end - 1], quoted))
        return end
    name = _NAME.match(line, position)
    if name is None:
        parts.append(Part("text", "$", quoted))
        return position + 1
    parts.append(Part("variable", name[1].strip("{}"), quoted))
    return name.end()
