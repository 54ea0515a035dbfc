"""Blocks and options of pcapng: their numbers, and how they are written (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import struct

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, STATISTICS, PACKET = 0x0A0D0D0A, 1, 2, 3, 5, 6
BYTE_ORDER = 0x1A2B3C4D
"""Written in the byte order of its section."""
END, COMMENT = 0, 1
SHB_USERAPPL = 4
IF_NAME, IF_DESCRIPTION, IF_TSRESOL, IF_TSOFFSET = 2, 3, 9, 14
EPB_FLAGS = 2
ISB_IFRECV, ISB_IFDROP = 4, 5
INBOUND, OUTBOUND = 1, 2
"""Bits 0 and 1 of a packet's flags."""
UNICAST, MULTICAST, BROADCAST = 1, 2, 3
"""Bits 2 to 4 of a packet's flags."""
ETHERNET = 1
"""The link type."""


def encode_block(kind: int, body: bytes) -> bytes:
    """Return a block, little-endian; `body` ends at a multiple of four bytes."""
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def encode_options(*options: tuple[int, bytes]) -> bytes:
    """Encode options with their lengths, each at a multiple of four bytes, and the end of them."""
    encoded = b"".join(
        struct.pack("<HH", code, len(value[:65535])) + padded(value[:65535]) for code, value in options
    )
    return encoded + struct.pack("<HH", END, 0)


def padded(data: bytes) -> bytes:
    """Return data filled up with zeros to a multiple of four bytes."""
    return data + b"\0" * (-len(data) % 4)
