"""Pings: packets and the filter that sees them leave."""

from __future__ import annotations

from compose.agent.frame_capture import PACKET_OUTGOING
from compose.agent.ping import (
    ECHO,
    ECHO_REPLY,
    ICMP,
    UNREACHABLE,
    checksum,
    echo_filter,
    echo_request,
    parse_icmp,
)
from tests.compose.bpf import run_filter

TCP_FRAME = bytes(12) + b"\x08\x00" + bytes([0x45]) + bytes(8) + bytes([6]) + bytes(10)


def _packet(body: bytes, protocol: int = ICMP) -> bytes:
    return bytes([0x45]) + bytes(8) + bytes([protocol]) + bytes(10) + body


def test_icmp_packets_are_parsed() -> None:
    request = echo_request(7, 9)
    assert checksum(request) == 0
    assert parse_icmp(_packet(request)) == (ECHO, 7, 9)
    assert parse_icmp(_packet(b"\0" + request[1:])) == (ECHO_REPLY, 7, 9)
    lost = bytes([UNREACHABLE]) + bytes(7) + _packet(request)
    assert parse_icmp(_packet(lost)) == (UNREACHABLE, 7, 9)
    assert parse_icmp(_packet(lost[:20])) is None
    assert parse_icmp(_packet(request, protocol=6)) is None
    assert parse_icmp(b"") is None


def test_the_filter_passes_outgoing_icmp_only() -> None:
    frame = bytes(12) + b"\x08\x00" + _packet(echo_request(7, 9))
    assert run_filter(echo_filter(), frame, PACKET_OUTGOING)
    assert not run_filter(echo_filter(), frame, 0)
    assert not run_filter(echo_filter(), TCP_FRAME, PACKET_OUTGOING)
