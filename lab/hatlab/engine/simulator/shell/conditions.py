"""`test`, `[` and `[[`: what they ask, and their complaints."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hatlab.engine.simulator.disk import Disk
from hatlab.engine.simulator.programs.filters import compile_pattern, translate_pattern
from hatlab.engine.simulator.shell.expansion import ExpansionFault
from hatlab.engine.simulator.shell.patterns import matches

_FILE_TESTS = frozenset("efdrwxsLhbcpSkguOGN")
_NUMBERS = {
    "-eq": int.__eq__, "-ne": int.__ne__, "-lt": int.__lt__, "-le": int.__le__, "-gt": int.__gt__,
    "-ge": int.__ge__,
}  # fmt: skip
Field = tuple[tuple[str, bool], ...]
"""A word's pieces, each with whether it was quoted."""


class TestFault(Exception):
    """A test that cannot be made (exit status 2); its arguments are the message and the word it is about."""


def run_test(words: Sequence[str], disk: Disk, dialect: str) -> bool:
    """Return what `test` says of its arguments.

    Raises:
        TestFault: they make no test.
    """
    parser = _Test(list(words), disk, dialect)
    return parser.run()


def test_outcome(words: Sequence[str], disk: Disk, dialect: str) -> bool | tuple[str, str]:
    """`run_test`, with the message and the word of a fault in its place."""
    try:
        return run_test(words, disk, dialect)
    except TestFault as fault:
        return fault.args[0], fault.args[1]


def condition_outcome(
    fields: Sequence[Field], disk: Disk, compute: Callable[[str], int]
) -> bool | tuple[str, str]:
    """`run_condition`, with the message and the word of a fault in its place."""
    try:
        return run_condition(fields, disk, compute)
    except (TestFault, ExpansionFault) as fault:
        return fault.args[0], ""


def is_true_of_file(letter: str, path: str, disk: Disk) -> bool:
    """Return what `-e`, `-f` and so on say of a path."""
    entry = disk.find(path) if path else None
    if entry is None:
        return False
    match letter:
        case "f":
            return entry.kind in {"file", "program"}
        case "d":
            return entry.kind == "folder"
        case "x":
            return bool(entry.mode & 0o111)
        case "s":
            return bool(disk.read(path)) or entry.kind == "program"
        case "c":
            return entry.kind == "device"
        case "L" | "h":
            return Disk.resolve(path) != path.rstrip("/")
        case "e" | "r" | "w" | "O" | "G":
            return True
    return False


class _Test:
    """POSIX decides by the number of arguments; more than four are read as an expression."""

    def __init__(self, words: list[str], disk: Disk, dialect: str) -> None:
        self.words, self.disk, self.dialect = words, disk, dialect

    def run(self) -> bool:
        value, rest = self._or(self.words)
        if rest:
            if self.dialect == "dash":
                raise TestFault("unexpected operator", self.words[0])
            if len(self.words) == 2:
                raise TestFault("unary operator expected", self.words[0])
            if len(self.words) == 3:
                raise TestFault("binary operator expected", self.words[1])
            raise TestFault("too many arguments", "")
        return value

    def _or(self, words: list[str]) -> tuple[bool, list[str]]:
        value, words = self._and(words)
        while words and words[0] == "-o" and len(words) > 1:
            other, words = self._and(words[1:])
            value = value or other
        return value, words

    def _and(self, words: list[str]) -> tuple[bool, list[str]]:
        value, words = self._one(words)
        while words and words[0] == "-a" and len(words) > 1:
            other, words = self._one(words[1:])
            value = value and other
        return value, words

    def _one(self, words: list[str]) -> tuple[bool, list[str]]:
        if not words:
            return False, []
        if len(words) >= 3 and self._is_binary(words[1]):
            return self._compare(words[0], words[1], words[2]), words[3:]
        if words[0] == "!" and len(words) > 1:
            value, rest = self._one(words[1:])
            return not value, rest
        if words[0] == "(" and ")" in words:
            value, rest = self._or(words[1:])
            return value, rest[1:] if rest[:1] == [")"] else rest
        if len(words) >= 2 and re.fullmatch(r"-[a-zA-Z]", words[0]) and words[0] not in {"-a", "-o"}:
            letter, operand = words[0][1], words[1]
            if letter == "z":
                return not operand, words[2:]
            if letter == "n":
                return bool(operand), words[2:]
            if letter in _FILE_TESTS:
                return is_true_of_file(letter, operand, self.disk), words[2:]
            if letter == "t":
                return False, words[2:]
            if letter == "v":
                return True, words[2:]
        if len(words) >= 2 and (
            words[0] in _NUMBERS or (len(words) == 2 and words[1] not in {"-a", "-o", ")"})
        ):
            message = "unexpected operator" if self.dialect == "dash" else "unary operator expected"
            raise TestFault(message, words[0])
        return bool(words[0]), words[1:]

    def _is_binary(self, word: str) -> bool:
        if word == "==" and self.dialect == "dash":
            return False
        return word in _NUMBERS or word in {"=", "==", "!=", "<", ">", "-nt", "-ot", "-ef"}

    def _compare(self, one: str, operator: str, other: str) -> bool:
        if operator in _NUMBERS:
            return _NUMBERS[operator](self._number(one), self._number(other))
        match operator:
            case "=" | "==":
                return one == other
            case "!=":
                return one != other
            case "<":
                return one < other
            case ">":
                return one > other
        return False

    def _number(self, text: str) -> int:
        if not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", text):
            raise TestFault("Illegal number: " + text if self.dialect == "dash" else "integer expected", text)
        return int(text)


