"""A replica: the receiver that fetches another server's binary log, and the applier that makes its changes.

The connection's constants are those of the lab's `CHANGE REPLICATION SOURCE`: retry every 2 s, heartbeat 2 s,
replica_net_timeout 6 s.
"""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.engine.simulator.mysql.interface import DatabaseServer
from hatlab.engine.simulator.mysql.storage import SqlError, Value

POLL = 0.5
"""Seconds between two looks at the replica's state."""
CONNECT = 0.15
"""Seconds that a connection to the source takes."""
RETRY = 2.0
HEARTBEAT = 2.0
NET_TIMEOUT = 6.0
TRANSFER = 0.002
"""Seconds from a commit on the source to its arrival here."""
MYSQL_PORT = 3306
_CONNECTION_ERRORS = {2003, 2013}


class Replica:
    """Receiver and applier of one server. Both are off without a source."""

    def __init__(self, server: DatabaseServer) -> None:
        self.server = server
        self.receiver = False
        """The receiver is connected to the source."""
        self.applier = False
        """The applier runs."""
        self._enabled = True
        """STOP REPLICA turns it off, START REPLICA on."""
        self.errno, self.error = 0, ""
        self._port = MYSQL_PORT
        """Where it asks its source."""
        self._position = 0
        """Transactions of the source's binary log that were read."""
        self._last_heard = 0.0
        self._attempts = 0
        self._generation = 0
        """Counts the server's starts and ends: what was scheduled before is void."""
        self._last_event: e.Replication | None = None

    # -- the server's life and the source's

    def on_server_start(self) -> None:
        """mysqld answers: its replica starts."""
        if self.server.source is None:
            return
        self._generation += 1
        self.applier = self._enabled and not self.errno
        self._attempts = 0
        self.server.call_after(CONNECT, self._try_to_connect, self._generation)
        self.server.call_after(POLL / 2, self._poll, self._generation)

    def on_server_end(self) -> None:
        """mysqld is gone."""
        self._generation += 1
        self.receiver = self.applier = False
        self._last_event = None

    def on_source_end(self) -> None:
        """The source's process ended: its kernel closes the connection, if it can be heard."""
        if self.receiver and self._reaches_source():
            self._disconnect()

    def on_source_commit(self) -> None:
        """The source has something new."""
        if self.receiver:
            self.server.call_after(TRANSFER, self._fetch_transactions, self._generation)

    # -- the receiver

    @property
    def _network_name(self) -> str:
        layout = self.server.node.environment.layout
        return layout.topology.replication.network or layout.network_names[0]

    def _reaches_source(self) -> bool:
        """True if frames of source and replica reach each other."""
        source, node = self.server.source, self.server.node
        assert source is not None
        network = self._network_name
        port, source_port = node.ports.get(network), source.node.ports.get(network)
        return bool(port and source_port and node.environment.networks[network].connects(source_port, port))

    def _try_to_connect(self, generation: int) -> None:
        """One attempt of the receiver."""
        source = self.server.source
        if generation != self._generation or self.receiver or source is None or not self._enabled:
            return
        self._attempts += 1
        is_heard = self._port == MYSQL_PORT and source.answering and not source.frozen
        if self._reaches_source() and is_heard:
            self.receiver, self._last_heard, self._attempts = True, self.server.node.now, 0
            if self.errno in _CONNECTION_ERRORS:
                self.errno, self.error = 0, ""
            self._position = 0
            self._fetch_transactions(generation)
            return
        if not self.errno or self.errno in _CONNECTION_ERRORS:
            code = 111 if self._reaches_source() else 110
            address = source.node.ports[self._network_name].address
            self.errno = 2003
            self.error = (
                f"Error connecting to source 'replica@{address}:{self._port}'. This was attempt "
                f"{self._attempts}/86400, with a delay of 2 seconds between attempts. Message: Can't connect "
                f"to MySQL server on '{address}:{self._port}' ({code})"
            )
        self.server.call_after(RETRY, self._try_to_connect, generation)

    def _disconnect(self) -> None:
        self.receiver = False
        self.server.call_after(0.0, self._try_to_connect, self._generation)

    def _fetch_transactions(self, generation: int) -> None:
        """Take what is new in the source's binary log and apply it."""
        source = self.server.source
        if generation != self._generation or not self.receiver or source is None:
            return
        if not self._reaches_source() or source.frozen or not self.applier:
            return
        data, log = self.server.data, source.data.binlog
        applied = False
        while self._position < len(log):
            transaction = log[self._position]
            if transaction.number > data.executed.get(transaction.uuid, 0):
                try:
                    data.apply(transaction)
                except SqlError as error:
                    self.applier, self.errno, self.error = False, error.number, error.message
                    break
                applied = True
            self._position += 1
        if applied:
            self.server.notify_replicas()

    def _poll(self, generation: int) -> None:
        """Notice a silent source, fetch what waited for a mended link, and emit what changed."""
        source = self.server.source
        if generation != self._generation or source is None:
            return
        now = self.server.node.now
        self.server.call_after(POLL, self._poll, generation)
        if self.receiver:
            if self._reaches_source() and not source.frozen and source.answering:
                if now - self._last_heard >= HEARTBEAT:
                    self._last_heard = now
                self._fetch_transactions(generation)
            elif now - self._last_heard >= NET_TIMEOUT:
                self._disconnect()
        self._emit_if_changed()

    def _emit_if_changed(self) -> None:
        node = self.server.node
        event = e.Replication(
            at=node.now,
            node=node.name,
            receiver=self.receiver,
            applier=self.applier,
            errno=self.errno,
            error=self.error,
            gtid_executed=self.server.data.gtid_executed,
        )
        if self._last_event is None or event != replace(self._last_event, at=event.at):
            self._last_event = event
            node.emit(event)

    # -- SQL

    def start(self) -> None:
        """START REPLICA: clears an applier's error and goes on."""
        self._enabled = True
        self.errno, self.error, self.applier = 0, "", True
        if not self.receiver:
            self.server.call_after(CONNECT, self._try_to_connect, self._generation)
        else:
            self._fetch_transactions(self._generation)

    def stop(self) -> None:
        """STOP REPLICA."""
        self._enabled = False
        self.receiver = self.applier = False

    def change_port(self, port: int) -> None:
        """CHANGE REPLICATION SOURCE TO SOURCE_PORT.

        Raises:
            SqlError: 3021, the receiver runs or tries to.
        """
        if self._enabled:
            told = "run STOP REPLICA IO_THREAD FOR CHANNEL '' first."
            raise SqlError(
                3021, f"This operation cannot be performed with a running replica io thread; {told}"
            )
        self._port = port

    def status(self) -> dict[str, Value]:
        """Return the row of SHOW REPLICA STATUS: those of its columns that the simulator knows; empty if it
        replicates nothing."""
        source = self.server.source
        if source is None:
            return {}
        layout = self.server.node.environment.layout
        trouble = self.errno in _CONNECTION_ERRORS
        io = "Yes" if self.receiver else "Connecting" if trouble or self._enabled else "No"
        states = {"Yes": "Waiting for source to send event", "No": ""}
        return {
            "Replica_IO_State": states.get(io, "Connecting to source"),
            "Source_Host": layout.address(source.node.name, self._network_name),
            "Source_User": "replica",
            "Source_Port": self._port,
            "Connect_Retry": 2,
            "Replica_IO_Running": io,
            "Replica_SQL_Running": "Yes" if self.applier else "No",
            "Last_Errno": 0 if trouble else self.errno,
            "Last_Error": "" if trouble else self.error,
            "Seconds_Behind_Source": 0 if self.receiver and self.applier else None,
            "Last_IO_Errno": self.errno if trouble else 0,
            "Last_IO_Error": self.error if trouble else "",
            "Last_SQL_Errno": 0 if trouble else self.errno,
            "Last_SQL_Error": "" if trouble else self.error,
            "Source_Server_Id": layout.topology.nodes[source.node.name].octet,
            "Source_UUID": source.data.uuid,
            "Executed_Gtid_Set": self.server.data.gtid_executed,
            "Auto_Position": 1,
        }
