"""A frame of any link type as an untagged Ethernet frame, which is what the codecs read.

Link types (tcpdump.org/linktypes.html): 1 Ethernet; 101 IP, of tunnels, also under the numbers that systems
use among themselves (12, 14) and of one version alone (228, 229); 113 and 276 "Linux cooked", which is what
`tcpdump -i any` writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

ETHERNET, COOKED, COOKED_2 = 1, 113, 276
IP = frozenset({12, 14, 101, 228, 229})
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
VLAN_TAGS = frozenset({b"\x81\x00", b"\x88\xa8", b"\x91\x00"})
"""EtherTypes of tags: 802.1Q, 802.1ad, and the one that switches used for the outer tag before that."""
UNKNOWN = bytes(6)
"""Stands for a hardware address that a capture does not have."""
BROADCAST = b"\xff" * 6
_ARP_ETHERNET = b"\x00\x01"
"""How Linux numbers Ethernet among the kinds of its interfaces (ARPHRD_ETHER)."""
_BROADCAST, _OUTGOING = 1, 4
"""Kinds of packets in a cooked header."""


class UntaggedFrame(NamedTuple):
    """An Ethernet frame without tags.

    Attributes:
        data: the frame. Hardware addresses that the capture does not have are zeros.
        vlans: the VLANs of the tags that were taken out, the outermost first.
        direction: `sent` or `received`, or empty if the link layer does not say.
        interface_index: the number of the interface on its machine, 0 if the link layer does not say.
    """

    data: bytes
    vlans: tuple[int, ...] = ()
    direction: str = ""
    interface_index: int = 0


def to_ethernet(link_type: int, data: bytes) -> UntaggedFrame | None:
    """Return a captured frame as Ethernet; None if it is too short, or of a link type that is not read.

    Never raises.
    """
    if link_type in IP:
        return _from_ip(data)
    reader = _READERS.get(link_type)
    return None if reader is None else reader(data)


def _from_ethernet(data: bytes) -> UntaggedFrame | None:
    if len(data) < 14:
        return None
    if data[12:14] not in VLAN_TAGS:
        return UntaggedFrame(data)
    vlans, rest = _untag(data[12:])
    return None if len(rest) < 2 else UntaggedFrame(data[:12] + rest, vlans)


def _from_cooked(data: bytes) -> UntaggedFrame | None:
    """Read version 1: kind of packet, kind of interface, length of the address, address, protocol."""
    if len(data) < 16:
        return None
    return _cooked(data[1], data[2:4], data[5], data[6:12], data[14:], 0)


def _from_cooked_2(data: bytes) -> UntaggedFrame | None:
    """Read version 2: protocol, reserved, interface, kind of interface, of packet, length, address."""
    if len(data) < 20:
        return None
    index = int.from_bytes(data[4:8], "big")
    return _cooked(data[10], data[8:10], data[11], data[12:18], data[:2] + data[20:], index)


def _cooked(
    packet_kind: int, interface_kind: bytes, length: int, address: bytes, rest: bytes, index: int
) -> UntaggedFrame | None:
    vlans, rest = _untag(rest)
    if len(rest) < 2:
        return None
    source = address if interface_kind == _ARP_ETHERNET and length == 6 else UNKNOWN
    destination = BROADCAST if packet_kind == _BROADCAST else UNKNOWN
    direction = "sent" if packet_kind == _OUTGOING else "received"
    return UntaggedFrame(destination + source + rest, vlans, direction, index)


def _from_ip(data: bytes) -> UntaggedFrame | None:
    kind = {4: IPV4, 6: IPV6}.get(data[0] >> 4) if data else None
    return None if kind is None else UntaggedFrame(UNKNOWN + UNKNOWN + kind + data)


def _untag(rest: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return the VLANs of the tags at the beginning, and what follows them, from its EtherType on."""
    vlans: tuple[int, ...] = ()
    while rest[:2] in VLAN_TAGS and len(rest) >= 4:
        vlans += (int.from_bytes(rest[2:4], "big") & 0xFFF,)
        rest = rest[4:]
    return vlans, rest


_READERS: dict[int, Callable[[bytes], UntaggedFrame | None]] = {
    ETHERNET: _from_ethernet,
    COOKED: _from_cooked,
    COOKED_2: _from_cooked_2,
}
