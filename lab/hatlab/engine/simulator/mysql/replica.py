"""A replica: the receiver that fetches another server's binary log, and the applier that makes its changes.

The connection's constants are those of the lab's `CHANGE REPLICATION SOURCE`: retry every 2 s, heartbeat 2 s,
replica_net_timeout 6 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.engine.simulator.mysql.storage import SqlError

if TYPE_CHECKING:
    from hatlab.engine.simulator.mysql.server import Mysqld
    from hatlab.engine.simulator.node import Node

LOOK = 0.5
"""Seconds between two looks at the replica's state."""
CONNECT = 0.15
RETRY = 2.0
HEARTBEAT = 2.0
NET_TIMEOUT = 6.0
TRANSFER = 0.002


class Replica:
    """Receiver and applier of one server. Both are off without a source."""

    def __init__(self, server: Mysqld) -> None:
        self.server = server
        self.receiver = False
        self.applier = False
        self.wanted = {"receiver": True, "applier": True}
        """What START and STOP REPLICA asked for."""
        self.errno, self.error = 0, ""
        self._position = 0
        self._heard = 0.0
        self._attempts = 0
        self._life = 0
        self._told: e.Replication | None = None

    @property
    def source(self) -> Node | None:
        """The node it follows, None without replication."""
        node = self.server.node
        source = node.world.layout.source_of(node.name)
        return node.world.nodes[source] if source else None

    @property
    def _network(self) -> str:
        layout = self.server.node.world.layout
        return layout.topology.replication.network or layout.network_names[0]

    def begin(self) -> None:
        """mysqld answers: its replica starts."""
        if self.source is None:
            return
        self._life += 1
        self.applier = self.wanted["applier"] and not self.errno
        self._attempts = 0
        self.server.after(CONNECT, self._connect, self._life)
        self.server.after(LOOK / 2, self._look, self._life)

    def end(self) -> None:
        """mysqld is gone."""
        self._life += 1
        self.receiver = self.applier = False
        self._told = None

    def _reachable(self) -> bool:
        """Whether frames of source and replica reach each other."""
        source, node = self.source, self.server.node
        assert source is not None
        network = self._network
        ports = node.ports.get(network), source.ports.get(network)
        return bool(ports[0] and ports[1] and node.world.networks[network].reaches(ports[1], ports[0]))

    def _connect(self, life: int) -> None:
        """One attempt of the receiver."""
        source = self.source
        if life != self._life or self.receiver or source is None or not self.wanted["receiver"]:
            return
        self._attempts += 1
        if self._reachable() and source.mysqld.answering and not source.mysqld.frozen:
            self.receiver, self._heard, self._attempts = True, self.server.node.now, 0
            if self.errno in (2003, 2013):
                self.errno, self.error = 0, ""
            self._position = 0
            self.fetch(life)
            return
        if not self.errno or self.errno in (2003, 2013):
            code = 111 if self._reachable() else 110
            address = source.ports[self._network].address
            self.errno = 2003
            self.error = (
                f"Error connecting to source 'replica@{address}:3306'. This was attempt "
                f"{self._attempts}/86400, with a delay of 2 seconds between attempts. Message: Can't connect "
                f"to MySQL server on '{address}:3306' ({code})"
            )
        self.server.after(RETRY, self._connect, life)

    def source_gone(self) -> None:
        """The source's process ended: its kernel closes the connection, if it can be heard."""
        if self.receiver and self._reachable():
            self._lose()

    def _lose(self) -> None:
        self.receiver = False
        self.server.after(0.0, self._connect, self._life)

    def logged(self) -> None:
        """The source has something new."""
        if self.receiver:
            self.server.after(TRANSFER, self.fetch, self._life)

    def fetch(self, life: int) -> None:
        """Takes what is new in the source's binary log and applies it."""
        source = self.source
        if life != self._life or not self.receiver or source is None or not self._reachable():
            return
        if source.mysqld.frozen or not self.applier:
            return
        data = self.server.data
        log = source.mysqld.data.binlog
        applied = 0
        while self._position < len(log):
            transaction = log[self._position]
            if transaction.number > data.executed.get(transaction.uuid, 0):
                try:
                    data.apply(transaction)
                except SqlError as error:
                    self.applier, self.errno, self.error = False, error.number, error.message
                    break
                applied += 1
            self._position += 1
        if applied:
            self.server.node.world.logged(self.server.node)

    def _look(self, life: int) -> None:
        """Notices a silent source, fetches what waited for a mended link, and tells what changed."""
        source = self.source
        if life != self._life or source is None:
            return
        now = self.server.node.now
        self.server.after(LOOK, self._look, life)
        if self.receiver:
            if self._reachable() and not source.mysqld.frozen and source.mysqld.answering:
                if now - self._heard >= HEARTBEAT:
                    self._heard = now
                self.fetch(life)
            elif now - self._heard >= NET_TIMEOUT:
                self._lose()
        self.tell()

    def start(self) -> None:
        """START REPLICA: clears an applier's error and goes on."""
        self.wanted = {"receiver": True, "applier": True}
        self.errno, self.error, self.applier = 0, "", True
        if not self.receiver:
            self.server.after(CONNECT, self._connect, self._life)
        else:
            self.fetch(self._life)

    def stop(self) -> None:
        """STOP REPLICA."""
        self.wanted = {"receiver": False, "applier": False}
        self.receiver = self.applier = False

    def tell(self) -> None:
        """A `replication` event, if something changed."""
        node, told = self.server.node, self._told
        gtid = self.server.data.gtid_executed
        if told is not None and (told.receiver, told.applier, told.errno, told.error, told.gtid_executed) == (
            self.receiver,
            self.applier,
            self.errno,
            self.error,
            gtid,
        ):
            return
        self._told = e.Replication(
            at=node.now,
            node=node.name,
            receiver=self.receiver,
            applier=self.applier,
            errno=self.errno,
            error=self.error,
            gtid_executed=gtid,
        )
        node.emit(self._told)
