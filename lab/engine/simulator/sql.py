"""The part of SQL that a simulated server understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.engine.simulator.data import SqlError

if TYPE_CHECKING:
    from lab.engine.simulator.mysql import Mysqld


def execute(server: Mysqld, statement: str, *, root: bool) -> str:  # noqa: ARG001
    """Runs one statement and returns what it prints.

    Raises:
        SqlError: the server's error, or 1235 for what the simulator does not know.
    """
    text = statement.strip().rstrip(";")
    if text.lower() == "select @@hostname":
        return f"@@hostname\n{server.node.name}"
    raise SqlError(1235, "the simulated server does not know this statement")
