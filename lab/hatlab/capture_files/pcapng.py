"""Reads the frames of a pcapng file (draft-ietf-opsawg-pcapng): any number of sections and interfaces.

Blocks that are not understood are skipped, as the format asks for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from hatlab.capture_files import blocks
from hatlab.capture_files.frame import CapturedFrame, Report

MAGIC = b"\x0a\x0d\x0d\x0a"
MAX_BLOCK = 16 * 2**20
"""Bytes of a block that is read at most, libpcap's own limit; one that is skipped may be longer."""
MAX_INTERFACES = 65_536
"""Of one section."""
_CHUNK = 2**18
_READ = {blocks.INTERFACE, blocks.OLD_PACKET, blocks.SIMPLE_PACKET, blocks.PACKET}
_BYTE_ORDERS = {
    blocks.BYTE_ORDER.to_bytes(4, "big"): ">",
    blocks.BYTE_ORDER.to_bytes(4, "little"): "<",
}
_DIRECTIONS = ("", "received", "sent", "")
_SECOND = 1_000_000_000


class _Interface(NamedTuple):
    name: str
    link_type: int
    snap_length: int
    """Bytes of a frame at most; 0 if there is no limit."""
    units: int
    """Of time, in a second."""
    offset: int
    """Seconds to add to each time."""


class _DamagedError(Exception):
    """Nothing from this block on can be read."""


def read_pcapng(file: IO[bytes], magic: bytes, report: Report) -> Iterator[CapturedFrame]:
    """Yield the frames of a file of which the first four bytes, `magic`, have been read.

    Raises:
        OSError: of `file`.
    """
    return _Reader(file, report).read_frames(magic)


class _Reader:
    """Reads block by block; knows the byte order and the interfaces of the section."""

    def __init__(self, file: IO[bytes], report: Report) -> None:
        self._file = file
        self._report = report
        self._order = ""
        self._interfaces: list[_Interface] = []
        self._all_described = True
        """False once a packet of the section named an interface that was not described."""
        self._number = 1
        """Of the next frame."""
        self._offset = 0
        """Of the block that is being read."""

    def read_frames(self, magic: bytes) -> Iterator[CapturedFrame]:
        """Yield the frames, and report what is damaged."""
        try:
            for kind, body in self._read_blocks(magic):
                if kind == blocks.INTERFACE:
                    self._read_interface(body)
                elif (frame := self._read_packet(kind, body)) is not None:
                    self._number += 1
                    yield frame
        except _DamagedError as damage:
            self._report(self._number, self._offset, str(damage))
        except struct.error:
            self._report(self._number, self._offset, "a block is too short; the file is damaged from here on")

    def _read_blocks(self, magic: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the kind and the body (with the length that ends it) of each block that matters."""
        read = self._file.read
        head = magic + read(8 - len(magic))
        while head:
            if len(head) < 8:
                raise _DamagedError("the file is cut off within a block's header")
            taken = 8
            if head[:4] == MAGIC:
                self._begin_section(read(8))
                taken = 16
            kind, length = struct.unpack(self._order + "II", head)
            if length < taken + 4 or length % 4:
                raise _DamagedError(
                    f"a block of {length} bytes is announced; the file is damaged from here on"
                )
            if kind in _READ:
                if length > MAX_BLOCK:
                    raise _DamagedError(f"a block of {length} bytes is too large")
                body = read(length - 8)
                if len(body) < length - 8:
                    raise _DamagedError("the file is cut off within a block")
                if body[-4:] != head[4:]:
                    raise _DamagedError("a block's two lengths differ; the file is damaged from here on")
                yield kind, body
            else:
                self._skip(length - taken)
            self._offset += length
            head = read(8)

    def _begin_section(self, start: bytes) -> None:
        """Forget the section before. `start`: byte order, version and the first half of the length."""
        if len(start) < 8:
            raise _DamagedError("the file is cut off within a section's header")
        order = _BYTE_ORDERS.get(start[:4])
        if order is None:
            raise _DamagedError("a section's byte order cannot be told; the file is damaged from here on")
        major, minor = struct.unpack_from(order + "HH", start, 4)
        if major != 1:
            raise _DamagedError(f"version {major}.{minor} of pcapng is not known")
        self._order = order
        self._interfaces.clear()
        self._all_described = True

    def _skip(self, length: int) -> None:
        while length:
            skipped = len(self._file.read(min(length, _CHUNK)))
            if not skipped:
                raise _DamagedError("the file is cut off within a block")
            length -= skipped

    def _read_interface(self, body: bytes) -> None:
        if len(self._interfaces) == MAX_INTERFACES:
            raise _DamagedError("a section has too many interfaces")
        link_type, _, snap_length = struct.unpack_from(self._order + "HHI", body)
        name, units, offset = "", 1_000_000, 0
        for code, value in self._read_options(body, 8):
            if code == blocks.IF_NAME:
                name = _decode(value)
            elif code == blocks.IF_TSRESOL and value:
                units = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            elif code == blocks.IF_TSOFFSET and len(value) == 8:
                (offset,) = struct.unpack(self._order + "q", value)
        self._interfaces.append(_Interface(name, link_type, snap_length, units, offset))

    def _read_packet(self, kind: int, body: bytes) -> CapturedFrame | None:
        """Return the frame of a packet block, None if its interface was not described."""
        at = 20
        high = low = index = 0
        if kind == blocks.PACKET:
            index, high, low, length, original = struct.unpack_from(self._order + "5I", body)
        elif kind == blocks.OLD_PACKET:
            index, _, high, low, length, original = struct.unpack_from(self._order + "HH4I", body)
        else:
            (original,) = struct.unpack_from(self._order + "I", body)
            at, length = 4, original
        if index >= len(self._interfaces):
            if self._all_described:
                self._all_described = False
                self._report(self._number, self._offset, f"its interface {index} is not described: left out")
            self._number += 1
            return None
        interface = self._interfaces[index]
        if kind == blocks.SIMPLE_PACKET:
            length = min(original, interface.snap_length or original)
        end = at + length
        if end > len(body) - 4:
            raise _DamagedError(
                f"a frame of {length} bytes does not fit in its block; the file is damaged from here on"
            )
        data = body[at:end]
        end += -length % 4
        comment, direction = self._read_notes(body, end) if end + 8 <= len(body) else ("", "")
        moment = None
        if kind != blocks.SIMPLE_PACKET:
            moment = (high << 32 | low) * _SECOND // interface.units + interface.offset * _SECOND
        return CapturedFrame(
            self._number,
            moment,
            interface.name,
            interface.link_type,
            data,
            original,
            comment,
            direction,
            self._offset,
        )

    def _read_notes(self, body: bytes, at: int) -> tuple[str, str]:
        """Return a packet's comments and its direction."""
        comments, direction = [], ""
        for code, value in self._read_options(body, at):
            if code == blocks.COMMENT:
                comments.append(_decode(value))
            elif code == blocks.EPB_FLAGS and len(value) == 4:
                (flags,) = struct.unpack(self._order + "I", value)
                direction = _DIRECTIONS[flags & 3]
        return "\n".join(comments), direction

    def _read_options(self, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
        end = len(body) - 4
        while at + 4 <= end:
            code, length = struct.unpack_from(self._order + "HH", body, at)
            at += 4
            if code == blocks.END or at + length > end:
                return
            yield code, body[at : at + length]
            at += length + (-length % 4)


def _decode(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", "replace")
