"""The disk of a simulated mysqld: rows, its binary log, and the set of transactions it executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from zlib import crc32

Value = int | str | None
Row = tuple[Value, ...]


class SqlError(Exception):
    """An error that the server answers in place of a result."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(number, message)
        self.number, self.message = number, message


class _Shared:
    """Never changes, so that copies of a world share it."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


@dataclass(frozen=True, slots=True)
class Change(_Shared):
    """One row before and after (None before an insert, after a delete): row-based logging, full images."""

    table: str
    key: Value
    before: Row | None
    after: Row | None


class TableDefinition(NamedTuple):
    """What CREATE TABLE says."""

    columns: tuple[str, ...]
    """Their names; the first is the primary key."""
    auto_increment: bool = False
    """The server generates keys."""
    required: frozenset[int] = frozenset({0})
    """Columns that may not be NULL."""
    defaults: Row = ()
    """Of each column; none if all are NULL."""


Ddl = tuple[str, TableDefinition | None]
"""(table, its definition): a table is made, or dropped if it has None."""


@dataclass(frozen=True, slots=True)
class Transaction(_Shared):
    """A committed transaction: its GTID is `uuid:number`."""

    uuid: str
    number: int
    changes: tuple[Change, ...] = ()
    ddl: Ddl | None = None


@dataclass(slots=True)
class Table:
    """The rows of a table."""

    name: str
    definition: TableDefinition
    rows: dict[Value, Row] = field(default_factory=dict)
    """By primary key."""
    last_id: int = 0
    """The greatest key so far."""
    checksum: int = 0
    """Of the rows in any order: the sum of each one's."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns; the first is the primary key."""
        return self.definition.columns

    @property
    def auto_increment(self) -> bool:
        """True if the server generates keys."""
        return self.definition.auto_increment

    def put_row(self, row: Row) -> None:
        """Put a row in, in place of the one with its key."""
        self.remove_row(row[0])
        self.rows[row[0]] = row
        self.checksum += crc32(repr(row).encode())
        if isinstance(row[0], int):
            self.last_id = max(self.last_id, row[0])

    def remove_row(self, key: Value) -> None:
        """Take a row out, if it is there."""
        row = self.rows.pop(key, None)
        if row is not None:
            self.checksum -= crc32(repr(row).encode())


class Database:
    """The data directory of one server.

    Args:
        uuid: the server's.
        increment, offset: auto_increment_increment and auto_increment_offset.
        now: the time as a TIMESTAMP(6), the default of the column `at`.
    """

    def __init__(self, uuid: str, increment: int, offset: int, now: Callable[[], str]) -> None:
        self.uuid, self.increment, self.offset, self._now = uuid, increment, offset, now
        self.tables: dict[str, Table] = {}
        """By full name."""
        self.persisted: dict[str, str] = {}
        """Variables that are set again at each start (SET PERSIST)."""
        self.executed: dict[str, int] = {}
        """A server's UUID → number of its last transaction that was made here."""
        self.binlog: list[Transaction] = []
        self._add_table(
            Table("lab.writes", TableDefinition(("id", "client", "sequence", "server", "at"), True))
        )
        self._add_table(Table("lab.accounts", TableDefinition(("id", "owner", "balance"))))
        for row in ((1, "alice", 0), (2, "bob", 0)):
            self.tables["lab.accounts"].put_row(row)

    def _add_table(self, table: Table) -> None:
        self.tables[table.name] = table

    @property
    def gtid_executed(self) -> str:
        """As `@@gtid_executed` prints it, without line breaks."""
        return ",".join(
            f"{uuid}:1-{n}" if n > 1 else f"{uuid}:1" for uuid, n in sorted(self.executed.items()) if n
        )

    def next_id(self, table: Table) -> int:
        """Return the next generated key: the least of the form offset + N × increment above the last."""
        steps = max(0, -(-(table.last_id + 1 - self.offset) // self.increment))
        return self.offset + steps * self.increment

    def prepare_insert(self, table: Table, row: Row) -> Change:
        """Return the change that inserts a row; a key that is None or 0 is generated, if the table does so.

        Raises:
            SqlError: 1062, the key is taken.
        """
        if row[0] in {None, 0} and table.auto_increment:
            row = (self.next_id(table), *row[1:])
        if row[-1] is None and table.columns[-1] == "at":
            row = (*row[:-1], self._now())
        if row[0] in table.rows:
            short = table.name.rpartition(".")[2]
            raise SqlError(1062, f"Duplicate entry '{row[0]}' for key '{short}.PRIMARY'")
        return Change(table.name, row[0], None, row)

    def commit(self, changes: tuple[Change, ...], ddl: Ddl | None = None) -> Transaction:
        """Make a client's changes, and log them under the next GTID of this server."""
        transaction = Transaction(self.uuid, self.executed.get(self.uuid, 0) + 1, changes, ddl)
        self._apply_and_log(transaction)
        return transaction

    def apply(self, transaction: Transaction) -> None:
        """Make another server's changes, as a replica: each row is found by its key and gets the other's
        image, whatever it held.

        Raises:
            SqlError: 1062 a row to insert is there, 1032 a row to change is not, 1146 no such table.
        """
        for change in transaction.changes:
            table = self.tables.get(change.table)
            short = change.table.rpartition(".")[2]
            if table is None:
                raise SqlError(1146, f"Table '{change.table}' doesn't exist")
            if change.before is None and change.key in table.rows:
                text = f"Duplicate entry '{change.key}' for key '{short}.PRIMARY'"
                raise _applier_error("Write_rows", change.table, text, 1062, "HA_ERR_FOUND_DUPP_KEY")
            if change.before is not None and change.key not in table.rows:
                event = "Update_rows" if change.after else "Delete_rows"
                text = f"Can't find record in '{short}'"
                raise _applier_error(event, change.table, text, 1032, "HA_ERR_KEY_NOT_FOUND")
        self._apply_and_log(transaction)

    def _apply_and_log(self, transaction: Transaction) -> None:
        if transaction.ddl is not None:
            name, definition = transaction.ddl
            if definition is None:
                self.tables.pop(name, None)
            else:
                self._add_table(Table(name, definition))
        for change in transaction.changes:
            table = self.tables[change.table]
            if change.after is None:
                table.remove_row(change.key)
                continue
            if change.before is not None and change.after[0] != change.key:
                table.remove_row(change.key)
            table.put_row(change.after)
        self.executed[transaction.uuid] = transaction.number
        self.binlog.append(transaction)


def _applier_error(event: str, table: str, text: str, number: int, handler: str) -> SqlError:
    what = f"Could not execute {event} event on table {table}; {text}"
    return SqlError(number, f"{what}, Error_code: {number}; handler error {handler}")
