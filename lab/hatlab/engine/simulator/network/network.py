"""The wire: interfaces on a network, cuts, loss and delay, what each node captures, and the frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_interface
from random import Random
from typing import Any, Protocol

from hatlab.engine.simulator.clock import Clock
from hatlab.events import Event
from hatlab.keepalived.virtual_mac import VirtualMac
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp import arp, codec, ndisc
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.capture import frame_event
from hatlab.vrrp.codec import Advertisement

Packet = Advertisement | ArpPacket
LATENCY = (0.00008, 0.0002)
"""Seconds a frame takes, measured between containers."""


class Station(Protocol):
    """A machine, as the network sees it."""

    name: str
    power: str
    """`on`, `off` or `paused`."""
    server: bool
    """It runs keepalived: a cut separates it from others, and its frames are captured."""
    forwards: bool
    """It hands on packets from one of its networks to another."""
    ports: dict[str, Port]
    """Its interfaces, by network."""
    loopback: Port
    """Its interface to itself, on no network."""

    def receive(self, port: Port, packet: Packet) -> None:
        """A frame arrived at an interface."""

    def refuses(self, address: str) -> bool:
        """True if it drops every packet to an address that it holds."""


@dataclass(frozen=True, slots=True)
class HeldAs:
    """How keepalived set a virtual address."""

    prefix_length: int
    label: str = ""
    vmac: VirtualMac | None = None
    """The interface that it is on; None for the port itself."""


@dataclass(eq=False, slots=True)
class Port:
    """A host's interface on a network."""

    host: Station
    network: str
    device: str
    mac: str
    address: str
    """Its own, which it always holds."""
    ipv6: tuple[str, ...] = ()
    """Its own IPv6 addresses, which a link that goes down takes away: link-local, and of the network's /64;
    none where IPv6 is not spoken."""
    up: bool = True
    addresses: list[str] = field(default_factory=list)
    """Those that it holds, its own first."""
    held_as: dict[str, HeldAs] = field(default_factory=dict)
    """How those are held that keepalived set."""
    vmacs: list[VirtualMac] = field(default_factory=list)
    """Interfaces with a MAC of their own on top of it."""
    drop_percent: float = 0.0
    """Share of frames from servers that is dropped on arrival."""
    delay: float = 0.0
    """Seconds by which what it sends leaves later."""
    last_arrives: float = 0.0
    """When its last frame arrives, s: none overtakes another."""
    manual_drop_percent: float = 0.0
    """Share of IPv4 packets from servers that rules made by hand drop, behind the capture."""
    neighbours: dict[str, Any] = field(default_factory=dict)
    """Its kernel's neighbour table: address → `hatlab.engine.simulator.network.neighbours.Neighbour`."""

    @property
    def ipv6_source(self) -> str:
        """The link-local address that adverts come from; empty where IPv6 is not spoken."""
        return self.ipv6[0] if self.ipv6 else ""

    @property
    def has_link_local(self) -> bool:
        """True if it holds its link-local address: not while its link is down, nor a moment after."""
        return self.ipv6_source in self.addresses

    def source_for(self, address: str) -> str:
        """The own address from which it speaks to another: of the same family, and of the same range."""
        if not is_ipv6(address):
            return self.address
        return self.ipv6[0 if address.startswith("fe80:") else -1] if self.ipv6 else "::"

    def seems_near(self, address: str) -> bool:
        """True if an address is in the prefix of a virtual one of IPv6 that it holds: the kernel takes it to
        be on this network then, whatever other route there is."""
        lengths = [(held, held_as.prefix_length) for held, held_as in self.held_as.items() if is_ipv6(held)]
        return any(ip_address(address) in ip_interface(f"{held}/{n}").network for held, n in lengths)

    @property
    def is_live(self) -> bool:
        """True if frames can leave and arrive."""
        return self.up and self.host.power != "off"

    def accepts(self, address: str) -> bool:
        """True if packets to an address that arrive here are for its machine."""
        return address in self.addresses or address in self.host.loopback.addresses

    def vmac_of(self, address: str) -> VirtualMac | None:
        """Return the interface on top of it that holds an address; None if it does itself."""
        held_as = self.held_as.get(address)
        return held_as.vmac if held_as else None

    def mac_of(self, address: str) -> str:
        """Return the MAC with which it answers for an address that it holds."""
        vmac = self.vmac_of(address)
        return vmac.mac if vmac else self.mac

    def drops(self, sender: Port, chance: float) -> bool:
        """True if a frame of `sender` is lost here; `chance` is a number from 0 to 1."""
        return self.drop_percent > 0 and sender.host.server and chance * 100 < self.drop_percent


