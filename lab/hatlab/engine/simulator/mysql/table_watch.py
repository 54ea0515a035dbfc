"""Looks at a simulated server's tables, as the agent in a real node does, and tells those that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.engine.simulator.mysql.storage import Database, Row, Table
from hatlab.util.ranges import Ranges, add_number, format_ranges, subtract

if TYPE_CHECKING:
    from hatlab.engine.simulator.mysql.server import Mysqld

LOOK = 0.5
"""Seconds between two looks."""
WRITES = "lab.writes"
"""Where clients write their numbered rows."""
MOST_ROWS = 20
"""Rows up to which all of them are told."""


class Tables:
    """What was told of the tables of one server."""

    def __init__(self, server: Mysqld) -> None:
        self._server = server
        self._told: dict[str, int] = {}
        self._set: str | None = None
        self._read = 0
        self._written: dict[str, Ranges] = {}
        self._told_written: dict[str, str] | None = None

    def begin(self) -> None:
        """mysqld answers."""
        self._told, self._set, self._told_written = {}, None, None
        self._server.after(LOOK / 4, self._look)

    def _look(self) -> None:
        self._server.after(LOOK, self._look)
        data = self._server.data
        executed = data.gtid_executed
        if executed == self._set:
            return
        changed = [t for _, t in sorted(data.tables.items()) if self._told.get(t.name) != t.checksum]
        gone = sorted(self._told.keys() - data.tables.keys())
        if not changed and not gone:
            changed = list(data.tables.values())[:1]
        for name in gone:
            self._tell(name, None, executed)
        for table in changed:
            self._tell(table.name, table, executed)
        self._told = {name: table.checksum for name, table in data.tables.items()}
        self._set = executed
        self._count(data)
        written = {client: format_ranges(rows) for client, rows in self._written.items() if rows}
        if written != self._told_written:
            self._told_written = written
            node = self._server.node
            node.emit(e.Written(at=node.now, node=node.name, sequences=written))

    def _count(self, data: Database) -> None:
        """Takes from the binary log which numbered rows came and went since the last look."""
        for transaction in data.binlog[self._read :]:
            if transaction.ddl is not None and transaction.ddl[0] == WRITES:
                self._written.clear()
            for change in transaction.changes:
                if change.table == WRITES:
                    for row, came in ((change.before, False), (change.after, True)):
                        self._row(row, came)
        self._read = len(data.binlog)

    def _row(self, row: Row | None, came: bool) -> None:
        match row:
            case (_, str(client), int(number), *_):
                known = self._written.get(client, ())
                self._written[client] = (
                    add_number(known, number) if came else subtract(known, ((number, number),))
                )

    def _tell(self, name: str, table: Table | None, executed: str) -> None:
        node = self._server.node
        small = table is not None and len(table.rows) <= MOST_ROWS
        node.emit(
            e.Table(
                at=node.now,
                node=node.name,
                name=name,
                rows=len(table.rows) if table else None,
                checksum=str(table.checksum) if table else "",
                gtid_executed=executed,
                columns=table.columns if table else (),
                content=tuple(
                    tuple(None if value is None else str(value) for value in row)
                    for row in sorted(table.rows.values(), key=lambda row: (str(type(row[0])), row[0]))
                )
                if table and small
                else (),
            )
        )
