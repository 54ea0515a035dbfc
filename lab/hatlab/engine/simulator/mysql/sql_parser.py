"""Reads the words, values and conditions of an SQL statement, by recursive descent over its tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt, ne

from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.mysql.functions import FUNCTIONS, call_function
from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.storage import Row, SqlError, Table, Value
from hatlab.engine.simulator.mysql.variables import read_variables

Rows = list[Row]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")|(?P<number>\d+)"
    r"|(?P<word>@@[\w.]+|[A-Za-z_][\w$]*|`[^`]+`)|(?P<sign><=|>=|<>|!=|[-+*/(),=<>.;])|(?P<bad>\S))"
)
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": eq, "<": lt, ">": gt, "<=": le, ">=": ge, "<>": ne, "!=": ne,
}  # fmt: skip


class Parser:
    """The tokens of one statement, and how far they were read."""

    def __init__(self, server: DatabaseServer, text: str, words: list[str] | None = None) -> None:
        self.server, self.text = server, text
        self._tokens = list(_tokenize(text)) if words is None else words
        self._position = 0
        self._constants: dict[str, Value] = {}
        """Variables already looked up, and times: a statement sees one value of each, in every row."""

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._position += 1
        return token

    def _accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        tokens = self._tokens[self._position : self._position + len(words)]
        if [token.lower() for token in tokens] == list(words):
            self._position += len(words)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._syntax_error()

    def _expect_end(self) -> None:
        self._accept(";")
        if self._peek():
            raise self._syntax_error()

    def _syntax_error(self) -> SqlError:
        rest = " ".join(self._tokens[self._position :])
        return SqlError(
            1064,
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
            f"version for the right syntax to use near '{rest}' at line 1",
        )

    def _unsupported(self) -> SqlError:
        return SqlError(1235, f"the simulated server does not know: {self.text.strip()[:60]}")

    def _read_identifiers(self) -> list[str]:
        """Read words in parentheses, parted by commas."""
        self._expect("(")
        words = [self._read_identifier()]
        while self._accept(","):
            words.append(self._read_identifier())
        self._expect(")")
        return words

    def _read_identifier(self) -> str:
        word = self._next()
        if not re.match(r"[A-Za-z_`]", word):
            self._position -= 1
            raise self._syntax_error()
        return word.strip("`")

    def _read_table(self) -> Table:
        name = self._read_table_name()
        table = self.server.data.tables.get(name)
        if table is None:
            raise SqlError(1146, f"Table '{name}' doesn't exist")
        return table

    def _read_table_name(self) -> str:
        name = self._read_identifier()
        return f"{name}.{self._read_identifier()}" if self._accept(".") else f"lab.{name}"

    # -- values

    def _read_expression(self, row: dict[str, Value]) -> Value:
        """Read a sum or difference of products, and return its value for a row."""
        value = self._read_product(row)
        while self._peek() in {"+", "-"}:
            operator, operand = self._next(), to_number(self._read_product(row))
            value = to_number(value) + (operand if operator == "+" else -operand)
        return value

    def _read_product(self, row: dict[str, Value]) -> Value:
        value = self._read_term(row)
        while self._accept("*"):
            value = to_number(value) * to_number(self._read_term(row))
        return value

    def _read_term(self, row: dict[str, Value]) -> Value:
        if self._accept("-"):
            return -to_number(self._read_term(row))
        token = self._next()
        if token == "(":
            value = self._read_expression(row)
            self._expect(")")
            return value
        if token.isdigit():
            return int(token)
        if token[:1] in {"'", '"'}:
            return token[1:-1].replace(token[0] * 2, token[0])
        if token.startswith("@@"):
            if token not in self._constants:
                self._constants[token] = self._read_variable(token)
            return self._constants[token]
        if token.lower() == "null":
            return None
        if token.lower() == "now" and self._accept("(", ")"):
            return self._read_timestamp()
        if token.lower() in FUNCTIONS and self._accept("("):
            return call_function(self.server, token.lower(), self._read_arguments())
        name = token.strip("`")
        if name in row:
            return row[name]
        if re.fullmatch(r"[A-Za-z_]\w*", name):
            raise SqlError(1054, f"Unknown column '{name}' in 'field list'")
        self._position -= 1
        raise self._syntax_error()

    def _read_arguments(self) -> list[Value]:
        """Read values up to the closing parenthesis."""
        arguments: list[Value] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._read_expression({}))
        return arguments

    def _read_timestamp(self) -> Value:
        """Read NOW() [- INTERVAL n SECOND], in whole seconds."""
        ago = 0
        if self._accept("-", "interval"):
            ago = to_number(self._read_term({}))
            self._expect("second")
        if (key := f"now - {ago}") not in self._constants:
            self._constants[key] = f"{date_at(self.server.node.now - ago):%Y-%m-%d %H:%M:%S}"
        return self._constants[key]

    def _read_variable(self, token: str) -> Value:
        name = token.lower().removeprefix("@@").removeprefix("global.").removeprefix("session.")
        variables = read_variables(self.server)
        if name not in variables:
            raise SqlError(1193, f"Unknown system variable '{name}'")
        return variables[name]

    def _matching_rows(self, table: Table) -> Rows:
        """Return the rows that the WHERE clause lets through; all if there is none."""
        rows = list(table.rows.values())
        if not self._accept("where"):
            return rows
        begin = self._position
        matching: Rows = []
        for row in rows:
            self._position = begin
            if self._condition_holds(dict(zip(table.columns, row, strict=True))):
                matching.append(row)
        if not rows:
            self._condition_holds(dict.fromkeys(table.columns))
        return matching

    def _condition_holds(self, row: dict[str, Value]) -> bool:
        result = True
        while True:
            left = self._read_expression(row)
            operator = self._next()
            if operator not in _COMPARE:
                self._position -= 1
                raise self._syntax_error()
            right = self._read_expression(row)
            result = result and _compare(operator, left, right)
            if not self._accept("and"):
                return result


def _tokenize(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if match["bad"]:
            raise SqlError(
                1064, f"You have an error in your SQL syntax near '{text[match.start('bad') :][:40]}'"
            )
        yield match.group().strip()


def split_list(tokens: list[str]) -> list[list[str]]:
    """Return the parts between commas that stand outside parentheses."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def to_number(value: Value) -> int:
    """Return a value in a calculation: a text counts as its leading digits, as in MySQL."""
    if isinstance(value, int):
        return value
    digits = re.match(r"\s*-?\d+", value or "")
    return int(digits.group()) if digits else 0


def _compare(operator: str, left: Value, right: Value) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower(), right.lower()
        return _COMPARE[operator]((left > right) - (left < right), 0)
    return _COMPARE[operator](to_number(left), to_number(right))
