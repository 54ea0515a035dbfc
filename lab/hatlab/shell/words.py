"""How the text of a script falls into words: quotes, `$x`, `${x:-y}`, `$(…)`, `$((…))`, here-documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from hatlab.shell.syntax import (
    Arithmetic,
    CommandOutput,
    Dialect,
    Parameter,
    Part,
    Script,
    ShellSyntaxError,
    Text,
    Word,
)

MAX_DEPTH = 40
"""How deep brackets may be nested."""
_METACHARACTERS = " \t\n;&|<>()"
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9?$!#@*-]")
_BRACED_NAME = re.compile(r"[A-Za-z_]\w*|\d+|[?$!#@*-]")
_OPERATOR = re.compile(r":[-=?+]|##|%%|//|\^\^|,,|[-=?+#%/:^,]")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "e": "\x1b",
    "0": "\0",
}


class WordReader:
    """Reads words from a text at a position that moves.

    Args:
        parse_nested: parses a list of commands up to a closing bracket; a whole text if it is given one.
    """

    def __init__(self, text: str, dialect: Dialect, depth: int = 0, first_line: int = 1) -> None:
        self.text, self.dialect, self.at = text, dialect, 0
        self.depth = depth
        self._first_line = first_line
        self.parse_nested: Callable[[str | None], Script]
        """Parses what stands in `$(…)`, or a text of its own (backticks)."""

    @property
    def line(self) -> int:
        """The line that it is on."""
        return self._first_line + self.text.count("\n", 0, self.at)

    def unclosed(self, what: str) -> ShellSyntaxError:
        return ShellSyntaxError("", self.line, what)

    def enter(self) -> None:
        """Count a bracket that opens.

        Raises:
            ShellSyntaxError: they are nested too deep.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ShellSyntaxError("(", self.line)

    def read_word(self) -> Word:
        """Read a word; empty if there is none here."""
        return self.read_until(_METACHARACTERS)

    def read_until(self, stops: str, quoted: bool = False) -> Word:
        """Read parts up to one of these characters outside quotes, or to the end."""
        parts: list[Part] = []
        text = self.text
        while self.at < len(text) and text[self.at] not in stops:
            letter = text[self.at]
            if letter == "\\":
                self._read_backslash(parts, quoted)
            elif letter == "'" and not quoted:
                parts.append(Text(self._read_single_quotes(), True))
            elif letter == '"':
                parts += self._read_double_quotes()
            elif letter == "$":
                self._read_dollar(parts, quoted)
            elif letter == "`":
                parts.append(CommandOutput(self._read_backticks(), quoted))
            else:
                parts.append(Text(letter, quoted))
                self.at += 1
        return _merged(parts)

    def _read_backslash(self, parts: list[Part], quoted: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            pass
        elif quoted and following not in {"$", "`", '"', "\\", "}"}:
            parts.append(Text("\\" + following, True))
        else:
            parts.append(Text(following or "\\", True))
        self.at += 2

    def _read_single_quotes(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.unclosed("'")
        value, self.at = self.text[self.at + 1 : end], end + 1
        return value

    def _read_double_quotes(self) -> Word:
        self.at += 1
        parts = self.read_until('"', quoted=True)
        if self.at >= len(self.text):
            raise self.unclosed('"')
        self.at += 1
        return parts or (Text("", True),)

    def _read_backticks(self) -> Script:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.unclosed("`")
        body = re.sub(r"\\([`\\$])", r"\1", self.text[self.at + 1 : end])
        self.at = end + 1
        return self.parse_nested(body)

    def _read_dollar(self, parts: list[Part], quoted: bool) -> None:
        text = self.text
        if text.startswith("$((", self.at):
            expression = self.read_arithmetic(3)
            if expression is not None:
                parts.append(Arithmetic(expression, quoted))
                return
        if text.startswith("$(", self.at):
            self.at += 2
            self.enter()
            script = self.parse_nested(None)
            self.depth -= 1
            if text[self.at : self.at + 1] != ")":
                raise self.unclosed(")")
            self.at += 1
            parts.append(CommandOutput(script, quoted))
        elif text.startswith("${", self.at):
            parts.append(self._read_braces(quoted))
        elif text.startswith("$'", self.at) and self.dialect == "bash" and not quoted:
            end = re.compile(r"(?:[^'\\]|\\.)*'", re.DOTALL).match(text, self.at + 2)
            if end is None:
                raise self.unclosed("'")
            value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), end[0][:-1])
            parts.append(Text(value, True))
            self.at = end.end()
        elif name := _NAME.match(text, self.at + 1):
            parts.append(Parameter(name[0], quoted=quoted))
            self.at = name.end()
        else:
            parts.append(Text("$", quoted))
            self.at += 1

    def read_arithmetic(self, skip: int) -> Word | None:
        """Read an expression up to its `))`, the opening one skipped; None if it is no expression."""
        depth, end = 0, self.at + skip
        while end < len(self.text):
            letter = self.text[end]
            if letter == ")" and not depth:
                break
            depth += {"(": 1, ")": -1}.get(letter, 0)
            end += 1
        if not self.text.startswith("))", end):
            return None
        inner = WordReader(self.text[self.at + skip : end], self.dialect, self.depth + 1, self.line)
        if inner.depth > MAX_DEPTH:
            raise ShellSyntaxError("(", self.line)
        inner.parse_nested = self.parse_nested
        expression = _read_nested_parts(inner, self)
        self.at = end + 2
        return expression

    def _read_braces(self, quoted: bool) -> Parameter:
        """Read `${…}`."""
        self.at += 2
        self.enter()
        operator = ""
        following = self.text[self.at + 1 : self.at + 2]
        if self.text[self.at : self.at + 1] == "#" and following not in {
            "}",
            ":",
            "-",
            "=",
            "?",
            "+",
            "#",
            "%",
        }:
            operator = "length"
            self.at += 1
        elif self.text[self.at : self.at + 1] == "!" and following not in {"}", ":", "-"}:
            operator = "indirect"
            self.at += 1
        name = _BRACED_NAME.match(self.text, self.at)
        if name is None:
            raise ShellSyntaxError("${", self.line)
        self.at = name.end()
        index: Word | None = None
        if self.text[self.at : self.at + 1] == "[":
            self.at += 1
            index = self.read_until("]}")
            self.at += self.text[self.at : self.at + 1] == "]"
        argument: Word = ()
        replacement: Word = ()
        if not operator and (match := _OPERATOR.match(self.text, self.at)):
            operator, self.at = match[0], match.end()
            argument = self.read_until("/}" if operator in {"/", "//"} else "}", quoted)
            if operator in {"/", "//"} and self.text[self.at : self.at + 1] == "/":
                self.at += 1
                replacement = self.read_until("}", quoted)
        if self.text[self.at : self.at + 1] != "}":
            raise self.unclosed("}")
        self.at += 1
        self.depth -= 1
        return Parameter(name[0], operator, argument, replacement, index, quoted)

    def read_here_document(self, body: str, literal_text: bool) -> Word:
        """Return a here-document's text as a word."""
        if literal_text:
            return (Text(body, True),)
        inner = WordReader(body, self.dialect, self.depth + 1, self.line)
        return _read_nested_parts(inner, self, escapes=True)


