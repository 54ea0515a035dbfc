"""A simulated mysqld as a process: its life, its connections, and who may write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from hatlab import events as e
from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.environment import Machine
from hatlab.engine.simulator.mysql.replica import Replica
from hatlab.engine.simulator.mysql.sql import execute
from hatlab.engine.simulator.mysql.storage import Change, Database, SqlError, Value
from hatlab.engine.simulator.mysql.table_watch import TableWatch
from hatlab.engine.simulator.mysql.variables import set_globals
from hatlab.engine.simulator.service import Call, Service

START = 0.7
"""Seconds from exec to the first answer, on a data directory that is already initialised; measured."""
STOPPING = 0.6
"""Seconds from SIGTERM to the end."""
ANSWER = 0.018
"""Seconds that `mysql --execute` takes, its own start included."""
REFUSAL = 0.008
"""Seconds until a client knows that it was refused or cut off."""
LATE_ANSWER = 0.002
"""Seconds from SIGCONT to the answer that a client waited for."""
_CERTAIN = {1146, 1290}
"""Errors of a check's question that a real server would give too; others may mean that the simulator does not
know the statement, and it counts as answered."""


class ConnectionResult:
    """Takes the outcome of `Mysqld.connect`.

    Args:
        wake: called once it is known.
    """

    def __init__(self, wake: Callable[[], None] | None = None) -> None:
        self.accepted: bool | None = None
        """None until it is known."""
        self._wake = wake

    def take(self, accepted: bool) -> None:
        """The server answered, or refused."""
        self.accepted = accepted
        if self._wake is not None:
            self._wake()

    def get(self) -> bool | None:
        """Return the outcome, None until it is known."""
        return self.accepted


class Mysqld(Service):
    """The server on one node."""

    name = "mysqld"

    def __init__(self, node: Machine) -> None:
        super().__init__(node)
        self.answering = False
        """True if it accepts connections."""
        self.read_only = self.super_read_only = False
        self.settings: dict[str, Value] = {}
        """Variables that were set and have no effect in a lab."""
        self.source: Mysqld | None = None
        """The server that it replicates from, None without replication."""
        self._replicas: list[Mysqld] = []
        """The servers that replicate from it."""
        self._connecting: list[Call] = []
        """Connections made while it is frozen."""
        self._awaiting_start: list[Call] = []
        """Calls to make once it answers."""
        self.restore()

    def restore(self) -> None:
        """Go back to the original data directory, with no replica set up in it."""
        layout = self.node.environment.layout
        names, name = layout.mysql_names, self.node.name
        two_sources = layout.topology.replication.kind == "two-sources" and name in names
        uuid = str(uuid5(NAMESPACE_DNS, f"{name}.hatlab"))
        self._increments = (len(names), names.index(name) + 1) if two_sources else (1, 1)
        self.data = Database(uuid, *self._increments, self.timestamp)
        """Its disk, which outlives the process."""
        self.replica = Replica(self)
        self._table_watch = TableWatch(self)

    # -- life

    def spawn(self) -> None:
        """Start the process."""
        self.mark_started()
        self.read_only = self.super_read_only = False
        self.settings = {}
        self.data.increment, self.data.offset = self._increments
        self.call_after(START, self._start_answering)

    def _start_answering(self) -> None:
        node = self.node
        self.answering = True
        if node.environment.layout.starts_read_only(node.name):
            self.set_read_only(True, True)
        set_globals(self, self.data.persisted)
        node.log(self.name, "/usr/sbin/mysqld: ready for connections.  port: 3306")
        waiting, self._awaiting_start = self._awaiting_start, []
        for call, args in waiting:
            call(*args)
        self.replica.on_server_start()
        self._table_watch.on_server_start()

    def call_when_answering(self, call: Callable[..., None], *args: Any) -> None:
        """Call a bound method when it answers: now, or at its next start."""
        if self.answering:
            call(*args)
        else:
            self._awaiting_start.append((call, args))

    def kill(self) -> None:
        """SIGKILL."""
        self._end_process("signal 9")

    def stop(self) -> None:
        """SIGTERM: it answers no more, and ends soon."""
        self.answering = False
        self.node.log(self.name, "Received SHUTDOWN from user <via user signal>. Shutting down mysqld.")
        self.call_after(STOPPING, self._end_process, "exit 0")

    def lose_power(self) -> None:
        """The node lost its power: the process is gone without a word."""
        self._awaiting_start.clear()
        self._disconnect_clients()
        super().lose_power()

    def _end_process(self, reason: str) -> None:
        self._disconnect_clients()
        self.mark_ended(reason)
        for server in self._replicas:
            server.replica.on_source_end()

    def _disconnect_clients(self) -> None:
        """No more answers; who was waiting is cut off."""
        self.answering = False
        self.replica.on_server_end()
        self._answer_waiting(False, REFUSAL)

    def thaw(self) -> None:
        """SIGCONT: what came due meanwhile happens now, and who was waiting is answered."""
        super().thaw()
        self._answer_waiting(True, LATE_ANSWER)

    def _answer_waiting(self, accepted: bool, seconds: float) -> None:
        waiting, self._connecting = self._connecting, []
        for call, args in waiting:
            self.node.environment.clock.call_after(seconds, call, accepted, *args)

    # -- connections

    def connect(self, call: Callable[..., None], *args: Any) -> None:
        """Make a new local connection: `call(accepted, *args)` when it answers or refuses.

        A frozen server answers when it is thawed: its kernel takes the connection, nobody serves it.
        """
        if self.frozen:
            self._connecting.append((call, args))
        else:
            seconds = ANSWER if self.answering else REFUSAL
            self.node.environment.clock.call_after(seconds, call, self.answering, *args)

    def query(self, statement: str, call: Callable[..., None], *args: Any) -> None:
        """Run a statement as root on a new local connection: `call(succeeded, *args)` when it is through."""
        self.connect(self._run_query, statement, call, args)

    def _run_query(
        self, accepted: bool, statement: str, call: Callable[..., None], args: tuple[Any, ...]
    ) -> None:
        succeeded, seconds = accepted, 0.0
        if accepted and statement:
            try:
                seconds = execute(self, statement, root=True).seconds
            except SqlError as error:
                succeeded = error.number not in _CERTAIN
        if seconds:
            self.call_after(seconds, call, succeeded, *args)
        else:
            call(succeeded, *args)

    def timestamp(self) -> str:
        """Return the time as it prints a TIMESTAMP(6)."""
        return f"{date_at(self.node.now):%Y-%m-%d %H:%M:%S.%f}"

    # -- writes

    def set_read_only(self, read_only: bool, super_read_only: bool) -> None:
        """Set whom it refuses writes with error 1290: clients, or root too."""
        if (read_only, super_read_only) == (self.read_only, self.super_read_only):
            return
        self.read_only, self.super_read_only = read_only, super_read_only
        node = self.node
        node.emit(
            e.ReadOnly(at=node.now, node=node.name, read_only=read_only, super_read_only=super_read_only)
        )

    def refuse_if_read_only(self, root: bool) -> None:
        """
        Raises:
            SqlError: 1290, this user may not write now.
        """
        option = "--super-read-only" if self.super_read_only else "--read-only"
        if self.super_read_only or (self.read_only and not root):
            raise SqlError(
                1290,
                f"The MySQL server is running with the {option} option so it cannot execute this statement",
            )

    def write_row(self, client: str, sequence: int, *, update: bool = False) -> None:
        """Commit a client's numbered row and, with `update`, 1 more on account 1.

        Raises:
            SqlError: 1290, it is read-only; 1146, somebody dropped the table.
        """
        self.refuse_if_read_only(root=False)
        table = self.data.tables.get("lab.writes")
        if table is None:
            raise SqlError(1146, "Table 'lab.writes' doesn't exist")
        changes = [self.data.prepare_insert(table, (None, client, sequence, self.node.name, None))]
        accounts = self.data.tables.get("lab.accounts") if update else None
        if update and accounts is None:
            raise SqlError(1146, "Table 'lab.accounts' doesn't exist")
        if accounts is not None and (row := accounts.rows.get(1)) is not None:
            changes.append(Change("lab.accounts", 1, row, (*row[:2], int(row[2] or 0) + 1)))
        self.data.commit(tuple(changes))
        self.notify_replicas()

    # -- replication

    def replicate_from(self, source: Mysqld) -> None:
        """Set the server whose changes it makes too, for good."""
        self.source = source
        source._replicas.append(self)

    def notify_replicas(self) -> None:
        """Tell those that follow it that its binary log has something new."""
        for server in self._replicas:
            server.replica.on_source_commit()
