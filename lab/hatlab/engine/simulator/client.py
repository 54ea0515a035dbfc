"""A client: it tries the virtual address on new connections at a fixed rate, and writes numbered rows; or it
pings a host through the virtual address.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass

from hatlab import events as e
from hatlab.engine.simulator.environment import Environment
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.network.arp_cache import ArpEntry
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.network.routing import forwarding_port
from hatlab.engine.simulator.node import Host, Node

TIMEOUT = 0.5
"""Seconds an attempt waits for an answer."""
PROBE = (0.0014, 0.0024)
PING = (0.0002, 0.0004)
"""Seconds an answered attempt takes, measured in containers."""
SERVER_TURNS = 4
"""Times that the server speaks in an attempt: each suffers the delay on its way."""
FIRST_WRITE = 0.013
"""Seconds from the first probe to the first row."""


@dataclass(slots=True, eq=False)
class Attempt:
    """One probe, ping or write."""

    began: float
    sequence: int | None
    """The number of the row to write; None for a probe."""
    under_way: bool = False
    """A server answers it, only slowly."""
    event: e.Event | None = None
    """Its outcome, once it is over."""


class Client(Host):
    """A client of one virtual address.

    Args:
        pinged: the host that it pings in place of asking a server.
    """

    def __init__(self, environment: Environment, name: str, pinged: Host | None) -> None:
        super().__init__(environment, name)
        layout = environment.layout
        self.spec = layout.topology.clients[name]
        self.target = layout.target_address(name)
        self.pinged = pinged
        if pinged is None:
            network = environment.networks[self.port.network]
            self.next_hop = ArpEntry(network, self.port, self.target)
        self.answered = 0
        """Probes that were answered so far."""
        self._sequence = 0
        self._probes: deque[Attempt] = deque()
        self._writes: deque[Attempt] = deque()

    @property
    def port(self) -> Port:
        """The interface that it uses."""
        return self.ports[self.spec.network]

    def start(self) -> None:
        """Begin to probe and to write."""
        self.power = "on"
        if self.spec.rate:
            self._probe()
        if self.spec.writes:
            self.environment.clock.call_after(FIRST_WRITE, self._write)

    def reset(self) -> None:
        """Numbering of rows begins again, and what it knew of its next hop is forgotten."""
        self._sequence = 0
        self.answered = 0
        if self.next_hop:
            self.next_hop.forget()

    # -- the beats

    def _probe(self) -> None:
        clock = self.environment.clock
        clock.call_after(1 / self.spec.rate, self._probe)
        attempt = Attempt(clock.now, None)
        self._probes.append(attempt)
        self._begin_attempt(attempt)

    def _write(self) -> None:
        clock = self.environment.clock
        clock.call_after(1 / self.spec.writes, self._write)
        self._sequence += 1
        attempt = Attempt(clock.now, self._sequence)
        self._writes.append(attempt)
        self._begin_attempt(attempt)

    def _begin_attempt(self, attempt: Attempt) -> None:
        """Ask who holds the address if the cache does not know, then connect or ping."""
        if self.next_hop is None:
            self._finish_attempt(attempt, None, "unreachable")
            return
        self.next_hop.call_when_resolved(self._ping if self.pinged else self._connect, attempt)
        if attempt.event is None and not attempt.under_way:
            when = attempt.began + TIMEOUT
            self.environment.clock.call_at(when, self._finish_attempt, attempt, None, "timeout")

    # -- a connection to mysqld

    def _holder(self) -> Port | None:
        """Return the live interface to which its ARP cache leads, if the address is there."""
        port = self.next_hop.holder if self.next_hop else None
        return port if port and port.is_live and port.accepts(self.target) else None

    def _connect(self, attempt: Attempt) -> None:
        port = self._holder()
        if attempt.event is not None or self.next_hop is None or port is None or port.delay >= TIMEOUT:
            return
        node = port.host
        if not isinstance(node, Node) or node.refuses(self.target):
            return
        if node.mysqld.frozen:
            node.mysqld.connect(self._on_late_answer, attempt, node)
            return
        self.next_hop.confirm()
        if not node.mysqld.answering:
            self._finish_attempt(attempt, None, "refused")
        elif port.delay:
            attempt.under_way = True
            self.environment.clock.call_after(port.delay * SERVER_TURNS, self._ask_server, attempt, node)
        else:
            self._ask_server(attempt, node)

    def _on_late_answer(self, accepted: bool, attempt: Attempt, node: Node) -> None:
        """A frozen server came back to life, or died, while the attempt was waiting."""
        if accepted:
            self._ask_server(attempt, node)
        else:
            self._finish_attempt(attempt, None, "reset")

    def _ask_server(self, attempt: Attempt, node: Node) -> None:
        if attempt.event is not None:
            return
        error = ""
        if attempt.sequence is not None:
            try:
                node.mysqld.write_row(self.name, attempt.sequence, update=self.spec.workload == "update")
            except SqlError as refusal:
                error = f"mysql {refusal.number}"
        self._finish_attempt(attempt, node.name, error)

    # -- a ping: to the host by our gateway, and back by the host's

    def _ping(self, attempt: Attempt) -> None:
        assert self.pinged
        gateway = self.next_hop.holder if self.next_hop else None
        router = gateway.host if gateway and gateway.is_live else None
        way_back = self.pinged.next_hop
        network = way_back.port.network if way_back else ""
        way_out = forwarding_port(gateway, network)
        if way_out is not None and way_back is not None and way_back.port.is_live:
            way_back.call_when_resolved(self._pong, attempt, way_out, way_back)
        elif (
            attempt.event is None
            and way_out is None
            and isinstance(router, Host)
            and router.forwards
            and router.icmp.allow(self.name, self.environment.clock.now)
        ):
            self._finish_attempt(attempt, None, "unreachable")

    def _pong(self, attempt: Attempt, way_out: Port, way_back: ArpEntry) -> None:
        assert self.next_hop
        back = forwarding_port(way_back.holder, self.port.network)
        if attempt.event is not None or back is None:
            return
        self.next_hop.confirm()
        way_back.confirm()
        delay = way_out.delay + back.delay
        if delay:
            self.environment.clock.call_after(delay, self._finish_attempt, attempt, way_out.host.name, "")
        else:
            self._finish_attempt(attempt, way_out.host.name, "")

    # -- the end of an attempt

    def _finish_attempt(self, attempt: Attempt, server: str | None, error: str) -> None:
        """Make the event, if it has none yet; attempts are told in the order in which they began."""
        if attempt.event is not None:
            return
        now, ok = self.environment.clock.now, not error
        if attempt.sequence is None:
            usual = PING if self.pinged else PROBE
            took = now - attempt.began + (self.environment.random.uniform(*usual) if ok else 0.0)
            self.answered += ok
            attempt.event = e.Probe(
                at=attempt.began,
                client=self.name,
                ok=ok,
                server=server if ok else None,
                latency_ms=round(took * 1000, 3),
                error=error,
                pinged=self.pinged.name if self.pinged else "",
            )
        else:
            attempt.event = e.Write(
                at=now, client=self.name, sequence=attempt.sequence, ok=ok, server=server, error=error
            )
        self._emit_finished(self._probes if attempt.sequence is None else self._writes)

    def _emit_finished(self, attempts: deque[Attempt]) -> None:
        """Emit what is over; a row that will have been acknowledged in a moment is emitted then."""
        while attempts and (event := attempts[0].event) is not None:
            if event.at > self.environment.clock.now:
                self.environment.clock.call_at(event.at, self._emit_finished, attempts)
                return
            attempts.popleft()
            self.environment.emit(event)

    def find_server(self) -> Generator[bool, None, Node | None]:
        """Return the node that its ARP cache leads to, after asking if need be; None if nobody holds the
        address. Yields while it waits, True when it has only looked."""
        if self.next_hop is None:
            return None
        clock = self.environment.clock
        began = clock.now
        if self.next_hop.mac is None:
            self.next_hop.send_request()
            looks_again = False
            while self.next_hop.mac is None and clock.now < began + 1:
                yield looks_again
                looks_again = True
        port = self._holder()
        node = port.host if port else None
        return node if isinstance(node, Node) and not node.refuses(self.target) else None
