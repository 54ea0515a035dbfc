"""A light reading of a shell script: its commands, and how they are nested.

It never refuses a text. What it does not understand becomes a command like any other, so that a rule which
finds nothing there says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_CHARACTERS = 65_536
_MOST_DEPTH = 40
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\\\n)
    |(?P<comment>(?<![^\s;|&()])\#[^\n]*)
    |(?P<heredoc><<-?[ \t]*(?P<mark>['"]?\w+['"]?)(?P<rest>[^\n]*)\n)
    |(?P<redirection>(?:\d|&)?(?:<<<|>>|>\||<>|[<>]&?)[ \t]*)
    |(?P<operator>&&|\|\||;;&?|;&|\|&|[;&|()\n])
    |(?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|`[^`]*`
        |\$\{[^}]*\}|[^\s;&|()<>'"`\\]|[$'"`\\{])+)""",
    re.X | re.S,
)


@dataclass(frozen=True, slots=True)
class Simple:
    """One program with its arguments, quotes kept."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """The program without its folder; assignments before it left out, empty if there is no more."""
        word = next((w for w in self.words if not re.match(r"[A-Za-z_]\w*\+?=", w)), "")
        return word.strip("\"'").rpartition("/")[2]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What stands behind the program."""
        at = next((k for k, w in enumerate(self.words) if not re.match(r"[A-Za-z_]\w*\+?=", w)), 0)
        return self.words[at + 1 :]

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Block:
    """An `if`, a loop, a `case`, a function or a group."""

    kind: str
    """`if`, `for`, `while`, `until`, `case`, `function`, `group`."""
    branches: tuple[Script, ...] = ()
    """What may run; of a loop its body."""
    conditions: tuple[Script, ...] = ()
    """What is tested."""
    complete: bool = False
    """True if one of the branches runs in any case (`else`, a group)."""
    name: str = ""
    """A function's."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Simple | Block, ...]
    joined: str = ""
    """What stands before it: `&&`, `||` or nothing."""
    negated: bool = False
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Pipelines one after the other."""

    pipelines: tuple[Pipeline, ...] = ()

    def walk(self) -> Iterator[Pipeline]:
        """Each pipeline, those inside blocks too."""
        for pipeline in self.pipelines:
            yield pipeline
            for command in pipeline.commands:
                if isinstance(command, Block):
                    for inner in (*command.conditions, *command.branches):
                        yield from inner.walk()

    def commands(self) -> Iterator[Simple]:
        """Each program that is named, wherever it stands, those in `$( )` and backticks too."""
        for pipeline in self.walk():
            for command in pipeline.commands:
                if isinstance(command, Simple):
                    yield command
                    for word in command.words:
                        for inner in substitutions(word):
                            yield from read_shell(inner).commands()


def read_shell(text: str) -> Script:
    """Read a script, or a line of one. Never raises."""
    return _Reader(_tokens(text[:_MOST_CHARACTERS])).script(0)


def substitutions(word: str) -> Iterator[str]:
    """The commands in `$( )` and backticks of a word."""
    if word.startswith("'"):
        return
    for found in re.finditer(r"\$\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)|`([^`]*)`", word):
        yield found[1] or found[2] or ""


def _tokens(text: str) -> list[str]:
    """Words and operators; redirections, comments and here-documents are left out."""
    tokens: list[str] = []
    at, skip_word = 0, False
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            at += 1
            continue
        at = found.end()
        kind = found.lastgroup if found.lastgroup not in {"mark", "rest"} else "heredoc"
        if kind == "heredoc" and found["mark"]:
            tokens += [*_tokens(found["rest"]), "\n"]
            end = re.compile(rf"^\t*{re.escape(found['mark'].strip(chr(34) + chr(39)))}[ \t]*$", re.M)
            closing = end.search(text, at)
            at = closing.end() if closing else len(text)
        elif kind == "redirection":
            skip_word = True
        elif kind == "operator":
            tokens.append(found[0])
            skip_word = False
        elif kind == "word":
            if not skip_word:
                tokens.append(found[0])
            skip_word = False
    return tokens