def _read_nested_parts(inner: WordReader, outer: WordReader, escapes: bool = False) -> Word:
    """Read a whole text as between double quotes, though a `"` in it means nothing."""
    parts: list[Part] = []

    def parse_nested(text: str | None) -> Script:
        if text is not None:
            return outer.parse_nested(text)
        rest, mark = inner.text[inner.at :], len(inner.text)
        end = _matching_bracket(rest)
        inner.at = inner.at + end if end >= 0 else mark
        return outer.parse_nested(rest[:end] if end >= 0 else rest)

    inner.parse_nested = parse_nested
    while inner.at < len(inner.text):
        letter = inner.text[inner.at]
        if letter == '"':
            parts.append(Text('"' if escapes else "", True))
            inner.at += 1
        else:
            parts += inner.read_until('"', quoted=True)
    return _merged(parts)


def _matching_bracket(text: str) -> int:
    """Return where the `)` stands that closes an open one, -1 if nowhere."""
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return position
    return -1


def _merged(parts: list[Part]) -> Word:
    """Join letters that are quoted alike."""
    merged: list[Part] = []
    pending: list[str] = []
    quoted = False
    for part in parts:
        if isinstance(part, Text) and (not pending or part.quoted == quoted):
            pending.append(part.value)
            quoted = part.quoted
            continue
        if pending:
            merged.append(Text("".join(pending), quoted))
            pending = []
        if isinstance(part, Text):
            pending, quoted = [part.value], part.quoted
        else:
            merged.append(part)
    if pending:
        merged.append(Text("".join(pending), quoted))
    return tuple(merged)
