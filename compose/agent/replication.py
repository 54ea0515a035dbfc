"""Starts replication from the other server, and reports its state and whether mysqld takes writes."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

from .mysql import LOCAL_SERVER, Mysql, connect
from .output import Fact, Output


def read_replica_status(db: Any) -> Fact | None:
    """Return the fields of a `replication` fact; None if no source is set."""
    with db.cursor() as cursor:
        cursor.execute("SHOW REPLICA STATUS")
        row = cursor.fetchone()
        if row is None:
            return None
        status = dict(zip([d[0] for d in cursor.description], row, strict=True))
    number = int(status["Last_SQL_Errno"] or status["Last_IO_Errno"] or 0)
    return {
        "receiver": status["Replica_IO_Running"] == "Yes",
        "applier": status["Replica_SQL_Running"] == "Yes",
        "errno": number,
        "error": str(status["Last_SQL_Error"] or status["Last_IO_Error"] or ""),
        "gtid_executed": str(status["Executed_Gtid_Set"]).replace("\n", ""),
    }


def start_replication(source: str | None) -> None:
    """Start to replicate from an address, unless mysqld has a source already."""
    if not source:
        return
    for _ in range(100):  # a first try that fails would cost SOURCE_CONNECT_RETRY
        with contextlib.suppress(OSError):
            socket.create_connection((source, 3306), 0.05).close()
            break
        time.sleep(0.05)
    with contextlib.closing(connect(**LOCAL_SERVER)) as db, db.cursor() as cursor:
        cursor.execute("SHOW REPLICA STATUS")
        if cursor.fetchone():
            return
        cursor.execute(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST=%s, SOURCE_USER='replica', SOURCE_AUTO_POSITION=1, "
            "SOURCE_SSL=0, SOURCE_CONNECT_RETRY=2, SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=2",
            (source,),
        )
        cursor.execute("START REPLICA")


def read_read_only(db: Any) -> Fact:
    """Return the fields of a `read_only` fact."""
    with db.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.read_only, @@GLOBAL.super_read_only")
        read_only, super_read_only = cursor.fetchone()
    return {"read_only": bool(read_only), "super_read_only": bool(super_read_only)}


WRITABLE = {"read_only": False, "super_read_only": False}
"""The state of a mysqld that has just started, which is not reported."""


def watch_replication(mysql: Mysql, out: Output) -> None:
    """Report the replica's state, asking twice a second while it is connected; never returns."""
    _watch(
        mysql, out, "replication", read_replica_status, {}, lambda fact: 0.5 if fact.get("receiver") else 0.1
    )


def watch_read_only(mysql: Mysql, out: Output) -> None:
    """Report whether mysqld may be written to, asking ten times a second; never returns."""
    _watch(mysql, out, "read_only", read_read_only, WRITABLE, lambda _: 0.1)


def _watch(
    mysql: Mysql,
    out: Output,
    kind: str,
    read: Callable[[Any], Fact | None],
    initial: Fact,
    pause: Callable[[Fact], float],
) -> None:
    """Read a state from mysqld again and again, and report changes; a new mysqld begins with `initial`."""
    last = initial
    db: Any = None
    while True:
        time.sleep(pause(last))
        if not mysql.answers.is_set():
            last, db = initial, None
            mysql.answers.wait()
        try:
            if db is None:
                db = connect(**LOCAL_SERVER, timeout=2)
            fact = read(db)
        except Exception:  # noqa: BLE001 - mysqld is gone, frozen or starting: asked again
            db = None
            continue
        if fact and fact != last:
            last = fact
            out.put(kind, **fact)
