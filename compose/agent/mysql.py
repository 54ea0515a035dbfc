"""mysqld: its data directory and settings, whether it answers, and statements."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from .helpers import Refused, write_file
from .output import Output

SOCKET = "/run/mysqld/mysqld.sock"
DATA, TEMPLATE = "/var/lib/mysql", "/usr/share/hatlab/mysql"
LOCAL: dict[str, Any] = {"unix_socket": SOCKET, "user": "root"}
"""Where the node's own mysqld lets us in."""


def node_cnf(name: str, mysql: dict[str, Any]) -> str:
    """What differs from node to node in my.cnf."""
    lines: dict[str, Any] = {
        "server-id": mysql["server_id"],
        "report-host": name,
        "auto-increment-increment": mysql.get("increment", 1),
        "auto-increment-offset": mysql.get("offset", 1),
    }
    if mysql.get("fenced"):
        lines["super-read-only"] = "ON"  # until keepalived is Master
    return "[mysqld]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def restore_data(server_id: int, only_if_empty: bool = False) -> None:
    """Puts the image's data directory in place, as the user mysql: root may not give files away here.

    The server's UUID comes from its id, so that sets of GTIDs can be read and compared between runs.
    """
    if only_if_empty and os.listdir(DATA):
        return
    uuid = f"{server_id:08d}-0000-4000-8000-{server_id:012d}"
    words = (
        f"rm -rf {DATA}/* {DATA}/.[!.]* && cp -r --sparse=auto {TEMPLATE}/. {DATA}/ && "
        f"printf '[auto]\\nserver-uuid=%s\\n' {uuid} > {DATA}/auto.cnf"
    )
    subprocess.run(["/bin/sh", "-c", words], user="mysql", group="mysql", extra_groups=[], check=True)


def connect(timeout: float = 10, **where: Any) -> Any:
    """A connection of PyMySQL, which is imported when first needed."""
    pymysql: Any = importlib.import_module("pymysql")
    return pymysql.connect(
        connect_timeout=timeout, read_timeout=timeout, write_timeout=timeout, autocommit=True, **where
    )


def run_statement(statement: str, **where: Any) -> str | dict[str, Any]:
    """A statement's result: `columns` and the first `rows` (values as text, NULL as None), or how many rows
    changed. Tables are those of `lab`.

    Raises:
        Refused: with MySQL's own words.
    """
    try:
        with contextlib.closing(connect(**where, timeout=5)) as db, db.cursor() as cursor:
            with contextlib.suppress(Exception):  # somebody dropped it
                db.select_db("lab")
            changed = cursor.execute(statement)
            if not cursor.description:
                return f"{changed} row{'s' * (changed != 1)} changed"
            columns = [d[0] for d in cursor.description]
            rows = [[None if v is None else str(v) for v in row] for row in cursor.fetchmany(20)]
            return {"columns": columns, "rows": rows}
    except Exception as error:  # noqa: BLE001 - MySQL's own words are the answer
        number = error.args[0] if error.args else 0
        raise Refused(f"MySQL says: {error}", definite=number != 2013) from None


def write_login(user: str, host: str = "") -> None:
    """What the `mysql` program uses in a shell of the node."""
    write_file("/root/.my.cnf", f"[client]\nuser = {user}\n" + (f"host = {host}\n" if host else ""))


class Mysql:
    """The node's own mysqld, seen as a client.

    Args:
        node: the node's name.
        spec: `mysql` of HATLAB_NODE; empty if the node has none.
        out: takes a `mysql` fact each time it begins to answer.

    Attributes:
        answers: set while it lets us in.
    """

    def __init__(self, node: str, spec: dict[str, Any], out: Output) -> None:
        self._node, self.spec, self._out = node, spec, out
        self.answers = threading.Event()

    def prepare(self) -> None:
        """Settings, and a data directory if there is none yet."""
        write_file("/etc/mysql/node.cnf", node_cnf(self._node, self.spec))
        write_login("root")
        restore_data(int(self.spec["server_id"]), only_if_empty=True)

    def reset(self) -> None:
        """The data of the beginning."""
        restore_data(int(self.spec["server_id"]))

    def wait_for_answer(self, seconds: float, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Waits until mysqld lets us in: asks it every 20 ms, as it announces itself only in its log."""
        importlib.import_module("pymysql")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and wanted():
            try:
                connect(**LOCAL, timeout=1).close()
            except Exception:  # noqa: BLE001 - not yet
                time.sleep(0.02)
            else:
                self.answers.set()
                self._out.put("mysql")
                return True
        return False
