"""Pings one address, and learns to which machine each echo request was handed on its way."""

from __future__ import annotations

import itertools
import os
import select
import socket
import struct
import threading

from .frame_capture import ETH_P_ALL, ETH_P_IP, LOAD_TYPE, PACKET_OUTGOING, Program, open_socket

ICMP, ECHO_REPLY, UNREACHABLE, ECHO = 1, 0, 3, 8
_ETHERNET = 14


def echo_filter() -> Program:
    """Return a filter for outgoing IPv4 frames of ICMP."""
    return [
        (0x20, 0, 0, LOAD_TYPE),
        (0x15, 0, 5, PACKET_OUTGOING),
        (0x28, 0, 0, 12),
        (0x15, 0, 3, ETH_P_IP),
        (0x30, 0, 0, 23),
        (0x15, 0, 1, ICMP),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ]


def checksum(data: bytes) -> int:
    """Compute the Internet checksum (RFC 1071)."""
    words = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total: int = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(ident: int, sequence: int) -> bytes:
    """Encode an ICMP echo request (RFC 792)."""
    head = struct.pack("!BBHHH", ECHO, 0, 0, ident, sequence)
    return struct.pack("!BBHHH", ECHO, 0, checksum(head), ident, sequence)


def parse_icmp(packet: bytes) -> tuple[int, int, int] | None:
    """Return (type, identifier, sequence) of an ICMP packet; for `unreachable`, those of the lost request."""
    if len(packet) < 20:
        return None
    body = packet[(packet[0] & 15) * 4 :]
    if len(body) < 8 or packet[9] != ICMP:
        return None
    kind, _, _, ident, sequence = struct.unpack_from("!BBHHH", body)
    if kind != UNREACHABLE:
        return kind, ident, sequence
    lost = parse_icmp(body[8:])
    return (kind, *lost[1:]) if lost and lost[0] == ECHO else None


class PingAttempt:
    """One echo request."""

    def __init__(self) -> None:
        self.done = threading.Event()
        """Set once `kind` is known."""
        self.kind: int | None = None
        """The type of the answer."""
        self.via = ""
        """The MAC that the request was sent to."""


class Pinger:
    """Pings one address from any number of threads."""

    def __init__(self, address: str) -> None:
        self._address, self._ident = address, os.getpid() & 0xFFFF
        self._sequence_numbers = itertools.count(1)
        self._attempts: dict[int, PingAttempt] = {}
        self._confirm = 0
        self._icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._wire = open_socket(ETH_P_ALL, echo_filter())
        threading.Thread(target=self._read, daemon=True).start()

    def ping(self, timeout: float) -> str:
        """Send a request, wait for its reply, and return the MAC of the machine it was handed to.

        Raises:
            TimeoutError: no reply in time.
            OSError: there is no route; our kernel says so, or a router.
        """
        number = next(self._sequence_numbers) & 0xFFFF
        attempt = self._attempts[number] = PingAttempt()
        confirm, self._confirm = self._confirm, 0
        try:
            self._icmp.sendto(echo_request(self._ident, number), confirm, (self._address, 0))
            if not attempt.done.wait(timeout):
                raise TimeoutError
        finally:
            del self._attempts[number]
        if attempt.kind == UNREACHABLE:
            raise OSError(113, "a router says: destination unreachable")
        return attempt.via

    def _read(self) -> None:
        while True:
            for sock in select.select([self._wire, self._icmp], [], [])[0]:  # frames first: `via` is known
                try:
                    self._on_packet(sock.recv(2048), sent=sock is self._wire)
                except OSError:
                    continue  # an interface went down

    def _on_packet(self, data: bytes, sent: bool) -> None:
        icmp = parse_icmp(data[_ETHERNET:] if sent else data)
        attempt = self._attempts.get(icmp[2]) if icmp and icmp[1] == self._ident else None
        if icmp is None or attempt is None:
            return
        if sent:
            attempt.via = data[:6].hex(":")
        elif icmp[0] in (ECHO_REPLY, UNREACHABLE):
            if icmp[0] == ECHO_REPLY:
                self._confirm = socket.MSG_CONFIRM  # as ping(8): the neighbour forwards, no need to ask it
            attempt.kind = icmp[0]
            attempt.done.set()
