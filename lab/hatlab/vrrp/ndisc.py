"""Neighbour discovery over Ethernet (RFC 4861): what ARP is to IPv4, solicitations and advertisements are to
IPv6.

A new Master announces each of its addresses with an unsolicited neighbour advertisement to all nodes, as it
would with a gratuitous ARP. Both kinds are read into an `ArpPacket`: who says it holds what, and whom it asks
or tells; an unsolicited advertisement tells of its own address, so its sender and target are the same.
"""

from __future__ import annotations

from ipaddress import IPv6Address
from socket import AF_INET6, inet_ntop
from struct import Struct

from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.codec import checksum, payload

ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
UNKNOWN_MAC = "00:00:00:00:00:00"
_IPV6, _ICMPV6 = 0x86DD, 58
_SOLICITATION, _ADVERTISEMENT = 135, 136
_SOURCE_MAC, _TARGET_MAC = 1, 2
_SOLICITED, _OVERRIDE = 0x4000_0000, 0x2000_0000
_ip6 = Struct("!IHBB16s16s")
_message = Struct("!BBHI16s")


def decode(frame: bytes) -> ArpPacket | None:
    """The solicitation or advertisement in an Ethernet frame; None for anything else. Never raises.

    A probe for duplicate addresses, which has no source (RFC 4862 §5.4.2), counts as something else: one
    comes from each interface that goes up, also of the machine beneath the lab, and it tells of no holder.
    """
    kind, at = payload(frame)
    start = at + _ip6.size
    if kind != _IPV6 or len(frame) < start + _message.size:
        return None
    _, _, protocol, _, source, destination = _ip6.unpack_from(frame, at)
    kind, _, _, flags, target = _message.unpack_from(frame, start)
    if protocol != _ICMPV6 or kind not in (_SOLICITATION, _ADVERTISEMENT):
        return None
    if kind == _SOLICITATION and not any(source):
        return None
    asked, mac = inet_ntop(AF_INET6, target), _mac_option(frame, start + _message.size)
    if kind == _SOLICITATION:
        return ArpPacket(True, mac or frame[6:12].hex(":"), inet_ntop(AF_INET6, source), UNKNOWN_MAC, asked)
    told = inet_ntop(AF_INET6, destination) if flags & _SOLICITED else asked
    return ArpPacket(False, mac or frame[6:12].hex(":"), asked, frame[:6].hex(":"), told)


def _mac_option(frame: bytes, at: int) -> str:
    """The link-layer address among the options; empty if there is none."""
    while len(frame) >= at + 8 and frame[at + 1]:
        if frame[at] in (_SOURCE_MAC, _TARGET_MAC):
            return frame[at + 2 : at + 8].hex(":")
        at += 8 * frame[at + 1]
    return ""


def encode(packet: ArpPacket) -> bytes:
    """A whole Ethernet frame with this packet in it.

    Raises:
        ValueError: an address does not parse.
    """
    target = IPv6Address(packet.target if packet.request else packet.sender).packed
    if packet.request:
        group = b"\xff\x02" + bytes(9) + b"\x01\xff" + target[-3:]
        to_mac, to, source = b"\x33\x33" + group[-4:], group, packet.sender
        kind, flags, option = _SOLICITATION, 0, _SOURCE_MAC
    elif packet.gratuitous:
        to_mac, to, source = _raw(ALL_NODES_MAC), IPv6Address(ALL_NODES).packed, packet.sender
        kind, flags, option = _ADVERTISEMENT, _OVERRIDE, _TARGET_MAC
    else:
        to_mac, to, source = _raw(packet.target_mac), IPv6Address(packet.target).packed, packet.sender
        kind, flags, option = _ADVERTISEMENT, _SOLICITED | _OVERRIDE, _TARGET_MAC
    mac, sender = _raw(packet.sender_mac), IPv6Address(source).packed
    options = bytes((option, 1)) + mac
    length = _message.size + len(options)
    pseudo = sender + to + length.to_bytes(4) + bytes((0, 0, 0, _ICMPV6))
    sum_ = checksum(pseudo + _message.pack(kind, 0, 0, flags, target) + options)
    header = _ip6.pack(6 << 28, length, _ICMPV6, 255, sender, to)
    return to_mac + mac + _IPV6.to_bytes(2) + header + _message.pack(kind, 0, sum_, flags, target) + options


def _raw(mac: str) -> bytes:
    raw = bytes.fromhex(mac.replace(":", ""))
    if len(raw) != 6:
        raise ValueError(f"{mac!r} is not a MAC address")
    return raw


def announcement(address: str, mac: str) -> bytes:
    """The unsolicited neighbour advertisement that keepalived sends for a virtual address."""
    return encode(ArpPacket(False, mac, address, ALL_NODES_MAC, address))
