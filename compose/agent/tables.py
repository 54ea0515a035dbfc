"""What the node's tables hold, told when it changes: the one thing that shows a lost update."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from .mysql import LOCAL, Mysql, connect
from .output import Fact, Output

LOOK = 0.5
"""Seconds between two looks at least."""
ANYHOW = 2.0
"""Seconds after which it looks although no transaction came: a change may have been kept out of the log."""
SHARE = 20
"""A look may take one part in so many of the time: large tables are looked at less often."""
WRITES = "lab.writes"
"""Where clients write their numbered rows."""
MOST_TABLES, MOST_ROWS = 8, 20
LIST = (
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
    "AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') "
    f"ORDER BY 1, 2 LIMIT {MOST_TABLES}"
)


def executed(cursor: Any) -> str:
    """The set of transactions, as `replication` facts have it."""
    cursor.execute("SELECT @@gtid_executed")
    return str(cursor.fetchone()[0]).replace("\n", "")


def content(cursor: Any) -> dict[str, Fact]:
    """The tables at one moment: what a `table` fact says of each, by name. Locks nothing."""
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    cursor.execute(LIST)
    return {f"{schema}.{table}": _table(cursor, schema, table) for schema, table in cursor.fetchall()}


def written(cursor: Any) -> dict[str, str]:
    """The numbered rows that are there: client → ranges of numbers."""
    cursor.execute(
        "SELECT client, MIN(sequence), MAX(sequence) FROM (SELECT client, sequence, sequence - ROW_NUMBER() "
        "OVER (PARTITION BY client ORDER BY sequence) AS step FROM (SELECT DISTINCT client, sequence FROM "
        f"{WRITES}) one) two GROUP BY client, step ORDER BY 1, 2"
    )
    found: dict[str, list[str]] = {}
    for client, first, last in cursor.fetchall():
        found.setdefault(client, []).append(f"{first}-{last}" if last > first else str(first))
    return {client: ",".join(parts) for client, parts in found.items()}


def _table(cursor: Any, schema: str, table: str) -> Fact:
    name = ".".join(f"`{part.replace('`', '``')}`" for part in (schema, table)).replace("%", "%%")
    cursor.execute(f"SELECT COUNT(*) FROM {name}")
    rows = int(cursor.fetchone()[0])
    cursor.execute(f"CHECKSUM TABLE {name}")
    fact = {"rows": rows, "checksum": str(cursor.fetchone()[1]), "columns": [], "content": []}
    if rows <= MOST_ROWS:
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


class Tables:
    """What was told so far, and what is new in a look."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.begin_again()

    def begin_again(self) -> None:
        """Everything is told anew."""
        self._told: dict[str, Fact] = {}
        self.set: str | None = None
        self._written: dict[str, str] | None = None

    def tell(self, gtids: str, found: dict[str, Fact], rows: dict[str, str]) -> None:
        """Tells each table that changed; one again if there are new transactions but none changed."""
        changed = {name: fact for name, fact in found.items() if fact != self._told.get(name)}
        gone: Fact = {"rows": None, "checksum": ""}
        changed.update((name, gone) for name in self._told if name not in found)
        if not changed and gtids != self.set:
            changed = dict(list(found.items())[:1])
        now = time.monotonic()
        for name, fact in changed.items():
            self._out.put("table", now, name=name, gtid_executed=gtids, **fact)
        if rows != self._written:
            self._out.put("written", now, sequences=rows)
        self._told, self.set, self._written = found, gtids, rows


def watch_tables(mysql: Mysql, out: Output) -> None:
    """Looks at the tables whenever transactions were executed, on a connection of its own; never returns."""
    tables = Tables(out)
    db: Any = None
    pause, looked = LOOK, 0.0
    while True:
        time.sleep(pause)
        pause = LOOK
        if not mysql.answers.is_set():
            db = None
            tables.begin_again()
            mysql.answers.wait()
        try:
            if db is None:
                db = connect(**LOCAL, timeout=5)
                with db.cursor() as cursor:
                    cursor.execute("SET SESSION lock_wait_timeout = 1, innodb_parallel_read_threads = 1")
            began = time.monotonic()
            with db.cursor() as cursor:
                before = executed(cursor)
                if before == tables.set and began - looked < ANYHOW:
                    continue
                try:
                    found = content(cursor)
                    rows = written(cursor) if WRITES in found else {}
                finally:
                    with contextlib.suppress(Exception):
                        db.rollback()
                if executed(cursor) == before:  # else it is not known what the content belongs to
                    tables.tell(before, found, rows)
                    looked = time.monotonic()
            pause = max(LOOK, SHARE * (time.monotonic() - began))
        except Exception:  # noqa: BLE001 - mysqld is gone or frozen, or a table is locked: asked again
            db = None
