"""One entry of a host's ARP cache, or of IPv6 its neighbour cache: which machine on its network it takes for
the holder of an address.

A host's packets go where its cache says: that is how a failover reaches it, or does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from hatlab.engine.simulator.network.network import Network, Packet, Port, arp_request
from hatlab.vrrp.arp import ArpPacket

RETRY = 1.0
"""Seconds between two requests for an address that nobody has answered for (Linux: retrans_time)."""
LIFETIME = 30.0 + 5.0 + 3.0
"""Seconds after the last answer until the kernel asks everyone anew: it trusts an entry for half to one and a
half times 30 s (Linux: base_reachable_time; here the middle), is in DELAY for 5 s, then asks that machine
three times, a second apart (delay_first_probe_time, ucast_solicit). Measured on containers: 26.6 s."""
MAX_WAITING = 64
"""Of what waits for an answer, the latest are kept (Linux: unres_qlen_bytes)."""


class ArpEntry:
    """The entry for one address, on one of the host's interfaces."""

    def __init__(self, network: Network, port: Port, address: str) -> None:
        self.network, self.port, self.address = network, port, address
        self.forget()

    def forget(self) -> None:
        """Nothing is known, and nothing waits."""
        self.mac: str | None = None
        """Of the machine; None if it is not known."""
        self.confirmed = 0.0
        """When an answer last came from there, s."""
        self._last_request = -RETRY
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque(maxlen=MAX_WAITING)

    @property
    def holder(self) -> Port | None:
        """The interface that it leads to; None if none has that MAC, or it is not known."""
        return self.network.port_with_mac(self.mac) if self.mac else None

    def confirm(self) -> None:
        """An answer came from there."""
        self.confirmed = self.network.clock.now

    def call_when_resolved(self, call: Callable[..., None], *args: Any) -> None:
        """Call a bound method when the machine is known: now, or once somebody has answered."""
        if self.mac and self.network.clock.now - self.confirmed < LIFETIME:
            call(*args)
            return
        self.mac = None
        self._waiting.append((call, args))
        self.send_request()

    def send_request(self) -> None:
        """Ask everyone on the network for the address, unless it did so just now."""
        now = self.network.clock.now
        if now - self._last_request >= RETRY:
            self._last_request = now
            frame, packet = arp_request(self.port, self.address)
            self.network.send(self.port, frame, packet)

    def receive(self, packet: Packet) -> None:
        """Take the reply to its request, and a gratuitous ARP if the address is known or asked for."""
        if not isinstance(packet, ArpPacket) or packet.sender != self.address:
            return
        if packet.gratuitous:
            accepted = self.mac is not None or bool(self._waiting)
        else:
            asked = packet.target == self.port.source_for(self.address)
            accepted = not packet.request and asked and self.mac is None
        if accepted:
            self.mac = packet.sender_mac
            self.confirm()
            waiting, self._waiting = list(self._waiting), deque(maxlen=MAX_WAITING)
            for call, args in waiting:
                call(*args)
