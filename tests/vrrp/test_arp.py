from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatlab.vrrp import arp
from tests.vrrp.frames import GRATUITOUS_ARP, V2

MAC = st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":"))
ADDRESS = st.ip_addresses(v=4).map(str)
PACKETS = st.builds(arp.ArpPacket, st.booleans(), MAC, ADDRESS, MAC, ADDRESS)


def test_reads_and_writes_keepalived_s_announcement() -> None:
    packet = arp.decode(GRATUITOUS_ARP)
    assert packet is not None
    assert packet.gratuitous
    assert packet.request
    assert (packet.sender, packet.sender_mac) == ("198.18.7.101", "02:42:ac:11:00:02")
    assert arp.announcement("198.18.7.101", "02:42:ac:11:00:02") == GRATUITOUS_ARP


@given(PACKETS)
def test_round_trip(packet: arp.ArpPacket) -> None:
    assert arp.decode(arp.encode(packet)) == packet


@given(st.binary(max_size=80))
def test_random_bytes_never_raise(raw: bytes) -> None:
    arp.decode(raw)
    arp.decode(GRATUITOUS_ARP[:22] + raw)


def test_a_short_or_other_frame_is_nothing() -> None:
    assert arp.decode(GRATUITOUS_ARP[:-1]) is None
    assert arp.decode(V2) is None