def run_condition(fields: Sequence[Field], disk: Disk, compute: Callable[[str], int]) -> bool:
    """Return what `[[ … ]]` says of its words.

    Raises:
        TestFault: they make no condition.
    """
    return _Condition(list(fields), disk, compute).run()


class _Condition:
    def __init__(self, fields: list[Field], disk: Disk, compute: Callable[[str], int]) -> None:
        self.fields, self.disk, self.compute = fields, disk, compute
        self.at = 0

    def run(self) -> bool:
        value = self._or()
        if self.at < len(self.fields):
            raise TestFault("syntax error in conditional expression", "")
        return value

    def _peek(self, offset: int = 0) -> str | None:
        """Return a word that may be an operator: one that was not quoted."""
        at = self.at + offset
        if at >= len(self.fields) or any(quoted for _, quoted in self.fields[at]):
            return None
        return _plain(self.fields[at])

    def _or(self) -> bool:
        value = self._and()
        while self._peek() == "||":
            self.at += 1
            other = self._and()
            value = value or other
        return value

    def _and(self) -> bool:
        value = self._one()
        while self._peek() == "&&":
            self.at += 1
            other = self._one()
            value = value and other
        return value

    def _one(self) -> bool:
        word = self._peek()
        if word == "!":
            self.at += 1
            return not self._one()
        if word == "(":
            self.at += 1
            value = self._or()
            self.at += 1
            return value
        if self.at >= len(self.fields):
            raise TestFault("syntax error in conditional expression", "")
        one = self.fields[self.at]
        operator = self._peek(1)
        if operator in _NUMBERS or operator in {"=", "==", "!=", "<", ">", "=~"}:
            if self.at + 2 >= len(self.fields):
                raise TestFault("syntax error in conditional expression", "")
            other = self.fields[self.at + 2]
            self.at += 3
            return self._compare(_plain(one), operator, other)
        if word and re.fullmatch(r"-[a-zA-Z]", word) and self.at + 1 < len(self.fields):
            operand = _plain(self.fields[self.at + 1])
            self.at += 2
            if word[1] in "zn":
                return bool(operand) == (word[1] == "n")
            return is_true_of_file(word[1], operand, self.disk)
        self.at += 1
        return bool(_plain(one))

    def _compare(self, one: str, operator: str, other: Field) -> bool:
        if operator in _NUMBERS:
            return _NUMBERS[operator](self.compute(one), self.compute(_plain(other)))
        if operator == "=~":
            regex = "".join(re.escape(text) if quoted else text for text, quoted in other)
            try:
                return compile_pattern(translate_pattern(regex, extended=True)).search(one) is not None
            except re.error:
                raise TestFault("invalid regular expression", "") from None
        if operator in {"<", ">"}:
            return one < _plain(other) if operator == "<" else one > _plain(other)
        return matches(other, one) == (operator != "!=")


def _plain(field: Field) -> str:
    return "".join(text for text, _ in field)
