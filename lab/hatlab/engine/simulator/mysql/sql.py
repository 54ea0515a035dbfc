"""The part of SQL that a simulated server understands: enough to look at a lab, write into it and fence it.

SELECT of columns, COUNT(*), SUM, MAX, MIN, @@variables, NOW(), sums and SLEEP; INSERT, UPDATE, DELETE
with a WHERE of comparisons joined by AND; CREATE TABLE and DROP TABLE; SET GLOBAL [super_]read_only; SHOW
TABLES, SHOW REPLICA STATUS, START and STOP REPLICA. Anything else is answered with error 1235, which says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.engine.simulator.mysql.sql_parser import Reader, Rows, number, split
from hatlab.engine.simulator.mysql.storage import Change, Row, SqlError, Table, Value
from hatlab.engine.sql_table import format_rows

if TYPE_CHECKING:
    from hatlab.engine.simulator.mysql.server import Mysqld

MOST_ROWS = 20
Printed = tuple[tuple[str, ...], Rows]
"""A result's header and rows."""


class Result(str):
    """A printed result that still has its header and rows, and the seconds it slept."""

    printed: Printed | None = None
    seconds: float = 0.0


def execute(server: Mysqld, statement: str, *, root: bool) -> Result:
    """Runs one statement and returns what the docker engine's `sql` prints: at most 20 rows as `printed`
    writes them, or how many rows changed.

    Raises:
        SqlError: the server's error, or 1235 for what the simulator does not know.
    """
    return _Statement(server, statement, root).run()


class _Statement(Reader):
    """One statement on its way through."""

    def __init__(self, server: Mysqld, text: str, root: bool) -> None:
        super().__init__(server, text)
        self.root = root

    def run(self) -> Result:
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
            "start": self._replica,
            "stop": self._replica,
        }.get(kind)
        if handler is None:
            raise self._unknown()
        return handler()

    def _select(self) -> Result:
        begin = self._at
        depth = 0
        while self._peek() and not (depth == 0 and self._peek().lower() in {"from", ";"}):
            depth += {"(": 1, ")": -1}.get(self._next(), 0)
        texts = split(self._tokens[begin : self._at])
        table: Table | None = None
        rows: Rows = [()]
        limit = MOST_ROWS
        if self._take("from"):
            table = self._table()
            rows = self._where(table)
            if self._take("order", "by"):
                column = self._name()
                down = self._take("desc")
                down or self._take("asc")
                place = self._place(table, column)
                rows.sort(key=lambda row: _rank(row[place]), reverse=down)
            else:
                rows.sort(key=lambda row: _rank(row[0]))
            if self._take("limit"):
                limit = min(limit, int(self._next()))
        self._end()
        if table is not None and len(texts) == 1 and texts[0] == ["*"]:
            return _print(table.columns, rows[:limit])
        header = tuple(_heading(words) for words in texts)
        if texts[0][:2] in (["SLEEP", "("], ["sleep", "("]) and len(texts) == 1:
            slept = _print(header, [(0,)])
            slept.seconds = self._seconds(texts[0][2:-1], table, rows)
            return slept
        if any(_aggregate(words) for words in texts):
            assert table is not None
            return _print(header, [tuple(self._fold(words, table, rows) for words in texts)])
        out = [tuple(self._one(words, table, row) for words in texts) for row in rows[:limit]]
        return _print(header, out)

    def _seconds(self, words: list[str], table: Table | None, rows: Rows) -> float:
        """What SLEEP is given: a value or an aggregate, or one divided by a number."""
        end = words.index("/") if "/" in words else len(words)
        over = number(self._one(words[end + 1 :], None, ())) if end < len(words) else 1
        top = self._fold(words[:end], table, rows) if table else self._one(words[:end], None, ())
        return max(0, number(top)) / over if over else 0.0

    def _one(self, words: list[str], table: Table | None, row: Row) -> Value:
        inner = Reader(self.server, self.text, words)
        value = inner._value(dict(zip(table.columns, row, strict=True)) if table else {})
        inner._end()
        return value

    def _fold(self, words: list[str], table: Table, rows: Rows) -> Value:
        name = _aggregate(words)
        if not name:
            return self._one(words, table, rows[0]) if rows else None
        if name == "count":
            return len(rows)
        place = self._place(table, words[2].strip("`"))
        values = [number(row[place]) for row in rows]
        if not values:
            return None
        match name:
            case "sum":
                return sum(values)
            case "max":
                return max(values)
            case _:
                return min(values)

    def _place(self, table: Table, column: str) -> int:
        if column not in table.columns:
            raise SqlError(1054, f"Unknown column '{column}' in 'field list'")
        return table.columns.index(column)

    def _insert(self) -> Result:
        self._take("into")
        table = self._table()
        columns = self._list() if self._peek() == "(" else list(table.columns)
        places = [self._place(table, column) for column in columns]
        if not (self._take("values") or self._take("value")):
            raise self._near()
        changes: list[Change] = []
        self.server.refuse_if_read_only(self.root)
        while True:
            self._need("(")
            row: list[Value] = [None] * len(table.columns)
            for k, place in enumerate(places):
                if k:
                    self._need(",")
                row[place] = self._value({})
            self._need(")")
            if row[0] is None and changes and table.auto:
                row[0] = number(changes[-1].key) + self.server.data.increment
            changes.append(self.server.data.insert(table, tuple(row)))
            if not self._take(","):
                break
        self._end()
        return self._commit(changes)

    def _update(self) -> Result:
        table = self._table()
        self._need("set")
        begin = self._at
        self._assign(table, (0,) * len(table.columns))
        rows = self._where(table)
        self._end()
        self.server.refuse_if_read_only(self.root)
        changes = []
        for row in rows:
            self._at = begin
            after = self._assign(table, row)
            if after != row:
                changes.append(Change(table.name, row[0], row, after))
        return self._commit(changes)

    def _assign(self, table: Table, row: Row) -> Row:
        """The row after the assignments behind SET."""
        values = list(row)
        while True:
            place = self._place(table, self._name())
            self._need("=")
            values[place] = self._value(dict(zip(table.columns, values, strict=True)))
            if not self._take(","):
                return tuple(values)

    def _delete(self) -> Result:
        self._need("from")
        table = self._table()
        rows = self._where(table)
        self._end()
        self.server.refuse_if_read_only(self.root)
        return self._commit([Change(table.name, row[0], row, None) for row in rows])

    def _create(self) -> Result:
        self._need("table")
        self._take("if", "not", "exists")
        name = self._table_name()
        if name in self.server.data.tables:
            raise SqlError(1050, f"Table '{name.rpartition('.')[2]}' already exists")
        self._need("(")
        parts = split(self._tokens[self._at : -1 if self._tokens[-1] != ";" else -2])
        keys = {"primary", "key", "unique", "index", "constraint"}
        columns = tuple(part[0].strip("`") for part in parts if part and part[0].lower() not in keys)
        self.server.refuse_if_read_only(self.root)
        self.server.data.commit((), (name, columns))
        self.server.committed()
        return Result("0 rows changed")

    def _drop(self) -> Result:
        self._need("table")
        self._take("if", "exists")
        table = self._table()
        self._end()
        self.server.refuse_if_read_only(self.root)
        self.server.data.commit((), (table.name, None))
        self.server.committed()
        return Result("0 rows changed")

    def _commit(self, changes: list[Change]) -> Result:
        if changes:
            self.server.data.commit(tuple(changes))
            self.server.committed()
        return Result(f"{len(changes)} row{'s' * (len(changes) != 1)} changed")

    def _set(self) -> Result:
        """super_read_only turns read_only on with it, but not off; without read_only there is neither."""
        some, all_ = self.server.read_only, self.server.super_read_only
        while True:
            scoped = self._take("global") or self._take("persist")
            name = self._name().lower() if scoped else self._next().lower().removeprefix("@@global.")
            self._need("=")
            value = self._next().lower() in {"1", "on", "true"}
            match name:
                case "super_read_only":
                    some, all_ = some or value, value
                case "read_only":
                    some, all_ = value, all_ and value
                case _:
                    raise self._unknown()
            if not self._take(","):
                break
        self._end()
        if not self.root:
            raise SqlError(1227, "Access denied; you need (at least one of) the SUPER privilege(s) for this")
        self.server.set_read_only(some, all_)
        return Result("0 rows changed")

    def _show(self) -> Result:
        if self._take("tables"):
            self._end()
            names: Rows = [(name.removeprefix("lab."),) for name in sorted(self.server.data.tables)]
            return _print(("Tables_in_lab",), names)
        if self._take("replica", "status"):
            self._end()
            columns = replica_status(self.server)
            return _print(tuple(columns), [tuple(columns.values())] if columns else [])
        raise self._unknown()

    def _replica(self) -> Result:
        self._need("replica")
        self._end()
        replica = self.server.replica
        if replica.source is None:
            raise SqlError(
                1200, "The server is not configured as replica; fix in config file or with CHANGE ..."
            )
        if self._tokens[0].lower() == "start":
            replica.start()
        else:
            replica.stop()
        return Result("0 rows changed")


