"""A client: it tries the virtual address on new connections at a fixed rate, and writes numbered rows.

Where a try goes is what its ARP cache says: that is how a failover reaches a client, or does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import events as e
from lab.engine.simulator.data import SqlError
from lab.engine.simulator.network import Packet, Port, question
from lab.engine.simulator.node import Host, Node
from lab.vrrp.arp import ArpPacket

if TYPE_CHECKING:
    from lab.engine.simulator.world import World

TIMEOUT = 0.5
"""Seconds a try waits for an answer."""
PROBE = (0.0014, 0.0024)
WRITE = (0.004, 0.008)
"""Seconds an answered try takes, measured in containers."""
ASK_AGAIN = 1.0
"""Seconds between two questions for an address that nobody has answered for (Linux: retrans_time)."""
TURNS = 4
"""Times that the server speaks in a try: each suffers the delay on its way."""
FORGET = 8.0
"""Seconds of unanswered tries after which the kernel distrusts an ARP entry and asks again: 5 s DELAY, then 3
unicast questions a second apart (Linux: delay_first_probe_time, ucast_solicit)."""


@dataclass(slots=True)
class Neighbour:
    """An entry of the ARP cache; `proven` is when an answer last came from there."""

    mac: str
    proven: float


@dataclass(slots=True, eq=False)
class Try:
    """One attempt and, once it is over, its event."""

    began: float
    sequence: int | None
    event: e.Event | None = None


class Client(Host):
    """A client of one virtual address."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.spec = world.layout.topology.clients[name]
        vips = world.layout.vips(self.spec.target)
        on_own = [a for a, n in vips if n == self.spec.network]
        self.target = (on_own or [vips[0][0]])[0]
        self.neighbours: dict[str, Neighbour] = {}
        self.answered = 0
        self._sequence = 0
        self._asked = -ASK_AGAIN
        self._unresolved: list[Try] = []
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
        """Numbering of rows begins again, and so does what it knows of neighbours."""
        self._sequence = 0
        self.answered = 0
        self._asked = -ASK_AGAIN
        self.neighbours.clear()

    def receive(self, port: Port, packet: Packet) -> None:
        """Replies to its questions, and gratuitous ARPs for an address it knows or is asking for."""
        if not isinstance(packet, ArpPacket):
            return
        known = self.neighbours.get(packet.sender)
        if packet.gratuitous:
            takes = known is not None or bool(self._unresolved)
        else:
            takes = not packet.request and packet.target == port.address and known is None
        if takes:
            self.neighbours[packet.sender] = Neighbour(packet.sender_mac, self.world.clock.now)
            unresolved, self._unresolved = self._unresolved, []
            for attempt in unresolved:
                if attempt.event is None:
                    self._connect(attempt)

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
        """Asks for the address's place if the cache does not know it, then connects."""
        known = self.neighbours.get(self.target)
        now = self.world.clock.now
        if known is not None and now - known.proven < FORGET:
            self._connect(attempt)
            return
        self.neighbours.pop(self.target, None)
        self._unresolved.append(attempt)
        self._wait_in_vain(attempt)
        if now - self._asked >= ASK_AGAIN:
            self._asked = now
            frame, packet = question(self.port, self.target)
            self.world.networks[self.port.network].send(self.port, frame, packet)

    def _connect(self, attempt: Try) -> None:
        known = self.neighbours.get(self.target)
        there = self.world.networks[self.port.network].holder(known.mac) if known else None
        node = there.host if there else None
        if (
            known is None
            or there is None
            or not isinstance(node, Node)
            or not there.lives
            or self.target not in there.addresses
            or there.delay >= TIMEOUT
        ):
            self._wait_in_vain(attempt)
        elif node.mysqld.frozen:
            node.mysqld.ask(self._served, attempt, node)
            self._wait_in_vain(attempt)
        elif node.mysqld.answering:
            known.proven = self.world.clock.now
            if there.delay:
                self.world.clock.after(there.delay * TURNS, self._serve, attempt, node)
            else:
                self._serve(attempt, node)
        else:
            known.proven = self.world.clock.now
            self._over(attempt, None, "refused")

    def _served(self, ok: bool, attempt: Try, node: Node) -> None:
        """A frozen server came back to life, or died, while the try was waiting."""
        if attempt.event is None:
            if ok:
                self._serve(attempt, node)
            else:
                self._over(attempt, None, "reset")

    def _serve(self, attempt: Try, node: Node) -> None:
        error = ""
        if attempt.sequence is not None:
            try:
                node.mysqld.write(self.name, attempt.sequence)
            except SqlError as refused:
                error = f"mysql {refused.number}"
        self._over(attempt, node.name, error)

    def _wait_in_vain(self, attempt: Try) -> None:
        self.world.clock.at(attempt.began + TIMEOUT, self._timed_out, attempt)

    def _timed_out(self, attempt: Try) -> None:
        if attempt in self._unresolved:
            self._unresolved.remove(attempt)
        if attempt.event is None:
            self._over(attempt, None, "timeout")

    def _over(self, attempt: Try, server: str | None, error: str) -> None:
        """Makes the event; tries are told in the order they began."""
        now, ok = self.world.clock.now, not error
        took = now - attempt.began
        if ok:
            took += self.world.random.uniform(*(PROBE if attempt.sequence is None else WRITE))
        if attempt.sequence is None:
            self.answered += ok
            attempt.event = e.Probe(
                at=attempt.began,
                client=self.name,
                ok=ok,
                server=server if ok else None,
                latency_ms=round(took * 1000, 3),
                error=error,
            )
        else:
            attempt.event = e.Write(
                at=attempt.began + took,
                client=self.name,
                sequence=attempt.sequence,
                ok=ok,
                server=server,
                error=error,
            )
        self._tell(self._probes if attempt.sequence is None else self._writes)

    def _tell(self, tries: deque[Try]) -> None:
        while tries and tries[0].event is not None:
            done = tries.popleft().event
            assert done is not None
            self.world.emit(done)

    def find_server(self) -> Generator[None, None, Node | None]:
        """The node that its ARP cache leads to, after asking if need be; None if nobody holds the address."""
        attempt = Try(self.world.clock.now, None)
        if self.target not in self.neighbours:
            self._unresolved.append(attempt)
            frame, packet = question(self.port, self.target)
            self.world.networks[self.port.network].send(self.port, frame, packet)
            while self.target not in self.neighbours and self.world.clock.now < attempt.began + 1:
                yield
            if attempt in self._unresolved:
                self._unresolved.remove(attempt)
        known = self.neighbours.get(self.target)
        there = self.world.networks[self.port.network].holder(known.mac) if known else None
        if there is None or not there.lives or self.target not in there.addresses:
            return None
        return there.host if isinstance(there.host, Node) else None
