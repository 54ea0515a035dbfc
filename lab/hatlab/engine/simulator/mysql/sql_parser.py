"""Reads the words of an SQL statement, and values in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING

from hatlab.engine.simulator.clock import date
from hatlab.engine.simulator.mysql.storage import Row, SqlError, Table, Value

if TYPE_CHECKING:
    from hatlab.engine.simulator.mysql.server import Mysqld

Rows = list[Row]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")|(?P<number>\d+)"
    r"|(?P<word>@@[\w.]+|[A-Za-z_][\w$]*|`[^`]+`)|(?P<sign><=|>=|<>|!=|[-+*/(),=<>.;])|(?P<bad>\S))"
)
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": eq, "<": lt, ">": gt, "<=": le, ">=": ge, "<>": ne, "!=": ne,
}  # fmt: skip


class Reader:
    """The words of one statement; `_at` is the next one."""

    def __init__(self, server: Mysqld, text: str, words: list[str] | None = None) -> None:
        self.server, self.text = server, text
        self._tokens = list(_tokens(text)) if words is None else words
        self._at = 0
        self._constants: dict[str, Value] = {}
        """Variables already looked up, and moments: a statement sees one value of each, in every row."""

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *words: str) -> bool:
        """Takes these words if they come next."""
        found = [t.lower() for t in self._tokens[self._at : self._at + len(words)]]
        if found == list(words):
            self._at += len(words)
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._near()

    def _end(self) -> None:
        self._take(";")
        if self._peek():
            raise self._near()

    def _near(self) -> SqlError:
        return SqlError(
            1064,
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
            f"version for the right syntax to use near '{' '.join(self._tokens[self._at :])}' at line 1",
        )

    def _unknown(self) -> SqlError:
        return SqlError(1235, f"the simulated server does not know: {self.text.strip()[:60]}")

    def _list(self) -> list[str]:
        """Words in parentheses, parted by commas."""
        self._need("(")
        words = [self._name()]
        while self._take(","):
            words.append(self._name())
        self._need(")")
        return words

    def _name(self) -> str:
        word = self._next()
        if not re.match(r"[A-Za-z_`]", word):
            self._at -= 1
            raise self._near()
        return word.strip("`")

    def _table(self) -> Table:
        name = self._table_name()
        table = self.server.data.tables.get(name)
        if table is None:
            raise SqlError(1146, f"Table '{name}' doesn't exist")
        return table

    def _table_name(self) -> str:
        name = self._name()
        return f"{name}.{self._name()}" if self._take(".") else f"lab.{name}"

    # -- values

    def _value(self, row: dict[str, Value]) -> Value:
        """A sum or difference of products."""
        value = self._product(row)
        while self._peek() in {"+", "-"}:
            sign, other = self._next(), number(self._product(row))
            value = number(value) + (other if sign == "+" else -other)
        return value

    def _product(self, row: dict[str, Value]) -> Value:
        value = self._term(row)
        while self._take("*"):
            value = number(value) * number(self._term(row))
        return value

    def _term(self, row: dict[str, Value]) -> Value:
        if self._take("-"):
            return -number(self._term(row))
        token = self._next()
        if token == "(":
            value = self._value(row)
            self._need(")")
            return value
        if token.isdigit():
            return int(token)
        if token[:1] in {"'", '"'}:
            return token[1:-1].replace(token[0] * 2, token[0])
        if token.startswith("@@"):
            if token not in self._constants:
                self._constants[token] = self._variable(token)
            return self._constants[token]
        if token.lower() == "null":
            return None
        if token.lower() == "now" and self._take("(", ")"):
            return self._moment()
        name = token.strip("`")
        if name in row:
            return row[name]
        if re.fullmatch(r"[A-Za-z_]\w*", name):
            raise SqlError(1054, f"Unknown column '{name}' in 'field list'")
        self._at -= 1
        raise self._near()

    def _moment(self) -> Value:
        """NOW() [- INTERVAL n SECOND], in whole seconds."""
        ago = 0
        if self._take("-", "interval"):
            ago = number(self._term({}))
            self._need("second")
        if (key := f"now - {ago}") not in self._constants:
            self._constants[key] = f"{date(self.server.node.now - ago):%Y-%m-%d %H:%M:%S}"
        return self._constants[key]

    def _variable(self, token: str) -> Value:
        name = token.lower().removeprefix("@@").removeprefix("global.")
        data = self.server.data
        known: dict[str, Value] = {
            "hostname": self.server.node.name,
            "server_id": self.server.node.world.layout.topology.nodes[self.server.node.name].octet,
            "server_uuid": data.uuid,
            "gtid_executed": data.gtid_executed,
            "read_only": int(self.server.read_only),
            "super_read_only": int(self.server.super_read_only),
            "auto_increment_increment": data.increment,
            "auto_increment_offset": data.offset,
            "version": "9.7.4",
        }
        if name not in known:
            raise SqlError(1193, f"Unknown system variable '{name}'")
        return known[name]

    def _where(self, table: Table) -> Rows:
        """The rows that the WHERE behind lets through; all without one."""
        rows = list(table.rows.values())
        if not self._take("where"):
            return rows
        begin = self._at
        found: Rows = []
        for row in rows:
            self._at = begin
            if self._holds(dict(zip(table.columns, row, strict=True))):
                found.append(row)
        if not rows:
            self._holds(dict.fromkeys(table.columns))
        return found

    def _holds(self, row: dict[str, Value]) -> bool:
        result = True
        while True:
            left = self._value(row)
            sign = self._next()
            if sign not in _COMPARE:
                self._at -= 1
                raise self._near()
            right = self._value(row)
            result = result and _compare(sign, left, right)
            if not self._take("and"):
                return result


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        if found["bad"]:
            raise SqlError(
                1064, f"You have an error in your SQL syntax near '{text[found.start('bad') :][:40]}'"
            )
        yield found.group().strip()


def split(tokens: list[str]) -> list[list[str]]:
    """Parts between commas that stand outside parentheses."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def number(value: Value) -> int:
    """A value in a calculation: a text counts as its leading digits, as in MySQL."""
    if isinstance(value, int):
        return value
    found = re.match(r"\s*-?\d+", value or "")
    return int(found.group()) if found else 0


def _compare(sign: str, left: Value, right: Value) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower(), right.lower()
        return _COMPARE[sign]((left > right) - (left < right), 0)
    return _COMPARE[sign](number(left), number(right))
