"""The kernel filter that captures adverts, ARP and neighbour discovery."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

import pytest

from compose.agent.frame_capture import PACKET_OUTGOING, SO_TIMESTAMPNS, StampReader, capture_filter
from hatlab.vrrp import ndisc
from hatlab.vrrp.arp import ArpPacket, announcement
from hatlab.vrrp.codec import encode
from tests.compose.bpf import run_filter

ADVERT = encode(
    version=2,
    vrid=51,
    priority=150,
    addresses=("198.18.0.100",),
    source="198.18.1.11",
    auth_pass="hatlab",
    source_mac="02:42:c6:12:01:0b",
)
ARP = announcement("198.18.0.100", "02:42:c6:12:00:0b")
BEHIND_HEADER = encode(
    version=2,
    vrid=51,
    priority=150,
    addresses=("198.18.0.100",),
    source="198.18.1.11",
    auth_pass="hatlab",
    sequence=1,
)
TCP = ADVERT[:23] + bytes([6]) + ADVERT[24:]
IPV6 = bytes(12) + b"\x86\xdd" + bytes(6) + bytes([112]) + bytes(40)
IPV6_TCP = IPV6[:20] + bytes([6]) + IPV6[21:]
MAC, VIP = "02:42:c6:12:00:0b", "fd00:198:18::100"
ADVERTISEMENT = ndisc.announcement(VIP, MAC)
SOLICITATION = ndisc.encode(ArpPacket(True, MAC, "fd00:198:18::50", ndisc.UNKNOWN_MAC, VIP))
ECHO_REQUEST = ADVERTISEMENT[:54] + bytes([128]) + ADVERTISEMENT[55:]


@pytest.mark.parametrize(
    ("frame", "passes"),
    [
        *((frame, True) for frame in (ADVERT, BEHIND_HEADER, ARP, IPV6, ADVERTISEMENT, SOLICITATION)),
        *((frame, False) for frame in (TCP, IPV6_TCP, ECHO_REQUEST)),
    ],
)
def test_the_filter_passes_vrrp_arp_and_neighbour_discovery_only(frame: bytes, passes: bool) -> None:
    assert run_filter(capture_filter(sent=False), frame) is passes
    sent = capture_filter(sent=True)
    assert run_filter(sent, frame, PACKET_OUTGOING) is passes
    assert not run_filter(sent, frame, 0), "what was received is not `sent`"


@dataclass
class _Clocks:
    monotonic: float = 1000.0
    wall: float = 1_800_000_000.0

    def run(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def stamp(self) -> list[tuple[int, int, bytes]]:
        """The kernel's time stamp of a frame that arrives now."""
        seconds = int(self.wall)
        data = struct.pack("ll", seconds, round((self.wall - seconds) * 1e9))
        return [(socket.SOL_SOCKET, SO_TIMESTAMPNS, data)]


@pytest.mark.parametrize("jump", [0.0, 3600.0, -3600.0, 0.4, -0.4])
def test_a_frame_has_its_moment_though_the_wall_clock_is_set_before_it_is_read(jump: float) -> None:
    clocks = _Clocks()
    stamps = StampReader(lambda: clocks.monotonic, lambda: clocks.wall)
    clocks.run(1.0)
    arrived, stamp = clocks.monotonic, clocks.stamp()
    clocks.run(0.01)
    clocks.wall += jump
    assert stamps.kernel_time(stamp) == pytest.approx(arrived, abs=1e-4)
    clocks.run(1.0)  # and so has the next one, by the new clock
    arrived, stamp = clocks.monotonic, clocks.stamp()
    clocks.run(0.01)
    assert stamps.kernel_time(stamp) == pytest.approx(arrived, abs=1e-4)


def test_a_frame_without_a_stamp_arrives_when_it_is_read() -> None:
    clocks = _Clocks()
    assert StampReader(lambda: clocks.monotonic, lambda: clocks.wall).kernel_time([]) == clocks.monotonic
