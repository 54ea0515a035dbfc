"""Pings: echo requests to one address, what came of each, and to which machine it was handed on its way."""

from __future__ import annotations

import itertools
import os
import select
import socket
import struct
import threading

from .frames import ETH_P_ALL, ETH_P_IP, LOAD_TYPE, PACKET_OUTGOING, Program, open_socket

ICMP, ECHO_REPLY, UNREACHABLE, ECHO = 1, 0, 3, 8
_ETHERNET = 14


def echo_filter() -> Program:
    """Classic BPF: outgoing IPv4 frames of ICMP."""
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
    """The Internet checksum (RFC 1071)."""
    words = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total: int = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(ident: int, sequence: int) -> bytes:
    """An ICMP echo request (RFC 792)."""
    head = struct.pack("!BBHHH", ECHO, 0, 0, ident, sequence)
    return struct.pack("!BBHHH", ECHO, 0, checksum(head), ident, sequence)


def read_icmp(packet: bytes) -> tuple[int, int, int] | None:
    """(type, identifier, sequence) of an IPv4 packet of ICMP; of `unreachable`, those of what was lost."""
    if len(packet) < 20:
        return None
    body = packet[(packet[0] & 15) * 4 :]
    if len(body) < 8 or packet[9] != ICMP:
        return None
    kind, _, _, ident, sequence = struct.unpack_from("!BBHHH", body)
    if kind != UNREACHABLE:
        return kind, ident, sequence
    lost = read_icmp(body[8:])
    return (kind, *lost[1:]) if lost and lost[0] == ECHO else None


class Try:
    """One echo request: `over` is set when `kind`, the type of what came back, is known."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.kind: int | None = None
        self.via = ""


class Echo:
    """Pings one address from any number of threads."""

    def __init__(self, address: str) -> None:
        self._address, self._ident = address, os.getpid() & 0xFFFF
        self._numbers = itertools.count(1)
        self._tries: dict[int, Try] = {}
        self._confirm = 0
        self._icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._wire = open_socket(ETH_P_ALL, echo_filter())
        threading.Thread(target=self._read, daemon=True).start()

    def ping(self, timeout: float) -> str:
        """Sends a request and waits for its reply; the MAC of the machine that the request was handed to.

        Raises:
            TimeoutError: no reply in time.
            OSError: there is no way there; our kernel says so, or a router.
        """
        number = next(self._numbers) & 0xFFFF
        attempt = self._tries[number] = Try()
        confirm, self._confirm = self._confirm, 0
        try:
            self._icmp.sendto(echo_request(self._ident, number), confirm, (self._address, 0))
            if not attempt.over.wait(timeout):
                raise TimeoutError
        finally:
            del self._tries[number]
        if attempt.kind == UNREACHABLE:
            raise OSError(113, "a router says: destination unreachable")
        return attempt.via

    def _read(self) -> None:
        while True:
            for sock in select.select([self._wire, self._icmp], [], [])[0]:  # frames first: `via` is known
                try:
                    self._take(sock.recv(2048), sent=sock is self._wire)
                except OSError:
                    continue  # an interface went down

    def _take(self, data: bytes, sent: bool) -> None:
        found = read_icmp(data[_ETHERNET:] if sent else data)
        attempt = self._tries.get(found[2]) if found and found[1] == self._ident else None
        if found is None or attempt is None:
            return
        if sent:
            attempt.via = data[:6].hex(":")
        elif found[0] in (ECHO_REPLY, UNREACHABLE):
            if found[0] == ECHO_REPLY:
                self._confirm = socket.MSG_CONFIRM  # as ping(8): the neighbour forwards, no need to ask it
            attempt.kind = found[0]
            attempt.over.set()
