"""The tree of a shell script. Everything in it is immutable: one parse serves every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

Dialect = Literal["bash", "dash"]
"""Which shell reads it: dash is what `/bin/sh` is on Debian and Ubuntu."""


class ShellSyntaxError(Exception):
    """A script that a shell would not read further than this.

    Args:
        token: what it did not expect there; empty for the end of the text.
        line: where, from 1.
        unclosed: the quote or bracket that is not closed, if that is the reason.
    """

    def __init__(self, token: str, line: int, unclosed: str = "") -> None:
        super().__init__(token, line, unclosed)
        self.token, self.line, self.unclosed = token, line, unclosed

    def describe(self, dialect: Dialect) -> str:
        """What the shell itself says, without its name and the line."""
        if dialect == "dash":
            if self.unclosed in {"'", '"', "`"}:
                return "Syntax error: Unterminated quoted string"
            unexpected = f'"{self.token}"' if self.token else "end of file"
            return f"Syntax error: {'newline' if self.token == 'newline' else unexpected} unexpected"
        if self.unclosed:
            return f"unexpected EOF while looking for matching `{self.unclosed}'"
        if not self.token:
            return "syntax error: unexpected end of file"
        return f"syntax error near unexpected token `{self.token}'"


@dataclass(frozen=True, slots=True)
class Text:
    """Letters as they are."""

    value: str
    quoted: bool = False
    """Neither blanks nor patterns in it mean anything."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$x`, `${x:-y}`, `${#x}`, `${x[1]}`."""

    name: str
    operator: str = ""
    """`:-`, `%`, `/` and so on; `#` in front of the name stands here as `length`, `!` as `indirect`."""
    argument: Word = ()
    replacement: Word = ()
    """Of `${x/pattern/replacement}`."""
    index: Word | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """`$(…)` or backticks."""

    script: Script
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((…))`."""

    expression: Word
    quoted: bool = False


Part = Text | Parameter | CommandOutput | Arithmetic
Word = tuple[Part, ...]


def literal(word: Word) -> str | None:
    """The text of a word, None if it depends on anything."""
    if all(isinstance(part, Text) for part in word):
        return "".join(part.value for part in word if isinstance(part, Text))
    return None


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2>&1`, `>> file`, `<<END`."""

    descriptor: int
    operator: str
    """`<`, `>`, `>>`, `>&`, `<&`, `&>`, `&>>`, `<<` (the target is the text itself) or `<<<`."""
    target: Word


@dataclass(frozen=True, slots=True)
class Assignment:
    """`x=y`, `x+=y`, `x[1]=y`, `x=(a b)`."""

    name: str
    value: Word
    append: bool = False
    elements: tuple[Word, ...] | None = None
    """Of an array."""
    index: Word | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """A program or builtin with its arguments; without words only assignments or redirections."""

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """`[[ … ]]`: its words, operators among them."""

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Compute:
    """`(( … ))`."""

    expression: Word
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`{ …; }`, or `( … )` in a shell of its own."""

    body: Script
    subshell: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """`if … then … elif … else … fi`."""

    branches: tuple[tuple[Script, Script], ...]
    """(condition, body) of each."""
    otherwise: Script | None = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """`while … do … done`."""

    condition: Script
    body: Script
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for x in … do … done`."""

    name: str
    words: tuple[Word, ...] | None
    """None for the script's own arguments."""
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class CountingFor:
    """`for ((i=0; i<3; i++)) do … done`."""

    begin: Word
    condition: Word
    step: Word
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """`case … in … esac`."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    """(patterns, body) of each."""
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """`name() { … }`."""

    name: str
    body: Command


Command = Simple | Condition | Compute | Group | If | While | For | CountingFor | Case | Function


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Command, ...]
    negated: bool = False
    when: str = ""
    """After which end of the one before it runs: `` always, `&&` or `||`."""


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by `&&` and `||`."""

    pipelines: tuple[Pipeline, ...]
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A list of commands."""

    commands: tuple[AndOr, ...]
    error: ShellSyntaxError | None = None
    """What ends it behind those: a shell runs a script as far as it can read it."""


def program_names(script: Script) -> tuple[str, ...]:
    """The names of programs, builtins and functions that a script runs, once each, as far as written out."""
    names = (literal(node.words[0]) for node in walk(script) if isinstance(node, Simple) and node.words)
    return tuple(dict.fromkeys(name for name in names if name))


def defined_functions(script: Script) -> tuple[str, ...]:
    """The names of a script's own functions."""
    return tuple(node.name for node in walk(script) if isinstance(node, Function))


def walk(node: Any) -> Iterator[Any]:
    """Yield every node of a tree."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from walk(getattr(node, field.name))
