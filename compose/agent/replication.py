"""Replication from the other server: set up once, then watched."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from .mysql import LOCAL, Mysql, connect
from .output import Fact, Output


def replica_status(db: Any) -> Fact | None:
    """The fields of a `replication` fact; None if no source is set."""
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


def replicate(source: str | None) -> None:
    """Replicates from an address, unless mysqld has a source already."""
    if not source:
        return
    for _ in range(100):  # a first try that fails would cost SOURCE_CONNECT_RETRY
        with contextlib.suppress(OSError):
            socket.create_connection((source, 3306), 0.05).close()
            break
        time.sleep(0.05)
    with contextlib.closing(connect(**LOCAL)) as db, db.cursor() as cursor:
        cursor.execute("SHOW REPLICA STATUS")
        if cursor.fetchone():
            return
        cursor.execute(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST=%s, SOURCE_USER='replica', SOURCE_AUTO_POSITION=1, "
            "SOURCE_SSL=0, SOURCE_CONNECT_RETRY=2, SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=2",
            (source,),
        )
        cursor.execute("START REPLICA")


def watch_replication(mysql: Mysql, out: Output) -> None:
    """Asks mysqld for its replica's state twice a second and tells what changed; never returns."""
    last: Fact = {}
    db: Any = None
    while True:
        time.sleep(0.5 if last.get("receiver") else 0.1)
        if not mysql.answers.is_set():
            last, db = {}, None
            mysql.answers.wait()
        try:
            if db is None:
                db = connect(**LOCAL, timeout=2)
            fact = replica_status(db)
        except Exception:  # noqa: BLE001 - mysqld is gone, frozen or starting: asked again
            db = None
            continue
        if fact and fact != last:
            last = fact
            out.put("replication", **fact)