class Network:
    """One layer-2 network: every port hears what another sends.

    Args:
        clock, random: the lab's.
        emit: takes what a node captures.
    """

    def __init__(self, name: str, clock: Clock, random: Random, emit: Callable[[Event], None]) -> None:
        self.name, self.clock, self.random, self.emit = name, clock, random, emit
        self.ports: list[Port] = []
        self._learnt: dict[bytes, Port] = {}
        """MAC → the port that last sent with it, as a bridge learns it."""

    def send(self, sender: Port, frame: bytes, packet: Packet, to: Port | None = None) -> None:
        """Put a frame on the wire, for everyone or for one port."""
        if sender.is_live:
            if sender.delay:
                self.clock.call_after(sender.delay, self._transmit, sender, frame, packet, to)
            else:
                self._transmit(sender, frame, packet, to)

    def _transmit(self, sender: Port, frame: bytes, packet: Packet, to: Port | None) -> None:
        if not sender.is_live:
            return
        self._learnt[frame[6:12]] = sender
        if sender.host.server:
            self.emit(frame_event(self.clock.now, sender.host.name, "sent", self.name, frame, packet))
        arrives = self.clock.now + self.random.uniform(*LATENCY)
        sender.last_arrives = max(arrives, sender.last_arrives)
        self.clock.call_at(sender.last_arrives, self._deliver, sender, frame, packet, to)

    def _deliver(self, sender: Port, frame: bytes, packet: Packet, to: Port | None) -> None:
        now, from_server = self.clock.now, sender.host.server
        for port in self.ports if to is None else (to,):
            host = port.host
            if port is sender or not port.up or host.power == "off":
                continue
            if from_server and port.drop_percent and port.drops(sender, self.random.random()):
                continue
            if host.server:
                self.emit(frame_event(now, host.name, "received", self.name, frame, packet))
            if not isinstance(packet, Advertisement) and (known := port.neighbours.get(packet.sender)):
                known.note_announcement()
            host.receive(port, packet)

    def connects(self, sender: Port, receiver: Port) -> bool:
        """True if the two ports can converse: loss slows a conversation down, a cut ends it."""
        if not (sender.is_live and receiver.is_live):
            return False
        manual_drops = max(sender.manual_drop_percent, receiver.manual_drop_percent)
        if sender.host.server and receiver.host.server and manual_drops > 99:
            return False
        return not (receiver.drops(sender, 0.99) or sender.drops(receiver, 0.99))

    def port_with_mac(self, mac: str) -> Port | None:
        """Return the port with this MAC address, or that last sent with it; None if there is none."""
        own = next((port for port in self.ports if port.mac == mac), None)
        return own or self._learnt.get(bytes.fromhex(mac.replace(":", "")))


def advert_frame(**fields: Any) -> tuple[bytes, Advertisement]:
    """Return an advert of these fields of `hatlab.vrrp.codec.encode`, and what a receiver decodes from it."""
    frame = codec.encode(**fields)
    advert = codec.decode(frame)
    assert advert is not None
    return frame, advert


def with_ip_id(frame: bytes, ident: int) -> bytes:
    """Return the frame with an IP identification, which keepalived counts up, and its header checksum mended.
    IPv6 has none.

    RFC 1624: the checksum moves by the ones' complement of what the word moved by, here from 0.
    """
    if frame[12:14] != b"\x08\x00":
        return frame
    ident &= 0xFFFF
    total = (frame[24] << 8 | frame[25]) + 0xFFFF - ident
    total = (total & 0xFFFF) + (total >> 16)
    return frame[:18] + ident.to_bytes(2) + frame[20:24] + total.to_bytes(2) + frame[26:]


@lru_cache(maxsize=256)
def gratuitous_arp(address: str, mac: str) -> tuple[bytes, ArpPacket]:
    """Return a gratuitous ARP, or of IPv6 an unsolicited neighbour advertisement, and what a receiver decodes
    from it."""
    if is_ipv6(address):
        frame = ndisc.announcement(address, mac)
        packet = ndisc.decode(frame)
    else:
        frame = arp.announcement(address, mac)
        packet = arp.decode(frame)
    assert packet is not None
    return frame, packet


def arp_request(asker: Port, address: str) -> tuple[bytes, ArpPacket]:
    """Return `who has address?`, asked by a port: a neighbour solicitation if it is one of IPv6."""
    packet = ArpPacket(True, asker.mac, asker.source_for(address), ndisc.UNKNOWN_MAC, address)
    return ndisc.encode(packet) if is_ipv6(address) else arp.encode(packet), packet


def arp_reply(holder: Port, address: str, request: ArpPacket) -> tuple[bytes, ArpPacket]:
    """Return the reply of a port that holds the address."""
    packet = ArpPacket(False, holder.mac_of(address), address, request.sender_mac, request.sender)
    if is_ipv6(address):
        return ndisc.encode(packet), packet
    return arp.encode(packet, destination_mac=request.sender_mac), packet
