"""Filters of frames: what each word means, what a mistake says, and that tcpdump means the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hatlab.capture_files.frame_filter import parse_filter
from hatlab.errors import UserError
from tests.capture_files.files import pcap_file

A, B, OTHER = "02:42:c6:12:00:0b", "02:42:c6:12:00:0c", "02:42:c6:12:00:64"


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _ip(protocol: int, source: bytes, destination: bytes) -> bytes:
    return (
        _mac("01:00:5e:00:00:12")
        + _mac(A)
        + b"\x08\x00\x45\xc0\x00\x28\0\0\0\0\xff"
        + bytes([protocol])
        + b"\0\0"
        + source
        + destination
        + bytes(20)
    )


def _ip6(protocol: int, last: int) -> bytes:
    head = b"\x86\xdd\x60\0\0\0\0\x28" + bytes([protocol]) + b"\xff"
    source = b"\xfe\x80" + bytes(13) + bytes([last])
    return _mac("33:33:00:00:00:12") + _mac(B) + head + source + b"\xff\x02" + bytes(13) + b"\x12" + bytes(40)


def _arp(sender: bytes, target: bytes) -> bytes:
    head = b"\xff" * 6 + _mac(A) + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"
    return head + _mac(A) + sender + bytes(6) + target + bytes(18)


A4, B4, VIP, GROUP = (bytes((10, 0, 0, n)) for n in (11, 12, 100, 18))
FRAMES = {
    "advert": _ip(112, A4, bytes((224, 0, 0, 18))),
    "unicast": _ip(112, B4, A4),
    "ah": _ip(51, A4, bytes((224, 0, 0, 18))),
    "advert6": _ip6(112, 0xB),
    "neighbour": _ip6(58, 0xC),
    "arp": _arp(VIP, VIP),
    "question": _arp(A4, B4),
}
EXPECTED = {
    "": [*FRAMES],
    "vrrp": ["advert", "unicast"],
    "proto 112": ["advert", "unicast", "advert6"],
    "proto \\vrrp": ["advert", "unicast", "advert6"],
    "ip6 proto 112": ["advert6"],
    "ip proto 51": ["ah"],
    "ah": ["ah"],
    "arp": ["arp", "question"],
    "icmp6": ["neighbour"],
    "ip": ["advert", "unicast", "ah"],
    "ip6": ["advert6", "neighbour"],
    "host 10.0.0.11": ["advert", "unicast", "ah", "question"],
    "src host 10.0.0.11": ["advert", "ah", "question"],
    "dst 10.0.0.11": ["unicast"],
    "ip host 10.0.0.11": ["advert", "unicast", "ah"],
    "arp src host 10.0.0.100": ["arp"],
    "host fe80::c": ["neighbour"],
    "ether host ff:ff:ff:ff:ff:ff": ["arp", "question"],
    f"ether src {B}": ["advert6", "neighbour"],
    "not vrrp": ["ah", "advert6", "neighbour", "arp", "question"],
    "!vrrp&&!arp": ["ah", "advert6", "neighbour"],
    "not not arp": ["arp", "question"],
    "vrrp or arp and host 10.0.0.12": ["unicast", "question"],
    "vrrp or (arp and host 10.0.0.12)": ["advert", "unicast", "question"],
    "not (vrrp or arp)": ["ah", "advert6", "neighbour"],
    "((ARP))": ["arp", "question"],
    "vrrp || arp": ["advert", "unicast", "arp", "question"],
    " or ".join(["arp"] * 500): ["arp", "question"],
}


@pytest.mark.parametrize("text", EXPECTED, ids=lambda text: text[:30])
def test_what_passes(text: str) -> None:
    passes = parse_filter(text)
    assert [name for name, frame in FRAMES.items() if passes(frame)] == EXPECTED[text]


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is not installed")
@pytest.mark.parametrize("text", EXPECTED, ids=lambda text: text[:30])
def test_tcpdump_means_the_same(text: str, tmp_path: Path) -> None:
    path, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
    path.write_bytes(pcap_file(FRAMES.values()))
    subprocess.run(
        ["tcpdump", "-r", path, "-w", out, *([text.lower()] if text else [])], check=True, capture_output=True
    )
    data = out.read_bytes()
    assert [name for name, frame in FRAMES.items() if frame in data] == EXPECTED[text]


def test_names_stand_for_all_their_addresses() -> None:
    passes = parse_filter("host DB-2", {"DB-2": ("10.0.0.12", "fe80::c")})
    assert [name for name, frame in FRAMES.items() if passes(frame)] == ["unicast", "neighbour", "question"]


@pytest.mark.parametrize(
    "frame", [b"", b"\0" * 13, FRAMES["advert"][:20], FRAMES["arp"][:30], FRAMES["advert6"][:40]]
)
def test_short_frames_are_no_mistake(frame: bytes) -> None:
    assert not parse_filter("vrrp or icmp6 or host 10.0.0.11 or ether host 0:0:0:0:0:1")(frame)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tcp port 3306", "character 1: a filter does not know the word 'tcp'"),
        ("vrrp and port 1", "character 10: a filter does not know the word 'port'"),
        ("vrrp arp", "character 6: 'arp' is not expected here"),
        ("vrrp and", "character 9: the filter ends too early"),
        ("not", "character 4: the filter ends too early"),
        ("(vrrp or arp", "character 13: ')' is missing"),
        ("vrrp)", "character 5: ')' is not expected here"),
        ("()", "character 2: a filter does not know the word ')'"),
        ("host", "character 5: an address is missing"),
        ("host db9", "character 6: 'db9' is neither an address nor a node"),
        ("host 10.0.0.300", "character 6: '10.0.0.300' is neither"),
        ("src net 10.0.0.0/8", "character 5: 'net' is neither an address nor a node"),
        ("proto", "character 6: a protocol's number is expected"),
        ("proto 300", "character 7: a protocol's number is expected"),
        ("ether proto 1", "character 7: 'host', 'src' or 'dst' must follow"),
        ("ether host db1", "character 12: a hardware address is expected"),
        ("arp proto 1", "character 5: 'proto' is not expected here"),
        ("vrrp & arp", "character 6: '&' is not expected here"),
        ("(" * 1000, "too many parentheses are open"),
        ("\x1b[2J", "does not know the word"),
    ],
    ids=lambda text: text[:30],
)
def test_a_mistake_says_where(text: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_filter(text)
    assert message in raised.value.message
