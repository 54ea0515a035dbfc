"""The kernel filter that captures adverts, ARP and neighbour discovery."""

from __future__ import annotations

import pytest

from compose.agent.frame_capture import PACKET_OUTGOING, capture_filter
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
