"""The part of SQL that a simulated server understands: enough to look at a lab, write into it and fence it.

SELECT of columns, COUNT(*), SUM, MAX, MIN, @@variables, NOW(), sums and SLEEP; INSERT, UPDATE, DELETE
with a WHERE of comparisons joined by AND; CREATE TABLE with AUTO_INCREMENT and DROP TABLE; SET GLOBAL and
PERSIST of what failover scripts set; the GTID functions; SHOW TABLES, SHOW VARIABLES LIKE, SHOW REPLICA
STATUS, START and STOP REPLICA, CHANGE REPLICATION SOURCE TO SOURCE_PORT. Anything else is answered with error
1235, which says so.
"""

from __future__ import annotations

from collections.abc import Callable

from hatlab.engine.simulator.mysql.create_table import fill_row, read_definition
from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.sql_parser import Parser, Rows, split_list, to_number
from hatlab.engine.simulator.mysql.storage import Change, Row, SqlError, Table, Value
from hatlab.engine.simulator.mysql.variables import is_known, list_variables, set_globals
from hatlab.engine.sql_table import format_rows

MAX_ROWS = 20
"""Rows of a result that are printed."""
_AGGREGATES: dict[str, Callable[[list[int]], int]] = {"count": len, "sum": sum, "max": max, "min": min}
ResultSet = tuple[tuple[str, ...], Rows]
"""A result's header and rows."""


class Result(str):
    """A printed result that still has its header and rows, and the seconds it slept."""

    result_set: ResultSet | None = None
    seconds: float = 0.0


def execute(server: DatabaseServer, statement: str, *, root: bool) -> Result:
    """Run one statement and return what the docker engine's `sql` prints: at most 20 rows as `format_rows`
    writes them, or how many rows changed.

    Raises:
        SqlError: the server's error, or 1235 for what the simulator does not know.
    """
    return _Statement(server, statement, root).run()


