"""The wire: ports on a network, cuts, loss and delay, and what a capture on each node sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from hatlab.vrrp import arp, codec
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.capture import frame_event
from hatlab.vrrp.codec import Advertisement

if TYPE_CHECKING:
    from hatlab.engine.simulator.node import Host
    from hatlab.engine.simulator.world import World

Packet = Advertisement | ArpPacket
LATENCY = (0.00008, 0.0002)
"""Seconds a frame takes, measured between containers."""


@dataclass(eq=False, slots=True)
class Port:
    """A host's interface on a network.

    Attributes:
        addresses: what it holds, its own address first.
        percent: share of frames from servers that is dropped on arrival; None until a filter was ever set.
        by_hand: share of packets from servers that rules made by hand drop, behind the capture.
        delay: seconds by which what it sends leaves later.
    """

    host: Host
    network: str
    device: str
    mac: str
    address: str
    up: bool = True
    addresses: list[str] = field(default_factory=list)
    percent: float = 0.0
    delay: float = 0.0
    by_hand: float = 0.0

    @property
    def lives(self) -> bool:
        """Whether frames can leave and arrive."""
        return self.up and self.host.power != "off"

    def drops(self, sender: Port, chance: float) -> bool:
        """Whether a frame of `sender` dies here; `chance` is a number from 0 to 1."""
        return self.percent > 0 and sender.host.server and chance * 100 < self.percent


class Network:
    """One layer-2 network: every port hears what another sends."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.ports: list[Port] = []

    def send(self, sender: Port, frame: bytes, packet: Packet, to: Port | None = None) -> None:
        """Puts a frame on the wire, for everyone or for one port."""
        if sender.lives:
            if sender.delay:
                self.world.clock.after(sender.delay, self._leave, sender, frame, packet, to)
            else:
                self._leave(sender, frame, packet, to)

    def _leave(self, sender: Port, frame: bytes, packet: Packet, to: Port | None) -> None:
        if not sender.lives:
            return
        world = self.world
        if sender.host.server:
            world.emit(frame_event(world.clock.now, sender.host.name, "sent", self.name, frame, packet))
        world.clock.after(world.random.uniform(*LATENCY), self._arrive, sender, frame, packet, to)

    def _arrive(self, sender: Port, frame: bytes, packet: Packet, to: Port | None) -> None:
        world = self.world
        now, server = world.clock.now, sender.host.server
        for port in self.ports if to is None else (to,):
            host = port.host
            if port is sender or not port.up or host.power == "off":
                continue
            if server and port.percent and port.drops(sender, world.random.random()):
                continue
            if host.server:
                world.emit(frame_event(now, host.name, "received", self.name, frame, packet))
            host.receive(port, packet)

    def reaches(self, sender: Port, receiver: Port) -> bool:
        """Whether a conversation from one port to the other is possible: loss slows it, a cut ends it."""
        if not (sender.lives and receiver.lives):
            return False
        if sender.host.server and receiver.host.server and max(sender.by_hand, receiver.by_hand) > 99:
            return False
        return not (receiver.drops(sender, 0.99) or sender.drops(receiver, 0.99))

    def holder(self, mac: str) -> Port | None:
        """The port with this MAC address."""
        return next((port for port in self.ports if port.mac == mac), None)


@lru_cache(maxsize=512)
def advert_frame(
    version: int,
    vrid: int,
    priority: int,
    addresses: tuple[str, ...],
    source: str,
    interval: float,
    auth_pass: str | None,
    source_mac: str,
    destination: str | None = None,
    destination_mac: str | None = None,
) -> tuple[bytes, Advertisement]:
    """An advert with IP identification 0, and what a receiver decodes from it."""
    frame = codec.encode(
        version=version,
        vrid=vrid,
        priority=priority,
        addresses=addresses,
        source=source,
        interval=interval,
        auth_pass=auth_pass,
        source_mac=source_mac,
        destination=destination,
        destination_mac=destination_mac,
    )
    advert = codec.decode(frame)
    assert advert is not None
    return frame, advert


def numbered(frame: bytes, ident: int) -> bytes:
    """The frame with an IP identification, which keepalived counts up, and its header checksum mended.

    RFC 1624: the checksum moves by the ones' complement of what the word moved by, here from 0.
    """
    ident &= 0xFFFF
    total = (frame[24] << 8 | frame[25]) + 0xFFFF - ident
    total = (total & 0xFFFF) + (total >> 16)
    return frame[:18] + ident.to_bytes(2) + frame[20:24] + total.to_bytes(2) + frame[26:]


def announcement(address: str, mac: str) -> tuple[bytes, ArpPacket]:
    """A gratuitous ARP and what a receiver decodes from it."""
    frame = arp.announcement(address, mac)
    packet = arp.decode(frame)
    assert packet is not None
    return frame, packet


def question(asker: Port, address: str) -> tuple[bytes, ArpPacket]:
    """`who has address?`, asked by a port."""
    packet = ArpPacket(True, asker.mac, asker.address, "00:00:00:00:00:00", address)
    return arp.encode(packet), packet


def answer(holder: Port, address: str, asker: ArpPacket) -> tuple[bytes, ArpPacket]:
    """The reply of a port that holds the address."""
    packet = ArpPacket(False, holder.mac, address, asker.sender_mac, asker.sender)
    return arp.encode(packet, destination_mac=asker.sender_mac), packet
