"""Capture files made by hand, byte by byte, for tests of what reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from hatlab.capture_files import CapturedFrame, read_capture
from hatlab.capture_files.blocks import BYTE_ORDER, INTERFACE, PACKET, SECTION
from hatlab.errors import CaptureError

SECOND = 1_000_000_000
AT = 1_790_000_000 * SECOND + 123_456_789
"""A moment, ns since 1970."""
FRAME = bytes.fromhex("01005e000012 00005e000133 0800") + bytes(range(46))


def pcap_file(
    frames: Iterable[bytes] = (FRAME,), *, order: str = "<", magic: int = 0xA1B23C4D, link_type: int = 1
) -> bytes:
    """Return a pcap file; each frame is a second after the one before."""
    unit = 1 if magic == 0xA1B23C4D else 1000
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link_type)]
    for k, frame in enumerate(frames):
        seconds, rest = divmod(AT + k * SECOND, SECOND)
        parts.append(struct.pack(order + "IIII", seconds, rest // unit, len(frame), len(frame)) + frame)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """Return an option of a block."""
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order: str = "<", major: int = 1) -> bytes:
    """Return the block that begins a section."""
    return block(SECTION, struct.pack(order + "IHHq", BYTE_ORDER, major, 0, -1), order)


def interface(options: bytes = b"", order: str = "<", link_type: int = 1, snap_length: int = 0) -> bytes:
    """Return the block that describes an interface."""
    return block(INTERFACE, struct.pack(order + "HHI", link_type, 0, snap_length) + options, order)


def packet(
    time: int,
    frame: bytes = FRAME,
    *,
    index: int = 0,
    options: bytes = b"",
    order: str = "<",
    length: int | None = None,
) -> bytes:
    """Return an enhanced packet block; `time` in units of its interface."""
    head = struct.pack(
        order + "5I",
        index,
        time >> 32,
        time & 0xFFFFFFFF,
        len(frame) if length is None else length,
        len(frame),
    )
    return block(PACKET, head + frame + b"\0" * (-len(frame) % 4) + options, order)


def read_bytes(data: bytes, folder: Path) -> tuple[list[CapturedFrame], list[CaptureError]]:
    """Return the frames of a file with these bytes, and what was noted about it."""
    path = folder / "some.capture"
    path.write_bytes(data)
    notes: list[CaptureError] = []
    return list(read_capture(path, notes)), notes
