"""A client: it tries the virtual address on new connections at a fixed rate, and writes numbered rows; or it
pings a host through the virtual address.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.network.arp_cache import Neighbour
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.network.routing import exit_to
from hatlab.engine.simulator.node import Host, Node

if TYPE_CHECKING:
    from hatlab.engine.simulator.world import World

TIMEOUT = 0.5
"""Seconds a try waits for an answer."""
PROBE = (0.0014, 0.0024)
PING = (0.0002, 0.0004)
"""Seconds an answered try takes, measured in containers."""
TURNS = 4
"""Times that the server speaks in a try: each suffers the delay on its way."""


@dataclass(slots=True, eq=False)
class Try:
    """One attempt and, once it is over, its event; `under_way` if a server answers it, only slowly."""

    began: float
    sequence: int | None
    under_way: bool = False
    event: e.Event | None = None


class Client(Host):
    """A client of one virtual address."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        layout = world.layout
        self.spec = layout.topology.clients[name]
        self.target = layout.target(name)
        self.pinged = layout.pinged(name)
        if self.pinged is None:
            self.neighbour = Neighbour(self.port, self.target)
        self.answered = 0
        self._sequence = 0
        self._probes: deque[Try] = deque()
        self._writes: deque[Try] = deque()

    @property
    def port(self) -> Port:
        return self.ports[self.spec.network]

    def begin(self) -> None:
        """Starts its two beats."""
        self.power = "on"
        if self.spec.rate:
            self._probe()
        if self.spec.writes:
            self.world.clock.after(0.013, self._write)

    def reset(self) -> None:
        """Numbering of rows begins again, and so does what it knows of its neighbour."""
        self._sequence = 0
        self.answered = 0
        if self.neighbour:
            self.neighbour.forget()

    # -- beats

    def _probe(self) -> None:
        self.world.clock.after(1 / self.spec.rate, self._probe)
        attempt = Try(self.world.clock.now, None)
        self._probes.append(attempt)
        self._try(attempt)

    def _write(self) -> None:
        self.world.clock.after(1 / self.spec.writes, self._write)
        self._sequence += 1
        attempt = Try(self.world.clock.now, self._sequence)
        self._writes.append(attempt)
        self._try(attempt)

    # -- one try

    def _try(self, attempt: Try) -> None:
        """Asks for the address's place if the cache does not know it, then connects or sends."""
        if self.neighbour is None:
            self._over(attempt, None, "unreachable")
            return
        self.neighbour.seek(self._send if self.pinged else self._connect, attempt)
        if attempt.event is None and not attempt.under_way:
            self.world.clock.at(attempt.began + TIMEOUT, self._timed_out, attempt)

    def _connect(self, attempt: Try) -> None:
        there = self.neighbour.holder if self.neighbour else None
        node = there.host if there else None
        if (
            attempt.event is not None
            or self.neighbour is None
            or there is None
            or not isinstance(node, Node)
            or not there.lives
            or self.target not in there.addresses
            or there.delay >= TIMEOUT
        ):
            return
        if node.mysqld.frozen:
            node.mysqld.ask(self._served, attempt, node)
        elif node.mysqld.answering:
            self.neighbour.prove()
            if there.delay:
                attempt.under_way = True
                self.world.clock.after(there.delay * TURNS, self._serve, attempt, node)
            else:
                self._serve(attempt, node)
        else:
            self.neighbour.prove()
            self._over(attempt, None, "refused")

    def _served(self, ok: bool, attempt: Try, node: Node) -> None:
        """A frozen server came back to life, or died, while the try was waiting."""
        if attempt.event is None:
            if ok:
                self._serve(attempt, node)
            else:
                self._over(attempt, None, "reset")

    def _serve(self, attempt: Try, node: Node) -> None:
        if attempt.event is not None:
            return
        error = ""
        if attempt.sequence is not None:
            try:
                node.mysqld.write(self.name, attempt.sequence, counts=self.spec.workload == "update")
            except SqlError as refused:
                error = f"mysql {refused.number}"
        self._over(attempt, node.name, error)

    def _timed_out(self, attempt: Try) -> None:
        if attempt.event is None:
            self._over(attempt, None, "timeout")

    # -- a ping: to the host by our gateway, and back by the host's

    def _send(self, attempt: Try) -> None:
        first = self.neighbour.holder if self.neighbour else None
        assert self.pinged
        host = self.world.nodes[self.pinged]
        network = host.neighbour.port.network if host.neighbour else ""
        router = first.host if first and first.lives else None
        there = exit_to(first, network)
        if there is not None and host.neighbour is not None and host.ports[network].lives:
            host.neighbour.seek(self._return, attempt, there, host)
        elif (
            attempt.event is None
            and there is None
            and router is not None
            and router.forwards
            and router.icmp.allowed(self.name, self.world.clock.now)
        ):
            self._over(attempt, None, "unreachable")

    def _return(self, attempt: Try, there: Port, host: Node) -> None:
        assert self.neighbour
        assert host.neighbour
        back = exit_to(host.neighbour.holder, self.port.network)
        if attempt.event is not None or back is None:
            return
        self.neighbour.prove()
        host.neighbour.prove()
        delay = there.delay + back.delay
        if delay:
            self.world.clock.after(delay, self._answered_by, attempt, there.host.name)
        else:
            self._over(attempt, there.host.name, "")

    def _answered_by(self, attempt: Try, router: str) -> None:
        if attempt.event is None:
            self._over(attempt, router, "")

    def _over(self, attempt: Try, server: str | None, error: str) -> None:
        """Makes the event; tries are told in the order they began."""
        now, ok = self.world.clock.now, not error
        if attempt.sequence is None:
            usual = PING if self.pinged else PROBE
            took = now - attempt.began + (self.world.random.uniform(*usual) if ok else 0.0)
            self.answered += ok
            attempt.event = e.Probe(
                at=attempt.began,
                client=self.name,
                ok=ok,
                server=server if ok else None,
                latency_ms=round(took * 1000, 3),
                error=error,
                pinged=self.pinged or "",
            )
        else:
            attempt.event = e.Write(
                at=now,
                client=self.name,
                sequence=attempt.sequence,
                ok=ok,
                server=server,
                error=error,
            )
        self._tell(self._probes if attempt.sequence is None else self._writes)

    def _tell(self, tries: deque[Try]) -> None:
        """Tells what is over; a row that will have been acknowledged in a moment is told then."""
        while tries and (done := tries[0].event) is not None:
            if done.at > self.world.clock.now:
                self.world.clock.at(done.at, self._tell, tries)
                return
            tries.popleft()
            self.world.emit(done)

    def find_server(self) -> Generator[None, None, Node | None]:
        """The node that its ARP cache leads to, after asking if need be; None if nobody holds the address."""
        if self.neighbour is None:
            return None
        began = self.world.clock.now
        if self.neighbour.mac is None:
            self.neighbour.ask()
            while self.neighbour.mac is None and self.world.clock.now < began + 1:
                yield
        there = self.neighbour.holder
        if there is None or not there.lives or self.target not in there.addresses:
            return None
        return there.host if isinstance(there.host, Node) else None
