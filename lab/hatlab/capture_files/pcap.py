"""Reads the frames of a pcap file (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import IO

from hatlab.capture_files.frame import MAX_FRAME, CapturedFrame, Report

MAGIC: dict[bytes, tuple[str, int]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}
"""First bytes → byte order, and nanoseconds of a unit of time."""
_HEADER = 24
_LINK_TYPE = 0x03FFFFFF
"""The bits of the link type; above it stands how long the frames' check sequence is."""


def read_pcap(file: IO[bytes], magic: bytes, report: Report) -> Iterator[CapturedFrame]:
    """Yield the frames of a file of which the first four bytes, `magic`, have been read.

    Raises:
        OSError: of `file`.
    """
    order, unit = MAGIC[magic]
    rest = file.read(_HEADER - len(magic))
    if len(rest) < _HEADER - len(magic):
        return report(0, 0, "the file ends within its header")
    major, minor, _, _, _, link_type = Struct(order + "HHIIII").unpack(rest)
    if major != 2:
        return report(0, 4, f"version {major}.{minor} of pcap is not known")
    link_type &= _LINK_TYPE
    head_length, unpack, read = 16, Struct(order + "IIII").unpack, file.read
    number, offset, has_empty = 1, _HEADER, False
    while head := read(head_length):
        if len(head) < head_length:
            return report(number, offset, "the file is cut off within the frame's header")
        seconds, fraction, length, original = unpack(head)
        if length > MAX_FRAME:
            return report(
                number, offset, f"a frame of {length} bytes is announced; the file is damaged from here on"
            )
        data = read(length)
        if len(data) < length:
            return report(
                number, offset, f"the file is cut off: {len(data)} of the frame's {length} bytes are there"
            )
        if length:
            at = seconds * 1_000_000_000 + fraction * unit
            yield CapturedFrame(number, at, "", link_type, data, original, "", "", offset)
        elif not has_empty:  # zeros, where something was not written
            has_empty = True
            report(number, offset, "a frame has no bytes; such frames are left out")
        number += 1
        offset += head_length + length
    return None
