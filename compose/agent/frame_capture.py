"""Captures frames of VRRP, ARP and neighbour discovery: packet sockets with a filter in the kernel."""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from collections.abc import Callable

from .event_loop import EventLoop
from .interfaces import Interfaces
from .output import Output

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
PACKET_OUTGOING = 4
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35
JUMP = 0.25
"""Seconds by which the wall clock differs from the monotonic one only if it was set."""
LOAD_TYPE = 0xFFFFF000 + 4
"""Where a filter reads a frame's packet type: SKF_AD_OFF + SKF_AD_PKTTYPE."""

Program = list[tuple[int, int, int, int]]
"""A classic BPF program: code, jump if true, jump if false, operand."""


def capture_filter(sent: bool) -> Program:
    """Return a filter for ARP, VRRP over IPv6 and IPv4, there also behind an authentication header (51), and
    neighbour solicitations and advertisements (RFC 4861); if `sent`, only outgoing ones.

    The jumps count instructions to skip: `accept` is the last but one, `reject` the last.
    """
    head = [(0x20, 0, 0, LOAD_TYPE), (0x15, 0, 14, PACKET_OUTGOING)] if sent else []
    return [
        *head,
        (0x28, 0, 0, 12),  # EtherType
        (0x15, 11, 0, ETH_P_ARP),
        (0x15, 0, 3, ETH_P_IP),
        (0x30, 0, 0, 23),  # protocol
        (0x15, 8, 0, 112),
        (0x15, 7, 8, 51),
        (0x15, 0, 7, ETH_P_IPV6),
        (0x30, 0, 0, 20),  # next header
        (0x15, 4, 0, 112),
        (0x15, 0, 4, 58),
        (0x30, 0, 0, 54),  # type of ICMPv6
        (0x15, 1, 0, 135),
        (0x15, 0, 1, 136),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ]


def open_capture(protocol: int) -> socket.socket:
    """Open a packet socket for adverts, ARP and neighbour discovery.

    ETH_P_ALL sees frames before the ingress hook of nftables, a socket of one protocol after it; only the
    former sees outgoing frames. So `sent` frames come from the one and `received` frames from the others, and
    a frame that a cut drops was never received.
    """
    sock = open_socket(protocol, capture_filter(sent=protocol == ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return sock


def open_socket(protocol: int, program: Program) -> socket.socket:
    """Open a packet socket on all interfaces that gets what a filter accepts; it does not block."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    sock.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code))
    )
    sock.setblocking(False)
    return sock


class StampReader:
    """Turns the kernel's time stamps of frames, which are of the wall clock, into CLOCK_MONOTONIC.

    Somebody, or NTP, may set the wall clock between a frame's arrival and its reading.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._monotonic, self._wall = monotonic, wall
        self._read = monotonic()
        self._ahead = wall() - self._read
        """How far the wall clock was ahead of the monotonic one at the last reading."""

    def kernel_time(self, ancillary: list[tuple[int, int, bytes]]) -> float:
        """Return the kernel's time stamp of a frame as CLOCK_MONOTONIC; now, if there is none."""
        now = self._monotonic()
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("ll", data)
                return self._to_monotonic(now, seconds + nanoseconds / 1e9)
        return now

    def _to_monotonic(self, now: float, stamp: float) -> float:
        ahead = self._wall() - now
        before, last, self._ahead, self._read = self._ahead, self._read, ahead, now
        if abs(ahead - before) < JUMP:
            return min(now, stamp - ahead)
        # frames are read as they come, so the right one of both clocks puts this one shortly before now
        moments = (stamp - ahead, stamp - before)
        return max((moment for moment in moments if last - JUMP <= moment <= now), default=now)


def watch_frames(loop: EventLoop, interfaces: Interfaces) -> None:
    """Report each frame that is sent or received as a `frame` fact.

    Args:
        interfaces: as known at the time; frames on others are not reported.
    """

    stamps = StampReader()

    def on_frames(sock: socket.socket) -> None:
        while _report_frame(sock, loop.out, interfaces, stamps):
            pass

    for protocol in (ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6):
        sock = open_capture(protocol)
        loop.watch(sock, lambda s=sock: on_frames(s))  # type: ignore[misc]


def _report_frame(sock: socket.socket, out: Output, interfaces: Interfaces, stamps: StampReader) -> bool:
    """Read one frame and report it; False if there is none."""
    try:
        frame, ancillary, _, address = sock.recvmsg(2048, 128)
    except BlockingIOError:
        return False
    except OSError:
        return True  # the interface went down
    direction = "sent" if address[2] == PACKET_OUTGOING else "received"
    network = find_network(interfaces, address[0], direction, frame)
    if network:
        moment = stamps.kernel_time(ancillary)
        out.put("frame", moment, direction=direction, network=network, frame=frame.hex())
    return True


def find_network(interfaces: Interfaces, device: str, direction: str, frame: bytes) -> str | None:
    """Return the network of a frame, None if it is seen on another interface too.

    What leaves an interface with a virtual MAC leaves the one beneath it; what arrives from the same virtual
    MAC elsewhere, as all adverts of a Master do, arrives there alone (Linux: macvlan_handle_frame).
    """
    vmac = interfaces.vmacs.get(device)
    if vmac is None:
        return interfaces.devices.get(device)
    arrives_here_alone = direction == "received" and frame[6:12].hex(":") == vmac.mac
    return interfaces.devices.get(vmac.device) if arrives_here_alone else None