class _Statement(Parser):
    """One statement as it is run: each handler reads the rest of its own kind of statement."""

    def __init__(self, server: DatabaseServer, text: str, root: bool) -> None:
        super().__init__(server, text)
        self.root = root

    def run(self) -> Result:
        """Run it."""
        kind = self._next().lower() if self._tokens else ""
        handler = {
            "select": self._select,
            "insert": self._insert,
            "update": self._update,
            "delete": self._delete,
            "create": self._create,
            "drop": self._drop,
            "set": self._set,
            "show": self._show,
            "start": self._start_or_stop_replica,
            "stop": self._start_or_stop_replica,
            "change": self._change_source,
        }.get(kind)
        if handler is None:
            raise self._unsupported()
        return handler()

    def _select(self) -> Result:
        begin = self._position
        depth = 0
        while self._peek() and not (depth == 0 and self._peek().lower() in {"from", ";"}):
            depth += {"(": 1, ")": -1}.get(self._next(), 0)
        columns = split_list(self._tokens[begin : self._position])
        table: Table | None = None
        rows: Rows = [()]
        limit = MAX_ROWS
        if self._accept("from"):
            table = self._read_table()
            rows = self._matching_rows(table)
            if self._accept("order", "by"):
                index = self._column_index(table, self._read_identifier())
                descending = self._accept("desc")
                descending or self._accept("asc")
                rows.sort(key=lambda row: _sort_key(row[index]), reverse=descending)
            else:
                rows.sort(key=lambda row: _sort_key(row[0]))
            if self._accept("limit"):
                limit = min(limit, int(self._next()))
        self._expect_end()
        if table is not None and len(columns) == 1 and columns[0] == ["*"]:
            return _make_result(table.columns, rows[:limit])
        header = tuple(_column_name(words) for words in columns)
        if columns[0][:2] in (["SLEEP", "("], ["sleep", "("]) and len(columns) == 1:
            result = _make_result(header, [(0,)])
            result.seconds = self._sleep_seconds(columns[0][2:-1], table, rows)
            return result
        if any(_aggregate_name(words) for words in columns):
            assert table is not None
            return _make_result(header, [tuple(self._evaluate_over(words, table, rows) for words in columns)])
        results = [tuple(self._evaluate(words, table, row) for words in columns) for row in rows[:limit]]
        return _make_result(header, results)

    def _sleep_seconds(self, words: list[str], table: Table | None, rows: Rows) -> float:
        """Return what SLEEP was given: a value or an aggregate, or one divided by a number."""
        end = words.index("/") if "/" in words else len(words)
        divisor = to_number(self._evaluate(words[end + 1 :], None, ())) if end < len(words) else 1
        dividend = (
            self._evaluate_over(words[:end], table, rows) if table else self._evaluate(words[:end], None, ())
        )
        return max(0, to_number(dividend)) / divisor if divisor else 0.0

    def _evaluate(self, words: list[str], table: Table | None, row: Row) -> Value:
        inner = Parser(self.server, self.text, words)
        value = inner._read_expression(dict(zip(table.columns, row, strict=True)) if table else {})
        inner._expect_end()
        return value

    def _evaluate_over(self, words: list[str], table: Table, rows: Rows) -> Value:
        name = _aggregate_name(words)
        if not name:
            return self._evaluate(words, table, rows[0]) if rows else None
        if name == "count":
            return len(rows)
        index = self._column_index(table, words[2].strip("`"))
        values = [to_number(row[index]) for row in rows]
        return _AGGREGATES[name](values) if values else None

    def _column_index(self, table: Table, column: str) -> int:
        if column not in table.columns:
            raise SqlError(1054, f"Unknown column '{column}' in 'field list'")
        return table.columns.index(column)

    def _insert(self) -> Result:
        self._accept("into")
        table = self._read_table()
        columns = self._read_identifiers() if self._peek() == "(" else list(table.columns)
        indexes = [self._column_index(table, column) for column in columns]
        if not (self._accept("values") or self._accept("value")):
            raise self._syntax_error()
        changes: list[Change] = []
        self.server.refuse_if_read_only(self.root)
        while True:
            self._expect("(")
            given: dict[int, Value] = {}
            for number, index in enumerate(indexes):
                if number:
                    self._expect(",")
                given[index] = self._read_expression({})
            self._expect(")")
            row = fill_row(table.definition, given)
            if row[0] is None and changes:
                row = (to_number(changes[-1].key) + self.server.data.increment, *row[1:])
            changes.append(self.server.data.prepare_insert(table, row))
            if not self._accept(","):
                break
        self._expect_end()
        return self._commit(changes)

    def _update(self) -> Result:
        table = self._read_table()
        self._expect("set")
        begin = self._position
        self._read_assignments(table, (0,) * len(table.columns))
        rows = self._matching_rows(table)
        self._expect_end()
        self.server.refuse_if_read_only(self.root)
        changes = []
        for row in rows:
            self._position = begin
            after = self._read_assignments(table, row)
            if after != row:
                changes.append(Change(table.name, row[0], row, after))
        return self._commit(changes)

    def _read_assignments(self, table: Table, row: Row) -> Row:
        """Read the assignments behind SET, and return a row after them."""
        values = list(row)
        while True:
            index = self._column_index(table, self._read_identifier())
            self._expect("=")
            values[index] = self._read_expression(dict(zip(table.columns, values, strict=True)))
            if not self._accept(","):
                return tuple(values)

    def _delete(self) -> Result:
        self._expect("from")
        table = self._read_table()
        rows = self._matching_rows(table)
        self._expect_end()
        self.server.refuse_if_read_only(self.root)
        return self._commit([Change(table.name, row[0], row, None) for row in rows])

    def _create(self) -> Result:
        self._expect("table")
        self._accept("if", "not", "exists")
        name = self._read_table_name()
        if name in self.server.data.tables:
            raise SqlError(1050, f"Table '{name.rpartition('.')[2]}' already exists")
        self._expect("(")
        parts = split_list(self._tokens[self._position : -1 if self._tokens[-1] != ";" else -2])
        definition = read_definition(parts)
        self.server.refuse_if_read_only(self.root)
        self.server.data.commit((), (name, definition))
        self.server.notify_replicas()
        return Result("0 rows changed")

    def _drop(self) -> Result:
        self._expect("table")
        self._accept("if", "exists")
        table = self._read_table()
        self._expect_end()
        self.server.refuse_if_read_only(self.root)
        self.server.data.commit((), (table.name, None))
        self.server.notify_replicas()
        return Result("0 rows changed")

    def _commit(self, changes: list[Change]) -> Result:
        if changes:
            self.server.data.commit(tuple(changes))
            self.server.notify_replicas()
        return Result(f"{len(changes)} row{'s' * (len(changes) != 1)} changed")

    def _set(self) -> Result:
        """SET GLOBAL and PERSIST; a statement is a connection of its own, so that nothing else would last."""
        values: dict[str, str] = {}
        persists = False
        while True:
            persists = self._accept("persist") or persists
            scoped = persists or self._accept("global") or self._next_is_global()
            name = (self._next() if self._peek().startswith("@@") else self._read_identifier()).lower()
            name = name.removeprefix("@@").removeprefix("global.")
            if not is_known(name):
                raise self._unsupported()
            if not scoped and name in {"read_only", "super_read_only"}:
                told = f"Variable '{name}' is a GLOBAL variable and should be set with SET GLOBAL"
                raise SqlError(1229, told)
            if not scoped:
                raise self._unsupported()
            self._expect("=")
            values[name] = self._next().strip("'\"")
            if not self._accept(","):
                break
        self._expect_end()
        if not self.root:
            raise SqlError(1227, "Access denied; you need (at least one of) the SUPER privilege(s) for this")
        set_globals(self.server, values)
        if persists:
            self.server.data.persisted.update(values)
        return Result("0 rows changed")

    def _next_is_global(self) -> bool:
        return self._peek().lower().startswith("@@global.")

    def _show(self) -> Result:
        if self._accept("tables"):
            self._expect_end()
            names: Rows = [(name.removeprefix("lab."),) for name in sorted(self.server.data.tables)]
            return _make_result(("Tables_in_lab",), names)
        if self._accept("replica", "status"):
            self._expect_end()
            status = self.server.replica.status()
            return _make_result(tuple(status), [tuple(status.values())] if status else [])
        if self._accept("slave", "status"):
            self._position -= 2
            raise self._syntax_error()  # removed in MySQL 8.4
        self._accept("global") or self._accept("session")
        if self._accept("variables", "like"):
            pattern = self._next().strip("'\"")
            self._expect_end()
            return _make_result(("Variable_name", "Value"), list_variables(self.server, pattern))
        raise self._unsupported()

    def _start_or_stop_replica(self) -> Result:
        self._expect("replica")  # SLAVE was removed in MySQL 8.4
        self._expect_end()
        if self.server.source is None:
            raise SqlError(
                1200, "The server is not configured as replica; fix in config file or with CHANGE ..."
            )
        if self._tokens[0].lower() == "start":
            self.server.replica.start()
        else:
            self.server.replica.stop()
        return Result("0 rows changed")

    def _change_source(self) -> Result:
        """CHANGE REPLICATION SOURCE TO SOURCE_PORT = N."""
        if not self._accept("replication", "source", "to", "source_port", "="):
            raise self._unsupported()
        port = self._next()
        self._expect_end()
        if self.server.source is None or not port.isdecimal():
            raise self._unsupported()
        self.server.replica.change_port(int(port))
        return Result("0 rows changed")


def _column_name(words: list[str]) -> str:
    name = _aggregate_name(words)
    return "".join(words).upper() if name == "count" else "".join(words)


def _aggregate_name(words: list[str]) -> str:
    """Return the name of an aggregate function like COUNT(*); empty for anything else."""
    name = words[0].lower() if words else ""
    return name if name in _AGGREGATES and len(words) == 4 and words[1] == "(" else ""


def _sort_key(value: Value) -> tuple[bool, bool, int, str]:
    """Return what sorts NULLs first, then numbers, then texts."""
    text = isinstance(value, str)
    return value is not None, text, 0 if text else to_number(value), str(value)


def _make_result(header: tuple[str, ...], rows: Rows) -> Result:
    result = Result(format_rows(header, rows))
    result.result_set = header, rows
    return result
