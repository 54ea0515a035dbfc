"""ARP over Ethernet for IPv4 (RFC 826), with the gratuitous kind that moves a virtual address.

A new Master announces each of its addresses with a gratuitous ARP: sender and target are the same
address, so every switch and neighbour learns where it lives now.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from socket import inet_ntoa
from struct import Struct

from hatlab.vrrp.codec import payload

BROADCAST = "ff:ff:ff:ff:ff:ff"
_ARP = 0x0806
_FIXED = bytes.fromhex("0001080006 04".replace(" ", ""))
_arp = Struct("!6sH6s4s6s4s")
_REQUEST, _REPLY = 1, 2


@dataclass(frozen=True, slots=True)
class ArpPacket:
    """Who says it holds what, and whom it asks or tells."""

    request: bool
    sender_mac: str
    sender: str
    target_mac: str
    target: str

    @property
    def gratuitous(self) -> bool:
        """Announces its own address to everyone (RFC 5227 §3: sender and target are the same)."""
        return self.sender == self.target


def decode(frame: bytes) -> ArpPacket | None:
    """The ARP request or reply in an Ethernet frame; None for anything else or a short one. Never raises."""
    kind, at = payload(frame)
    if kind != _ARP or len(frame) < at + _arp.size:
        return None
    fixed, operation, sender_mac, sender, target_mac, target = _arp.unpack_from(frame, at)
    if fixed != _FIXED or operation not in (_REQUEST, _REPLY):
        return None
    return ArpPacket(
        operation == _REQUEST, sender_mac.hex(":"), inet_ntoa(sender), target_mac.hex(":"), inet_ntoa(target)
    )


def encode(packet: ArpPacket, *, destination_mac: str = BROADCAST) -> bytes:
    """A whole Ethernet frame with this packet in it.

    Raises:
        ValueError: an address does not parse.
    """
    sender_mac, target_mac, to = (
        bytes.fromhex(mac.replace(":", "")) for mac in (packet.sender_mac, packet.target_mac, destination_mac)
    )
    if not len(sender_mac) == len(target_mac) == len(to) == 6:
        raise ValueError("a MAC address has six bytes")
    operation = _REQUEST if packet.request else _REPLY
    sender, target = (IPv4Address(address).packed for address in (packet.sender, packet.target))
    body = _arp.pack(_FIXED, operation, sender_mac, sender, target_mac, target)
    return to + sender_mac + _ARP.to_bytes(2) + body


def announcement(address: str, mac: str) -> bytes:
    """The gratuitous ARP that keepalived sends for a virtual address: a request, sender = target."""
    return encode(ArpPacket(True, mac, address, BROADCAST, address))
