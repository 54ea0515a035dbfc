from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatlab.dissect import Field, dissect
from hatlab.dissect.field_texts import FIELD_TEXTS
from hatlab.vrrp import codec, ndisc
from hatlab.vrrp.arp import ArpPacket
from tests.vrrp.frames import ADVERTS, GRATUITOUS_ARP, V2, V2_NO_PASSWORD, V3_IPV6, V3_TWO_ADDRESSES

ANNOUNCEMENT = ndisc.announcement("fd00:198:18::100", "02:42:c6:12:00:0b")
QUESTION = ndisc.encode(
    ArpPacket(True, "02:42:c6:12:00:32", "fd00:198:18::50", ndisc.UNKNOWN_MAC, "fd00:198:18::100")
)
IDS = ["v2", "v2 open", "v3", "v3 ipv6", "arp", "na", "ns"]


def _by_name(frame: bytes) -> dict[tuple[str, str], Field]:
    return {(f.layer, f.name): f for f in dissect(frame)}


def test_an_advert_s_fields_stand_where_their_bytes_are() -> None:
    found = _by_name(V2)
    priority = found["VRRPv2", "priority"]
    assert (priority.value, V2[priority.offset : priority.offset + priority.length]) == ("250", b"\xfa")
    address = found["VRRPv2", "virtual address"]
    assert V2[address.offset : address.offset + address.length] == bytes((198, 18, 7, 100))
    password = found["VRRPv2", "authentication data"]
    assert (password.value, password.offset + password.length) == ("hatlab", len(V2))
    assert V2[password.offset :] == b"hatlab\0\0"
    assert (found["VRRPv2", "version"].offset, found["VRRPv2", "type"].offset) == (34, 34)
    assert found["VRRPv2", "checksum"].value == "0xd822"
    assert found["IPv4", "time to live"].value == "255"
    assert found["Ethernet", "type"].value == "0x0800"


def test_version_3_and_ipv6() -> None:
    fields = dissect(V3_IPV6)
    addresses = [f for f in fields if f.name == "virtual address"]
    assert [(f.value, f.length) for f in addresses] == [("fe80::100", 16), ("2001:db8::100", 16)]
    assert addresses[-1].offset + 16 == len(V3_IPV6)
    interval = _by_name(V3_TWO_ADDRESSES)["VRRPv3", "advert interval"]
    assert (interval.value, interval.offset, interval.length) == ("50", 38, 2)


def test_arp() -> None:
    found = _by_name(GRATUITOUS_ARP)
    assert found["ARP", "sender address"].value == found["ARP", "target address"].value == "198.18.7.101"
    sender = found["ARP", "sender hardware"]
    assert (sender.value, sender.offset, sender.length) == ("02:42:ac:11:00:02", 22, 6)


def test_neighbour_discovery() -> None:
    found = _by_name(ANNOUNCEMENT)
    target = found["Neighbour advertisement", "target address"]
    assert (target.value, target.offset, target.length) == ("fd00:198:18::100", 62, 16)
    assert found["Neighbour advertisement", "solicited"].value == "0"
    assert found["Neighbour advertisement", "override"].value == "1"
    card = found["Option", "network card"]
    assert (card.value, card.offset + card.length) == ("02:42:c6:12:00:0b", len(ANNOUNCEMENT))
    assert _by_name(QUESTION)["Neighbour solicitation", "target address"].value == "fd00:198:18::100"


@pytest.mark.parametrize("frame", [*ADVERTS, GRATUITOUS_ARP, ANNOUNCEMENT, QUESTION], ids=IDS)
def test_every_byte_belongs_to_a_field_with_a_sentence(frame: bytes) -> None:
    fields = dissect(frame)
    covered = {k for f in fields for k in range(f.offset, f.offset + f.length)}
    assert covered == set(range(len(frame)))
    assert not any(f.wrong for f in fields)
    for field in fields:
        assert field.explanation.endswith(".")
        assert "scapy" not in field.explanation


