"""Protocols: what the parts of a mysqld may use of it. They do not know the class that holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from hatlab.engine.simulator.environment import Machine
from hatlab.engine.simulator.mysql.storage import Database, Value


class ReplicaThreads(Protocol):
    """A server's replica, as SQL statements see it."""

    def start(self) -> None:
        """START REPLICA."""

    def stop(self) -> None:
        """STOP REPLICA."""

    def change_port(self, port: int) -> None:
        """CHANGE REPLICATION SOURCE TO SOURCE_PORT.

        Raises:
            SqlError: 3021, the receiver runs.
        """

    def status(self) -> dict[str, Value]:
        """Return the row of SHOW REPLICA STATUS; empty if it replicates nothing."""


class DatabaseServer(Protocol):
    """A mysqld."""

    node: Machine
    data: Database
    answering: bool
    """It accepts connections."""
    read_only: bool
    super_read_only: bool
    settings: dict[str, Value]
    """Variables that were set and have no effect in a lab."""

    @property
    def frozen(self) -> bool:
        """True after SIGSTOP."""

    @property
    def source(self) -> DatabaseServer | None:
        """The server that it replicates from, None without replication."""

    @property
    def replica(self) -> ReplicaThreads:
        """Its receiver and applier."""

    def call_after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Call a bound method after some seconds of this process's life."""

    def notify_replicas(self) -> None:
        """Tell those that follow it that its binary log has something new."""

    def set_read_only(self, read_only: bool, super_read_only: bool) -> None:
        """Set whom it refuses writes with error 1290: clients, or root too."""

    def refuse_if_read_only(self, root: bool) -> None:
        """
        Raises:
            SqlError: 1290, this user may not write now.
        """
