"""Frames of every link type as untagged Ethernet, made by scapy and read by our codecs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.capture_files import UntaggedFrame, to_ethernet
from hatlab.vrrp import codec

ADVERT = bytes.fromhex(
    "45c0 0028 0001 0000 ff70 19bb 0a00000b e0000012 21 33 96 01 00 01 ba52 0a000064 00000000 00000000"
)
"""A packet of version 2, priority 150, from 10.0.0.11."""
SOURCE, GROUP = bytes.fromhex("02420a00000b"), bytes.fromhex("01005e000012")
NOBODY = bytes(6)


def _cooked(packet_kind: int, *, interface_kind: int = 1, length: int = 6) -> bytes:
    return (
        packet_kind.to_bytes(2, "big")
        + interface_kind.to_bytes(2, "big")
        + length.to_bytes(2, "big")
        + SOURCE
        + b"\0\0"
    )


def _cooked_2(packet_kind: int, protocol: bytes, index: int) -> bytes:
    return (
        protocol
        + b"\0\0"
        + index.to_bytes(4, "big")
        + b"\x00\x01"
        + packet_kind.to_bytes(1, "big")
        + b"\x06"
        + SOURCE
        + b"\0\0"
    )


@pytest.mark.parametrize(
    ("link_type", "data", "expected"),
    [
        (1, GROUP + SOURCE + b"\x08\x00" + ADVERT, UntaggedFrame(GROUP + SOURCE + b"\x08\x00" + ADVERT)),
        (
            1,
            GROUP + SOURCE + b"\x81\x00\x60\x0a\x08\x00" + ADVERT,
            UntaggedFrame(GROUP + SOURCE + b"\x08\x00" + ADVERT, (10,)),
        ),
        (
            1,
            GROUP + SOURCE + b"\x88\xa8\x0f\xff\x81\x00\x00\x0a\x08\x00" + ADVERT,
            UntaggedFrame(GROUP + SOURCE + b"\x08\x00" + ADVERT, (4095, 10)),
        ),
        (
            113,
            _cooked(4) + b"\x08\x00" + ADVERT,
            UntaggedFrame(NOBODY + SOURCE + b"\x08\x00" + ADVERT, (), "sent"),
        ),
        (
            113,
            _cooked(2) + b"\x81\x00\x00\x07\x08\x00" + ADVERT,
            UntaggedFrame(NOBODY + SOURCE + b"\x08\x00" + ADVERT, (7,), "received"),
        ),
        (
            113,
            _cooked(1, interface_kind=772) + b"\x08\x06abc",
            UntaggedFrame(b"\xff" * 6 + NOBODY + b"\x08\x06abc", (), "received"),
        ),
        (
            276,
            _cooked_2(4, b"\x08\x00", 3) + ADVERT,
            UntaggedFrame(NOBODY + SOURCE + b"\x08\x00" + ADVERT, (), "sent", 3),
        ),
        (
            276,
            _cooked_2(0, b"\x81\x00", 2) + b"\x00\x07\x08\x00" + ADVERT,
            UntaggedFrame(NOBODY + SOURCE + b"\x08\x00" + ADVERT, (7,), "received", 2),
        ),
        (101, ADVERT, UntaggedFrame(NOBODY + NOBODY + b"\x08\x00" + ADVERT)),
        (101, b"\x60" + bytes(39), UntaggedFrame(NOBODY + NOBODY + b"\x86\xdd\x60" + bytes(39))),
        (101, b"\x00" + bytes(39), None),
        (101, b"", None),
        (1, GROUP + SOURCE, None),
        (1, GROUP + SOURCE + b"\x81\x00\x00", UntaggedFrame(GROUP + SOURCE + b"\x81\x00\x00")),
        (113, _cooked(4), None),
        (276, ADVERT[:19], None),
        (127, ADVERT, None),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_a_frame_becomes_untagged_ethernet(link_type: int, data: bytes, expected: UntaggedFrame) -> None:
    assert to_ethernet(link_type, data) == expected


def test_scapys_frames_are_read() -> None:
    from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
    from scapy.packet import Raw

    packet = Dot1Q(vlan=7, type=0x800) / Raw(ADVERT)
    linux = {"pkttype": 4, "lladdrtype": 1, "lladdrlen": 6, "src": SOURCE, "proto": 0x8100}
    for link_type, head in (
        (1, Ether(src="02:42:0a:00:00:0b", type=0x88A8) / Dot1AD(vlan=100, type=0x8100)),
        (113, CookedLinux(**linux)),
        (276, CookedLinuxV2(**linux, ifindex=5)),
    ):
        untagged = to_ethernet(link_type, bytes(head / packet))
        assert untagged is not None
        assert untagged.vlans[-1] == 7
        assert untagged.data[6:12] == SOURCE
        advert = codec.decode(untagged.data)
        assert advert is not None
        assert (advert.source, advert.vrid, advert.priority) == ("10.0.0.11", 51, 150)


@given(st.sampled_from([1, 12, 101, 113, 276, 9]), st.binary(max_size=60))
def test_nothing_raises(link_type: int, data: bytes) -> None:
    frame = to_ethernet(link_type, data)
    if frame is not None:
        assert len(frame.data) >= 14
