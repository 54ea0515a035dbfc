"""An entry of a host's ARP cache: which machine on its network it takes for the holder of an address.

Where a host's packets go is what its cache says: that is how a failover reaches it, or does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from hatlab.engine.simulator.network.network import Network, Packet, Port, question
from hatlab.vrrp.arp import ArpPacket

ASK_AGAIN = 1.0
"""Seconds between two questions for an address that nobody has answered for (Linux: retrans_time)."""
FORGET = 30.0 + 5.0 + 3.0
"""Seconds after the last answer until the kernel asks everyone anew: it trusts an entry for half to one and a
half times 30 s (Linux: base_reachable_time; here the middle), is in DELAY for 5 s, then asks that machine
three times, a second apart (delay_first_probe_time, ucast_solicit). Measured on containers: 26.6 s."""
QUEUE = 64
"""Of what waits for an answer, the latest are kept (Linux: unres_qlen_bytes)."""


class Neighbour:
    """The entry for one address, on one of the host's interfaces.

    Attributes:
        mac: of the machine; None if it is not known.
        proven: when an answer last came from there.
    """

    def __init__(self, port: Port, address: str) -> None:
        self.port, self.address = port, address
        self.forget()

    def forget(self) -> None:
        """Nothing is known, and nothing waits."""
        self.mac: str | None = None
        self.proven = 0.0
        self._asked = -ASK_AGAIN
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque(maxlen=QUEUE)

    @property
    def holder(self) -> Port | None:
        """The interface that it leads to; None if none has that MAC, or it is not known."""
        return self._network.holder(self.mac) if self.mac else None

    def prove(self) -> None:
        """An answer came from there."""
        self.proven = self._now

    def seek(self, call: Callable[..., None], *args: Any) -> None:
        """Calls a bound method when the machine is known: now, or once somebody answered."""
        if self.mac and self._now - self.proven < FORGET:
            call(*args)
            return
        self.mac = None
        self._waiting.append((call, args))
        self.ask()

    def ask(self) -> None:
        """Asks everyone on the network for the address, unless it did so just now."""
        if self._now - self._asked >= ASK_AGAIN:
            self._asked = self._now
            frame, packet = question(self.port, self.address)
            self._network.send(self.port, frame, packet)

    def receive(self, packet: Packet) -> None:
        """Takes the reply to its question, and a gratuitous ARP if the address is known or asked for."""
        if not isinstance(packet, ArpPacket) or packet.sender != self.address:
            return
        if packet.gratuitous:
            takes = self.mac is not None or bool(self._waiting)
        else:
            takes = not packet.request and packet.target == self.port.address and self.mac is None
        if takes:
            self.mac = packet.sender_mac
            self.prove()
            waiting, self._waiting = list(self._waiting), deque(maxlen=QUEUE)
            for call, args in waiting:
                call(*args)

    @property
    def _now(self) -> float:
        return self.port.host.world.clock.now

    @property
    def _network(self) -> Network:
        return self.port.host.world.networks[self.port.network]
