"""Looks at a simulated server's tables, as the agent in a real node does, and tells which changed."""

from __future__ import annotations

from hatlab import events as e
from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.storage import Database, Row, Table
from hatlab.util.ranges import Ranges, add_number, format_ranges, subtract

POLL = 0.5
"""Seconds between two looks."""
WRITES = "lab.writes"
"""Where clients write their numbered rows."""
MAX_ROWS = 20
"""Rows up to which the event of a table holds all of them."""


class TableWatch:
    """Watches the tables of one server."""

    def __init__(self, server: DatabaseServer) -> None:
        self._server = server
        self._checksums: dict[str, int] = {}
        """Of each table, as last emitted."""
        self._gtid_executed: str | None = None
        """As last emitted."""
        self._position = 0
        """Transactions of the binary log that were counted."""
        self._written: dict[str, Ranges] = {}
        """The numbers of each client's rows."""
        self._emitted_written: dict[str, str] | None = None

    def on_server_start(self) -> None:
        """mysqld answers: everything is told anew."""
        self._checksums, self._gtid_executed, self._emitted_written = {}, None, None
        self._server.call_after(POLL / 4, self._poll)

    def _poll(self) -> None:
        self._server.call_after(POLL, self._poll)
        data = self._server.data
        gtid_executed = data.gtid_executed
        if gtid_executed == self._gtid_executed:
            return
        tables = data.tables
        changed = [
            table for name, table in sorted(tables.items()) if self._checksums.get(name) != table.checksum
        ]
        dropped = sorted(self._checksums.keys() - tables.keys())
        if not changed and not dropped:
            changed = list(tables.values())[:1]
        for name in dropped:
            self._emit_table(name, None, gtid_executed)
        for table in changed:
            self._emit_table(table.name, table, gtid_executed)
        self._checksums = {name: table.checksum for name, table in tables.items()}
        self._gtid_executed = gtid_executed
        self._count_rows(data)
        written = {client: format_ranges(rows) for client, rows in self._written.items() if rows}
        if written != self._emitted_written:
            self._emitted_written = written
            node = self._server.node
            node.emit(e.Written(at=node.now, node=node.name, sequences=written))

    def _count_rows(self, data: Database) -> None:
        """Take from the binary log which numbered rows came and went since the last look."""
        for transaction in data.binlog[self._position :]:
            if transaction.ddl is not None and transaction.ddl[0] == WRITES:
                self._written.clear()
            for change in transaction.changes:
                if change.table == WRITES:
                    self._count_row(change.before, added=False)
                    self._count_row(change.after, added=True)
        self._position = len(data.binlog)

    def _count_row(self, row: Row | None, *, added: bool) -> None:
        match row:
            case (_, str(client), int(number), *_):
                numbers = self._written.get(client, ())
                self._written[client] = (
                    add_number(numbers, number) if added else subtract(numbers, ((number, number),))
                )

    def _emit_table(self, name: str, table: Table | None, gtid_executed: str) -> None:
        node = self._server.node
        content: tuple[tuple[str | None, ...], ...] = ()
        if table is not None and len(table.rows) <= MAX_ROWS:
            rows = sorted(table.rows.values(), key=lambda row: (str(type(row[0])), row[0]))
            content = tuple(tuple(None if value is None else str(value) for value in row) for row in rows)
        node.emit(
            e.Table(
                at=node.now,
                node=node.name,
                name=name,
                rows=len(table.rows) if table else None,
                checksum=str(table.checksum) if table else "",
                gtid_executed=gtid_executed,
                columns=table.columns if table else (),
                content=content,
            )
        )
