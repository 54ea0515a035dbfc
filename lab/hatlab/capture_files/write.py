"""Writes a pcapng file as its frames come, readable at every moment."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import IO

from hatlab import __version__
from hatlab.capture_files import blocks
from hatlab.capture_files.blocks import encode_block, encode_options, padded
from hatlab.util.visible import show_controls

_NANOSECONDS = b"\x09"
_BROADCAST = b"\xff" * 6


class PcapngWriter:
    """One section of Ethernet frames, their times in nanoseconds.

    Its methods raise the OSErrors of `out`, which gets a whole block with each call of its `write`.

    Args:
        out: where it is written; not flushed.
        about: what it is, a comment of the file.
    """

    def __init__(self, out: IO[bytes], about: str) -> None:
        self._out = out
        self._interfaces: dict[str, int] = {}
        """Name → number: interfaces are numbered in the order of their blocks."""
        options = encode_options(
            (blocks.COMMENT, _encode(about)), (blocks.SHB_USERAPPL, f"hatlab {__version__}".encode())
        )
        out.write(encode_block(blocks.SECTION, struct.pack("<IHHq", blocks.BYTE_ORDER, 1, 0, -1) + options))

    def add_interface(self, name: str, about: str, comments: Iterable[str] = ()) -> int:
        """Describe an interface, unless that was done before, and return its number."""
        if name in self._interfaces:
            return self._interfaces[name]
        number = self._interfaces[name] = len(self._interfaces)
        options = encode_options(
            *_comments(comments),
            (blocks.IF_NAME, _encode(name)),
            (blocks.IF_DESCRIPTION, _encode(about)),
            (blocks.IF_TSRESOL, _NANOSECONDS),
        )
        self._out.write(encode_block(blocks.INTERFACE, struct.pack("<HHI", blocks.ETHERNET, 0, 0) + options))
        return number

    def write_frame(
        self, interface: int, at_ns: int, data: bytes, *, sent: bool, comments: Iterable[str] = ()
    ) -> None:
        """Write a frame: when it was captured (ns since 1970), on which side, what is to be said about it."""
        head = struct.pack("<IIIII", interface, *_halves(at_ns), len(data), len(data))
        options = encode_options(
            *_comments(comments), (blocks.EPB_FLAGS, struct.pack("<I", _flags(data, sent=sent)))
        )
        self._out.write(encode_block(blocks.PACKET, head + padded(data) + options))

    def write_statistics(
        self, at_ns: int, seen: Mapping[str, int], dropped: Mapping[str, int], comments: Iterable[str] = ()
    ) -> None:
        """Write of each interface how many frames it saw, and how many of them are missing here.

        Args:
            at_ns: now.
            seen, dropped: by the interface's name.
            comments: what is to be said behind the last frame; the first interface gets them.
        """
        for name, number in self._interfaces.items():
            options = encode_options(
                *_comments(comments),
                (blocks.ISB_IFRECV, struct.pack("<Q", seen.get(name, 0))),
                (blocks.ISB_IFDROP, struct.pack("<Q", dropped.get(name, 0))),
            )
            comments = ()
            head = struct.pack("<III", number, *_halves(at_ns))
            self._out.write(encode_block(blocks.STATISTICS, head + options))


def _halves(at_ns: int) -> tuple[int, int]:
    moment = max(0, at_ns) & (2**64 - 1)
    return moment >> 32, moment & 0xFFFFFFFF


def _comments(texts: Iterable[str]) -> Iterable[tuple[int, bytes]]:
    return ((blocks.COMMENT, _encode(text)) for text in texts)


def _encode(text: str) -> bytes:
    return show_controls(text).encode()


def _flags(frame: bytes, *, sent: bool) -> int:
    """Return the direction in bits 0 and 1, the kind of reception in bits 2 to 4."""
    flags = blocks.OUTBOUND if sent else blocks.INBOUND
    if frame[:6] == _BROADCAST:
        return flags | blocks.BROADCAST << 2
    return flags | (blocks.MULTICAST if frame[0] & 1 else blocks.UNICAST) << 2