def test_sentences_follow_the_value() -> None:
    frames = [
        codec.encode(version=2, vrid=1, priority=p, addresses=("198.18.7.100",), source="198.18.7.11")
        for p in (0, 100, 255)
    ]
    sentences = [_by_name(frame)["VRRPv2", "priority"].explanation for frame in frames]
    assert "leaving" in sentences[0]
    assert len(set(sentences)) == 3
    assert _by_name(V2_NO_PASSWORD)["VRRPv2", "authentication data"].value == "(empty)"


def test_the_field_of_a_wrong_checksum_says_so() -> None:
    for version in (2, 3):
        frame = codec.encode(
            version=version,
            vrid=51,
            priority=150,
            addresses=("198.18.7.100",),
            source="198.18.7.11",
            ttl=64,
            wrong_checksum=True,
        )
        wrong = {(f.layer, f.name) for f in dissect(frame) if f.wrong}
        assert wrong == {("IPv4", "time to live"), (f"VRRPv{version}", "checksum")}


def test_a_truncated_advert_is_one_field_that_says_so() -> None:
    raw = dissect(V2[:40])[-1]
    assert (raw.layer, raw.offset, raw.length, raw.wrong) == ("Raw", 34, 6, True)
    assert "cut short" in raw.explanation


@pytest.mark.parametrize("frame", [V2, GRATUITOUS_ARP], ids=["advert", "ARP"])
def test_no_field_points_behind_the_end(frame: bytes) -> None:
    for size in range(1, len(frame)):
        for field in dissect(frame[:size]):
            assert field.length >= 0
            assert field.offset + field.length <= size


@settings(max_examples=150)
@given(st.binary(max_size=90), st.sampled_from([*ADVERTS, GRATUITOUS_ARP]), st.integers(0, 60))
def test_never_raises(noise: bytes, frame: bytes, at: int) -> None:
    dissect(noise)
    dissect(frame[:at] + noise)
    dissect(frame[:12] + b"\x81\x00\x00\x07" + frame[12:])


def test_every_sentence_is_one() -> None:
    for words in FIELD_TEXTS.values():
        assert words.explain("1").endswith(".")


def test_importing_it_does_not_import_scapy() -> None:
    code = "import sys, hatlab.dissect; sys.exit('scapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def carp_frame() -> bytes:
    """A CARP message as FreeBSD sends it: VRRP's protocol number and group, 36 bytes."""
    message = bytes.fromhex("2101000700010000") + bytes(range(28))
    advert = codec.encode(version=2, vrid=1, priority=0, addresses=(), source="198.18.7.11")
    header = bytearray(advert[14:34])
    header[2:4] = (20 + len(message)).to_bytes(2)
    header[10:12] = b"\0\0"
    header[10:12] = codec.checksum(bytes(header)).to_bytes(2)
    return advert[:14] + bytes(header) + message


def test_carp_is_told_apart_from_vrrp() -> None:
    advert = codec.decode(carp_frame())
    assert advert is not None
    assert (advert.vrid, advert.priority, advert.defects) == (None, None, ("carp",))
    last = dissect(carp_frame())[-1]
    assert (last.layer, last.name, last.offset, last.length) == ("Raw", "CARP message", 34, 36)
    assert "not VRRP" in last.explanation


def test_vrrp_in_an_authentication_header_is_read_to_its_end() -> None:
    frame = codec.encode(
        version=2,
        vrid=51,
        priority=100,
        addresses=("198.18.7.100",),
        source="198.18.7.11",
        auth_pass="1111",
        sequence=7,
    )
    found = _by_name(frame)
    assert found["IPv4", "protocol"].value == "51"
    assert found["AH", "sequence number"].value == "7"
    assert found["VRRPv2", "virtual address"].value == "198.18.7.100"
    assert not any(field.wrong for field in found.values())


def test_the_old_tag_of_a_virtual_lan_is_read() -> None:
    tagged = V2[:12] + bytes.fromhex("9100000a81000007") + V2[12:]
    assert codec.decode(tagged) == codec.decode(V2)
    values = [(f.layer, f.value) for f in dissect(tagged) if f.name == "VLAN"]
    assert values == [("VLAN", "10"), ("VLAN", "7")]
    assert _by_name(tagged)["VRRPv2", "priority"].value == "250"
