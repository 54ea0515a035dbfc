"""Netlink: its sockets and the form of its messages (linux/netlink.h, linux/rtnetlink.h)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

NLMSG_DONE = 3
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
IFF_UP, IFF_LOWER_UP = 0x1, 0x10000
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1


def netlink_messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (type, payload) of each message in a datagram."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("IH", data, at)
        if length < 16:
            return
        yield kind, data[at + 16 : at + length]
        at += (length + 3) & ~3


def attributes(data: bytes) -> dict[int, bytes]:
    """Return route attributes: type → value."""
    values, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4:
            break
        values[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return values


def open_netlink(protocol: int, groups: int = 0, member: int = 0) -> socket.socket:
    """Open a netlink socket that listens to multicast groups."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    sock.bind((0, groups))
    if member:
        sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, member)
    sock.setblocking(False)
    return sock


def dump_request(kind: int) -> bytes:
    """Return a request for everything of a kind."""
    return struct.pack("IHHIIB3x", 20, kind, 0x301, 1, 0, 0)
