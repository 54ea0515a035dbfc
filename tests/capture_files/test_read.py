"""Captures of both formats: what is in them is read, also from damaged ones, and nothing else is."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatlab.capture_files import read_frames
from hatlab.capture_files.blocks import OLD_PACKET, SIMPLE_PACKET
from hatlab.errors import CaptureError, UserError
from tests.capture_files.files import (
    AT,
    FRAME,
    SECOND,
    block,
    interface,
    option,
    packet,
    pcap_file,
    read_bytes,
    section,
)

PCAPNG = (
    section() + interface(option(9, b"\x09")) + packet(AT) + packet(AT + SECOND) + packet(AT + 2 * SECOND)
)


# -- pcap


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "at"), [(0xA1B23C4D, AT), (0xA1B2C3D4, AT // 1000 * 1000)])
def test_pcap_in_both_byte_orders_and_units(order: str, magic: int, at: int, tmp_path: Path) -> None:
    frames, notes = read_bytes(pcap_file([FRAME, FRAME[:30]], order=order, magic=magic), tmp_path)
    assert notes == []
    assert [(f.number, f.at_ns, f.data, f.offset) for f in frames] == [
        (1, at, FRAME, 24),
        (2, at + SECOND, FRAME[:30], 24 + 16 + len(FRAME)),
    ]
    assert {(f.interface, f.link_type, f.comment, f.direction) for f in frames} == {("", 1, "", "")}


def test_a_frame_that_the_capture_cut_off_says_how_long_it_was(tmp_path: Path) -> None:
    data = pcap_file([]) + struct.pack("<IIII", 1, 2, 20, 1500) + FRAME[:20]
    frames, notes = read_bytes(data, tmp_path)
    assert ([(f.data, f.original_length) for f in frames], notes) == ([(FRAME[:20], 1500)], [])


def test_the_link_type_is_read_without_the_length_of_the_check_sequence(tmp_path: Path) -> None:
    frames, _ = read_bytes(pcap_file(link_type=0x44000001), tmp_path)
    assert frames[0].link_type == 1


def test_a_capture_of_nothing_has_no_frames(tmp_path: Path) -> None:
    assert read_bytes(pcap_file([]), tmp_path) == ([], [])
    assert read_bytes(section(), tmp_path) == ([], [])


# -- pcapng


def test_interfaces_have_names_and_units_of_their_own(tmp_path: Path) -> None:
    data = (
        section()
        + interface(option(2, b"eth0") + option(9, b"\x09"))
        + interface(option(2, b"eth1"), link_type=113)
        + interface(option(9, b"\x8a") + option(14, struct.pack("<q", 7)))
        + packet(AT)
        + packet(AT // 1000, index=1)
        + packet(3 * 1024 + 512, index=2)
    )
    frames, notes = read_bytes(data, tmp_path)
    assert notes == []
    assert [(f.interface, f.link_type, f.at_ns) for f in frames] == [
        ("eth0", 1, AT),
        ("eth1", 113, AT // 1000 * 1000),
        ("", 1, 10 * SECOND + SECOND // 2),
    ]


def test_each_section_has_its_byte_order_and_interfaces(tmp_path: Path) -> None:
    data = (
        section()
        + interface(option(2, b"first"))
        + packet(AT // 1000)
        + section(">")
        + interface(option(2, b"second", ">") + option(9, b"\x09", ">"), ">")
        + packet(AT, order=">", options=option(1, b"a comment", ">") + option(2, b"\0\0\0\2", ">"))
    )
    frames, notes = read_bytes(data, tmp_path)
    assert notes == []
    assert [(f.number, f.interface, f.at_ns, f.comment, f.direction) for f in frames] == [
        (1, "first", AT // 1000 * 1000, "", ""),
        (2, "second", AT, "a comment", "sent"),
    ]


def test_every_comment_of_a_frame_is_read(tmp_path: Path) -> None:
    options = (
        option(1, "db1 became MASTER – why".encode())
        + option(2, b"\1\0\0\0")
        + option(1, b"\xff!")
        + option(0, b"")
    )
    frames, notes = read_bytes(section() + interface() + packet(1, options=options), tmp_path)
    assert (frames[0].comment, frames[0].direction) == ("db1 became MASTER – why\n�!", "received")
    assert notes == []


def test_packets_of_older_and_simpler_kinds(tmp_path: Path) -> None:
    old = struct.pack("<HH4I", 0, 0, AT // 1000 >> 32, AT // 1000 & 0xFFFFFFFF, len(FRAME), 90) + FRAME
    simple = struct.pack("<I", 90) + FRAME[:32]
    data = (
        section()
        + interface(option(2, b"eth0"), snap_length=32)
        + block(OLD_PACKET, old)
        + block(SIMPLE_PACKET, simple)
    )
    frames, notes = read_bytes(data, tmp_path)
    assert notes == []
    assert [(f.interface, f.at_ns, f.data, f.original_length) for f in frames] == [
        ("eth0", AT // 1000 * 1000, FRAME, 90),
        ("eth0", None, FRAME[:32], 90),
    ]


def test_blocks_that_are_not_known_are_skipped(tmp_path: Path) -> None:
    strange = block(0x0BAD, bytes(600_000)) + block(5, bytes(20)) + block(10, b"secret")
    frames, notes = read_bytes(section() + strange + interface() + strange + packet(1), tmp_path)
    assert ([f.data for f in frames], notes) == ([FRAME], [])


def test_a_packet_of_an_interface_that_is_not_described_is_left_out_and_noted_once(tmp_path: Path) -> None:
    data = section() + interface() + packet(1, index=3) + packet(2, index=4) + packet(3)
    frames, notes = read_bytes(data, tmp_path)
    assert [f.number for f in frames] == [3]
    assert [(n.frame, n.byte) for n in notes] == [(1, 48)]
    assert "interface 3 is not described" in notes[0].message


# -- compressed


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


@pytest.mark.parametrize("compress", [gzip.compress, _xz])
def test_compressed_captures_are_opened(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = pcap_file([FRAME] * 100)
    frames, notes = read_bytes(compress(whole[:2000]) + compress(whole[2000:]) + bytes(8), tmp_path)
    assert (len(frames), notes) == (100, [])


@pytest.mark.parametrize("compress", [gzip.compress, _xz])
def test_a_compressed_capture_that_is_cut_off_is_read_to_there(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    packed = compress(pcap_file([os.urandom(1000) for _ in range(1000)]))
    frames, notes = read_bytes(packed[: len(packed) // 2], tmp_path)
    assert 200 < len(frames) < 800
    assert "cut off" in notes[0].message
    assert f"frame {len(frames)}" in notes[0].message


# -- bad input


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\x00" * 100, "this is not a pcap or pcapng capture"),
        (
            b"Nov 30 03:12:01 db1 Keepalived_vrrp[7]: VRRP_Instance(VI_1) Entering MASTER STATE\n",
            "not a pcap",
        ),
        (b"\xa1", "not a pcap"),
        (gzip.compress(b"a log\n" * 100, mtime=0), "not a pcap"),
    ],
)
def test_what_is_no_capture_is_said(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=message) as raised:
        read_bytes(data, tmp_path)
    assert str(tmp_path / "some.capture") in raised.value.message


def test_devices_folders_and_missing_files_are_said() -> None:
    for name in ("/dev/zero", "/", "/nowhere/a.pcap"):
        with pytest.raises(UserError, match=name):
            next(iter(_read_path(Path(name))))


def _read_path(path: Path) -> list[object]:
    from hatlab.capture_files import read_capture

    return list(read_capture(path, []))


@pytest.mark.parametrize(
    ("data", "frames", "place", "message"),
    [
        (pcap_file([FRAME] * 3)[:-1], 2, (3, 24 + 2 * 76), "cut off: 59 of the frame's 60 bytes"),
        (pcap_file([FRAME] * 3)[: 24 + 76 + 7], 1, (2, 100), "cut off within the frame's header"),
        (pcap_file() + b"\xff" * 100, 1, (2, 100), "a frame of 4294967295 bytes is announced"),
        (pcap_file() + bytes(4096) + pcap_file()[24:], 2, (2, 100), "a frame has no bytes"),
        (pcap_file()[:20], 0, (0, 0), "ends within its header"),
        (b"\xd4\xc3\xb2\xa1\x07\x00" + bytes(18), 0, (0, 4), "version 7.0 of pcap"),
        (PCAPNG[:-1], 2, (3, 240), "cut off within a block"),
        (PCAPNG + b"\x06\0\0", 3, (4, 332), "cut off within a block's header"),
        (PCAPNG + b"\x06\0\0\0\xff\xff\xff\xff", 3, (4, 332), "a block of 4294967295 bytes is announced"),
        (PCAPNG + b"\x06\0\0\0\xfc\xff\xff\xff", 3, (4, 332), "a block of 4294967292 bytes is too large"),
        (PCAPNG + b"\x63\0\0\0\xfc\xff\xff\xff", 3, (4, 332), "cut off within a block"),
        (PCAPNG + packet(1, length=70), 3, (4, 332), "a frame of 70 bytes does not fit in its block"),
        (PCAPNG + block(6, b"1234"), 3, (4, 332), "a block is too short"),
        (PCAPNG + block(1, b""), 3, (4, 332), "a block is too short"),
        (PCAPNG[:-4] + b"\0\0\0\0", 2, (3, 240), "a block's two lengths differ"),
        (PCAPNG + section(major=2), 3, (4, 332), "version 2.0 of pcapng"),
        (PCAPNG + b"\x0a\x0d\x0d\x0a" + bytes(24), 3, (4, 332), "byte order cannot be told"),
        (PCAPNG + b"\x0a\x0d\x0d\x0a" + bytes(4), 3, (4, 332), "cut off within a section's header"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stands_before_the_damage_is_read(
    data: bytes, frames: int, place: tuple[int, int], message: str, tmp_path: Path
) -> None:
    found, notes = read_bytes(data, tmp_path)
    assert [f.data for f in found] == [FRAME] * frames
    assert [(n.frame, n.byte) for n in notes] == [place]
    assert message in notes[0].message


def test_notes_have_a_limit() -> None:
    notes: list[CaptureError] = []
    damaged = (section() + packet(1)) * 3000
    assert list(read_frames(io.BytesIO(damaged), "x", notes)) == []
    assert len(notes) == 1000


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [PCAPNG, pcap_file([FRAME] * 3), section(">") + interface(order=">") + packet(1, order=">")]
    ),
    st.lists(st.tuples(st.integers(4, 400), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(4, 400),
)
def test_whatever_is_damaged_no_traceback_comes(
    data: bytes, changes: list[tuple[int, bytes]], end: int
) -> None:
    damaged = bytearray(data)
    for at, what in changes:
        damaged[at : at + len(what)] = what
    notes: list[CaptureError] = []
    for frame in read_frames(io.BytesIO(bytes(damaged[:end])), "x", notes):
        assert len(frame.data) <= len(damaged)