@dataclass
class _Reader:
    """Reads tokens from the front."""

    tokens: list[str]
    at: int = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def script(self, depth: int, *ends: str) -> Script:
        """Pipelines up to one of these words (which is not taken) or the end."""
        pipelines: list[Pipeline] = []
        joined = ""
        while self.at < len(self.tokens) and self.peek() not in ends:
            if self.peek() in {";", "\n", "&", ";;"}:
                self.at += 1
                continue
            before = self.at
            pipeline = self._pipeline(depth, joined)
            pipelines.append(pipeline)
            joined = self.take() if self.peek() in {"&&", "||"} else ""
            while joined and self.peek() == "\n":
                self.at += 1
            if self.at == before:
                self.at += 1
        return Script(tuple(pipelines))

    def _pipeline(self, depth: int, joined: str) -> Pipeline:
        negated = False
        while self.peek() == "!":
            negated = not negated
            self.at += 1
        commands = [self._command(depth)]
        while self.peek() in {"|", "|&"}:
            self.at += 1
            while self.peek() == "\n":
                self.at += 1
            commands.append(self._command(depth))
        background = self.peek() == "&"
        return Pipeline(tuple(commands), joined, negated, background)

    def _command(self, depth: int) -> Simple | Block:
        word = self.peek()
        if depth < _MOST_DEPTH:
            if word == "if":
                return self._if(depth + 1)
            if word in {"for", "while", "until", "select"}:
                return self._loop(depth + 1)
            if word == "case":
                return self._case(depth + 1)
            if word in {"{", "("}:
                self.at += 1
                closing = "}" if word == "{" else ")"
                body = self.script(depth + 1, closing)
                self.at += 1
                return Block("group", (body,), complete=True)
            if word == "function" or self.tokens[self.at + 1 : self.at + 3] == ["(", ")"]:
                return self._function(depth + 1)
        words: list[str] = []
        while self.at < len(self.tokens) and self.peek() not in {
            ";",
            "\n",
            "&&",
            "||",
            "|",
            "|&",
            "&",
            ";;",
            ")",
        }:
            words.append(self.take())
        if not words:
            self.at += self.peek() in {")", ";;"}
        return Simple(tuple(words))

    def _if(self, depth: int) -> Block:
        conditions, branches, complete = [], [], False
        while self.peek() in {"if", "elif"}:
            self.at += 1
            conditions.append(self.script(depth, "then", "fi"))
            self.at += self.peek() == "then"
            branches.append(self.script(depth, "elif", "else", "fi"))
        if self.peek() == "else":
            self.at += 1
            complete = True
            branches.append(self.script(depth, "fi"))
        self.at += 1
        return Block("if", tuple(branches), tuple(conditions), complete)

    def _loop(self, depth: int) -> Block:
        kind = self.take()
        head = self.script(depth, "do", "done")
        self.at += self.peek() == "do"
        body = self.script(depth, "done")
        self.at += 1
        return Block(kind, (body,), (head,) if kind in {"while", "until"} else ())

    def _case(self, depth: int) -> Block:
        branches: list[Script] = []
        complete = False
        while self.at < len(self.tokens) and self.peek() not in {"in", "esac"}:
            self.at += 1
        self.at += self.peek() == "in"
        while self.at < len(self.tokens) and self.peek() != "esac":
            if self.peek() in {"\n", ";;", ";;&", ";&", "("}:
                self.at += 1
                continue
            while self.at < len(self.tokens) and self.peek() not in {")", "esac"}:
                complete |= self.take() == "*"
            self.at += self.peek() == ")"
            branches.append(self.script(depth, ";;", ";;&", ";&", "esac"))
        self.at += 1
        return Block("case", tuple(branches), (), complete)

    def _function(self, depth: int) -> Block:
        self.at += self.peek() == "function"
        name = self.take()
        while self.peek() in {"(", ")", "\n"}:
            self.at += 1
        body = self._command(depth)
        return Block("function", (Script((Pipeline((body,)),)),), name=name)
