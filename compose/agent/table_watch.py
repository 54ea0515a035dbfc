"""Reports what the node's tables hold when it changes: only this shows a lost update."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from .mysql import LOCAL_SERVER, Mysql, connect
from .output import Fact, Output

PAUSE = 0.5
"""Seconds between two looks at least."""
LOOK_ANYWAY = 2.0
"""Seconds after which it looks although no transaction came: a change may have been kept out of the log."""
MAX_LOAD = 20
"""A look may take one part in so many of the time: large tables are looked at less often."""
WRITES = "lab.writes"
"""Where clients write their numbered rows."""
MAX_TABLES, MAX_ROWS = 8, 20
LIST_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
    "AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') "
    f"ORDER BY 1, 2 LIMIT {MAX_TABLES}"
)


def read_gtids(cursor: Any) -> str:
    """Return the set of executed transactions, as in `replication` facts."""
    cursor.execute("SELECT @@gtid_executed")
    return str(cursor.fetchone()[0]).replace("\n", "")


def read_tables(cursor: Any) -> dict[str, Fact]:
    """Return the tables at one moment: name → the fields of its `table` fact. Locks nothing."""
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    cursor.execute(LIST_TABLES)
    return {f"{schema}.{table}": _read_table(cursor, schema, table) for schema, table in cursor.fetchall()}


def read_sequences(cursor: Any) -> dict[str, str]:
    """Return which numbered rows are there: client → ranges of numbers."""
    cursor.execute(
        "SELECT client, MIN(sequence), MAX(sequence) FROM (SELECT client, sequence, sequence - ROW_NUMBER() "
        "OVER (PARTITION BY client ORDER BY sequence) AS step FROM (SELECT DISTINCT client, sequence FROM "
        f"{WRITES}) one) two GROUP BY client, step ORDER BY 1, 2"
    )
    ranges: dict[str, list[str]] = {}
    for client, first, last in cursor.fetchall():
        ranges.setdefault(client, []).append(f"{first}-{last}" if last > first else str(first))
    return {client: ",".join(parts) for client, parts in ranges.items()}


def _read_table(cursor: Any, schema: str, table: str) -> Fact:
    name = ".".join(f"`{part.replace('`', '``')}`" for part in (schema, table)).replace("%", "%%")
    cursor.execute(f"SELECT COUNT(*) FROM {name}")
    rows = int(cursor.fetchone()[0])
    cursor.execute(f"CHECKSUM TABLE {name}")
    fact = {"rows": rows, "checksum": str(cursor.fetchone()[1]), "columns": [], "content": []}
    if rows <= MAX_ROWS:
        cursor.execute(f"SELECT * FROM {name}")
        fact["columns"] = [str(column[0]) for column in cursor.description]
        fact["content"] = [[_text(value) for value in row] for row in cursor.fetchall()]
    return fact


def _text(value: Any) -> str | None:
    return (
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else None
        if value is None
        else str(value)
    )


class TableReporter:
    """Reports what is new in a look at the tables."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.reset()

    def reset(self) -> None:
        """Make the next look report everything."""
        self._tables: dict[str, Fact] = {}
        self.gtids: str | None = None
        self._sequences: dict[str, str] | None = None

    def report_changes(self, gtids: str, tables: dict[str, Fact], sequences: dict[str, str]) -> None:
        """Report each table that changed; one again if there are new transactions but no changed table."""
        changed = {name: fact for name, fact in tables.items() if fact != self._tables.get(name)}
        gone: Fact = {"rows": None, "checksum": ""}
        changed.update((name, gone) for name in self._tables if name not in tables)
        if not changed and gtids != self.gtids:
            changed = dict(list(tables.items())[:1])
        now = time.monotonic()
        for name, fact in changed.items():
            self._out.put("table", now, name=name, gtid_executed=gtids, **fact)
        if sequences != self._sequences:
            self._out.put("written", now, sequences=sequences)
        self._tables, self.gtids, self._sequences = tables, gtids, sequences


def watch_tables(mysql: Mysql, out: Output) -> None:
    """Look at the tables whenever transactions were executed, on a connection of its own; never returns."""
    reporter = TableReporter(out)
    db: Any = None
    pause, looked = PAUSE, 0.0
    while True:
        time.sleep(pause)
        pause = PAUSE
        if not mysql.answers.is_set():
            db = None
            reporter.reset()
            mysql.answers.wait()
        try:
            if db is None:
                db = connect(**LOCAL_SERVER, timeout=5)
                with db.cursor() as cursor:
                    cursor.execute("SET SESSION lock_wait_timeout = 1, innodb_parallel_read_threads = 1")
            began = time.monotonic()
            with db.cursor() as cursor:
                before = read_gtids(cursor)
                if before == reporter.gtids and began - looked < LOOK_ANYWAY:
                    continue
                try:
                    tables = read_tables(cursor)
                    sequences = read_sequences(cursor) if WRITES in tables else {}
                finally:
                    with contextlib.suppress(Exception):
                        db.rollback()
                if read_gtids(cursor) == before:  # else it is not known what the content belongs to
                    reporter.report_changes(before, tables, sequences)
                    looked = time.monotonic()
            pause = max(PAUSE, MAX_LOAD * (time.monotonic() - began))
        except Exception:  # noqa: BLE001 - mysqld is gone or frozen, or a table is locked: asked again
            db = None