def replica_status(server: Mysqld) -> dict[str, Value]:
    """SHOW REPLICA STATUS: those of its columns that the simulator knows; empty if it replicates nothing."""
    replica, layout = server.replica, server.node.world.layout
    source = replica.source
    if source is None:
        return {}
    network = layout.topology.replication.network or layout.network_names[0]
    trouble = replica.errno in {2003, 2013}
    io = "Yes" if replica.receiver else "Connecting" if trouble or replica.wanted["receiver"] else "No"
    states = {"Yes": "Waiting for source to send event", "No": ""}
    return {
        "Replica_IO_State": states.get(io, "Connecting to source"),
        "Source_Host": layout.address(source.name, network),
        "Source_User": "replica",
        "Source_Port": 3306,
        "Connect_Retry": 2,
        "Replica_IO_Running": io,
        "Replica_SQL_Running": "Yes" if replica.applier else "No",
        "Last_Errno": 0 if trouble else replica.errno,
        "Last_Error": "" if trouble else replica.error,
        "Seconds_Behind_Source": 0 if replica.receiver and replica.applier else None,
        "Last_IO_Errno": replica.errno if trouble else 0,
        "Last_IO_Error": replica.error if trouble else "",
        "Last_SQL_Errno": 0 if trouble else replica.errno,
        "Last_SQL_Error": "" if trouble else replica.error,
        "Source_Server_Id": layout.topology.nodes[source.name].octet,
        "Source_UUID": source.mysqld.data.uuid,
        "Executed_Gtid_Set": server.data.gtid_executed,
        "Auto_Position": 1,
    }


def _heading(words: list[str]) -> str:
    name = _aggregate(words)
    return "".join(words).upper() if name == "count" else "".join(words)


def _aggregate(words: list[str]) -> str:
    """The name of an aggregate function like COUNT(*), empty for anything else."""
    name = words[0].lower() if words else ""
    return name if name in {"count", "sum", "max", "min"} and len(words) == 4 and words[1] == "(" else ""


def _rank(value: Value) -> tuple[bool, bool, int, str]:
    """Sorts NULLs first, then numbers, then texts."""
    text = isinstance(value, str)
    return value is not None, text, 0 if text else number(value), str(value)


def _print(header: tuple[str, ...], rows: Rows) -> Result:
    result = Result(format_rows(header, rows))
    result.printed = header, rows
    return result
