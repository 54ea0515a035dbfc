"""A simulated mysqld: its life, what it answers, and the replica in it that follows another server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, uuid5

from hatlab import events as e
from hatlab.engine.simulator.clock import date
from hatlab.engine.simulator.mysql.replica import Replica
from hatlab.engine.simulator.mysql.sql import execute
from hatlab.engine.simulator.mysql.storage import Change, Database, SqlError
from hatlab.engine.simulator.mysql.table_watch import Tables
from hatlab.engine.simulator.service import Call, Service

if TYPE_CHECKING:
    from hatlab.engine.simulator.node import Node

START = 0.7
"""Seconds from exec to the first answer, on a data directory that is already initialised; measured."""
STOPPING = 0.6
ANSWER = 0.018
"""Seconds that `mysql --execute` takes, its own start included."""
REFUSAL = 0.008
_CERTAIN = {1146, 1290}
"""Errors of a check's question that a real server would give too; others may mean that the simulator does not
know the statement, and it counts as answered."""


class Mysqld(Service):
    """The server on one node. `data` is its disk and outlives the process."""

    name = "mysqld"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.answering = False
        self.read_only = self.super_read_only = False
        self._waiting: list[Call] = []
        """Questions asked while it is frozen."""
        self._wanted: list[Call] = []
        """What waits for its first answer."""
        self.restore()

    def restore(self) -> None:
        """The original data directory, and no replica set up in it."""
        layout = self.node.world.layout
        names, name = layout.mysql_names, self.node.name
        two = layout.topology.replication.kind == "two-sources" and name in names
        uuid = str(uuid5(NAMESPACE_DNS, f"{name}.hatlab"))
        place = (len(names), names.index(name) + 1) if two else (1, 1)
        self.data = Database(uuid, *place, self.timestamp)
        self.replica = Replica(self)
        self.tables = Tables(self)

    # -- life

    def spawn(self) -> None:
        self.begin()
        self.read_only = self.super_read_only = False
        self.after(START, self._ready)

    def _ready(self) -> None:
        self.answering = True
        if self.node.world.layout.begins_read_only(self.node.name):
            self.set_read_only(True, True)
        self.node.log(self.name, "/usr/sbin/mysqld: ready for connections.  port: 3306")
        wanted, self._wanted = self._wanted, []
        for call, args in wanted:
            call(*args)
        self.replica.begin()
        self.tables.begin()

    def when_answering(self, call: Callable[..., None], *args: Any) -> None:
        """Calls a bound method when it answers: now, or at its next start."""
        if self.answering:
            call(*args)
        else:
            self._wanted.append((call, args))

    def kill(self) -> None:
        self._close("signal 9")

    def stop(self) -> None:
        self.answering = False
        self.node.log(self.name, "Received SHUTDOWN from user <via user signal>. Shutting down mysqld.")
        self.after(STOPPING, self._close, "exit 0")

    def vanish(self) -> None:
        self._wanted.clear()
        self._gone()
        super().vanish()

    def _close(self, reason: str) -> None:
        self._gone()
        self.end(reason)
        self.node.world.source_gone(self.node)

    def _gone(self) -> None:
        """No more answers; who was waiting is cut off."""
        self.answering = False
        self.replica.end()
        waiting, self._waiting = self._waiting, []
        for call, args in waiting:
            self.node.world.clock.after(REFUSAL, call, False, *args)

    def thaw(self) -> None:
        super().thaw()
        waiting, self._waiting = self._waiting, []
        for call, args in waiting:
            self.node.world.clock.after(0.002, call, True, *args)

    # -- answers

    def ask(self, call: Callable[..., None], *args: Any) -> None:
        """Asks it something on a new local connection: `call(answered, *args)` when it answers or refuses.

        A frozen server answers when it is thawed: its kernel takes the connection, nobody serves it.
        """
        if self.frozen:
            self._waiting.append((call, args))
        else:
            ok = self.answering
            self.node.world.clock.after(ANSWER if ok else REFUSAL, call, ok, *args)

    def timestamp(self) -> str:
        """The time as it prints a TIMESTAMP(6)."""
        return f"{date(self.node.now):%Y-%m-%d %H:%M:%S.%f}"

    def query(self, statement: str, call: Callable[..., None], *args: Any) -> None:
        """Runs a statement as root on a new local connection: `call(succeeded, *args)` when it is through."""
        self.ask(self._query, statement, call, args)

    def _query(self, ok: bool, statement: str, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        seconds = 0.0
        if ok and statement:
            try:
                seconds = execute(self, statement, root=True).seconds
            except SqlError as error:
                ok = error.number not in _CERTAIN
        if seconds:
            self.after(seconds, call, ok, *args)
        else:
            call(ok, *args)

    def set_read_only(self, read_only: bool, super_read_only: bool) -> None:
        """Whom it refuses writes with error 1290: clients, or root too."""
        if (read_only, super_read_only) == (self.read_only, self.super_read_only):
            return
        self.read_only, self.super_read_only = read_only, super_read_only
        node = self.node
        node.emit(
            e.ReadOnly(at=node.now, node=node.name, read_only=read_only, super_read_only=super_read_only)
        )

    def write(self, client: str, sequence: int, *, counts: bool = False) -> None:
        """Commits a client's numbered row and, if it counts, 1 more on account 1.

        Raises:
            SqlError: 1290, it is read-only.
        """
        self.refuse_if_read_only(root=False)
        table = self.data.tables.get("lab.writes")
        if table is None:
            raise SqlError(1146, "Table 'lab.writes' doesn't exist")
        changes = [self.data.insert(table, (None, client, sequence, self.node.name, None))]
        accounts = self.data.tables.get("lab.accounts") if counts else None
        if counts and accounts is None:
            raise SqlError(1146, "Table 'lab.accounts' doesn't exist")
        if accounts is not None and (row := accounts.rows.get(1)) is not None:
            changes.append(Change("lab.accounts", 1, row, (*row[:2], int(row[2] or 0) + 1)))
        self.data.commit(tuple(changes))
        self.committed()

    def refuse_if_read_only(self, root: bool) -> None:
        """
        Raises:
            SqlError: 1290 for what this user may not write now.
        """
        option = "--super-read-only" if self.super_read_only else "--read-only"
        if self.super_read_only or (self.read_only and not root):
            raise SqlError(
                1290,
                f"The MySQL server is running with the {option} option so it cannot execute this statement",
            )

    def committed(self) -> None:
        """There is something new in the binary log: who follows it hears of it."""
        self.node.world.logged(self.node)
