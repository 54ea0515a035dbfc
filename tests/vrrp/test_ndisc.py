"""Solicitations and advertisements, against scapy and against frames of a real keepalived 2.3.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.vrrp import arp, ndisc
from hatlab.vrrp.arp import ArpPacket

VIP, CLIENT = "fd00:198:18:99::100", "fd00:198:18:99::4"
NODE_MAC, CLIENT_MAC = "02:42:c6:12:63:02", "02:42:c6:12:63:04"
UNSOLICITED = bytes.fromhex(
    "3333000000010242c612630286dd6000000000203afffd000198001800990000000000000100"
    "ff02000000000000000000000000000188002ab520000000fd00019800180099000000000000010002010242c6126302"
)


def test_an_announcement_is_the_frame_that_keepalived_sends() -> None:
    frame = ndisc.announcement(VIP, NODE_MAC)
    assert frame == UNSOLICITED
    assert scapy_checksum(frame) == frame[56:58]
    packet = ndisc.decode(frame)
    assert packet is not None
    assert packet.gratuitous
    assert not packet.request
    assert (packet.sender, packet.sender_mac, packet.target) == (VIP, NODE_MAC, VIP)


@pytest.mark.parametrize(
    "packet",
    [
        ArpPacket(True, CLIENT_MAC, CLIENT, ndisc.UNKNOWN_MAC, VIP),
        ArpPacket(False, NODE_MAC, VIP, CLIENT_MAC, CLIENT),
    ],
)
def test_a_question_and_its_answer_are_read_back(packet: ArpPacket) -> None:
    frame = ndisc.encode(packet)
    assert ndisc.decode(frame) == packet
    assert not packet.gratuitous
    assert scapy_checksum(frame) == frame[56:58]


def test_a_solicitation_goes_to_the_group_of_its_target() -> None:
    frame = ndisc.encode(ArpPacket(True, CLIENT_MAC, CLIENT, ndisc.UNKNOWN_MAC, VIP))
    assert frame[:6].hex(":") == "33:33:ff:00:01:00"
    assert frame[38:54].hex() == "ff0200000000000000000001ff000100"


def test_a_probe_for_duplicate_addresses_says_nothing() -> None:
    assert ndisc.decode(ndisc.encode(ArpPacket(True, CLIENT_MAC, "::", ndisc.UNKNOWN_MAC, VIP))) is None


@given(st.binary(max_size=120))
def test_no_frame_is_an_error(data: bytes) -> None:
    ndisc.decode(data)
    head = UNSOLICITED[:12] + b"\x86\xdd"
    ndisc.decode(head + data)
    ndisc.decode(UNSOLICITED[:54] + data)


def test_arp_is_no_neighbour_discovery() -> None:
    assert ndisc.decode(arp.announcement("198.18.0.100", NODE_MAC)) is None


def scapy_checksum(frame: bytes) -> bytes:
    """The checksum that scapy computes for a frame's message."""
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

    packet = Ether(frame)
    del packet[IPv6].payload.cksum
    return bytes(Ether(bytes(packet)))[56:58]
