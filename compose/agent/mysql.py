"""mysqld as a client sees it: its settings and data, waiting for its answer, running statements."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from .errors import Refused
from .output import Output
from .system import write_file

SOCKET = "/run/mysqld/mysqld.sock"
DATA_DIR, TEMPLATE_DIR = "/var/lib/mysql", "/usr/share/hatlab/mysql"
LOCAL_SERVER: dict[str, Any] = {"unix_socket": SOCKET, "user": "root"}
"""How to log in at the node's own mysqld."""


def node_config(name: str, mysql: dict[str, Any]) -> str:
    """Write the part of my.cnf that differs from node to node."""
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
    """Put the image's data directory in place, as the user mysql: root may not give files away here.

    The server's UUID comes from its id, so that sets of GTIDs can be read and compared between runs.
    """
    if only_if_empty and os.listdir(DATA_DIR):
        return
    uuid = f"{server_id:08d}-0000-4000-8000-{server_id:012d}"
    words = (
        f"rm -rf {DATA_DIR}/* {DATA_DIR}/.[!.]* && cp -r --sparse=auto {TEMPLATE_DIR}/. {DATA_DIR}/ && "
        f"printf '[auto]\\nserver-uuid=%s\\n' {uuid} > {DATA_DIR}/auto.cnf"
    )
    subprocess.run(["/bin/sh", "-c", words], user="mysql", group="mysql", extra_groups=[], check=True)


def connect(timeout: float = 10, **where: Any) -> Any:
    """Open a connection with PyMySQL, which is imported when first needed."""
    pymysql: Any = importlib.import_module("pymysql")
    return pymysql.connect(
        connect_timeout=timeout, read_timeout=timeout, write_timeout=timeout, autocommit=True, **where
    )


def run_statement(statement: str, **where: Any) -> str | dict[str, Any]:
    """Run a statement in the schema `lab`.

    Returns:
        `columns` and the first `rows` (values as text, NULL as None), or a sentence on how many rows changed.

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
    """Write how the `mysql` program logs in, in a shell of the node."""
    write_file("/root/.my.cnf", f"[client]\nuser = {user}\n" + (f"host = {host}\n" if host else ""))


class Mysql:
    """The node's own mysqld.

    Args:
        node: the node's name.
        spec: `mysql` of HATLAB_NODE; empty if the node has none.
        out: takes a `mysql` fact each time it begins to answer.
    """

    def __init__(self, node: str, spec: dict[str, Any], out: Output) -> None:
        self._node, self.spec, self._out = node, spec, out
        self.answers = threading.Event()
        """Set while it lets us log in."""

    def prepare(self) -> None:
        """Write its settings, and a data directory if there is none yet."""
        write_file("/etc/mysql/node.cnf", node_config(self._node, self.spec))
        write_login("root")
        restore_data(int(self.spec["server_id"]), only_if_empty=True)

    def reset(self) -> None:
        """Restore the data of the beginning."""
        restore_data(int(self.spec["server_id"]))

    def wait_for_answer(self, seconds: float, keep_waiting: Callable[[], bool] = lambda: True) -> bool:
        """Wait until mysqld lets us log in: ask every 20 ms, as it announces itself only in its log."""
        importlib.import_module("pymysql")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and keep_waiting():
            try:
                connect(**LOCAL_SERVER, timeout=1).close()
            except Exception:  # noqa: BLE001 - not yet
                time.sleep(0.02)
            else:
                self.answers.set()
                self._out.put("mysql")
                return True
        return False
