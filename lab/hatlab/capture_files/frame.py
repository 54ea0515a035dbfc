"""A frame as a capture file has it, and how a reader tells what it could not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

MAX_FRAME = 262_144
"""Bytes of a frame at most; libpcap's own limit (MAXIMUM_SNAPLEN)."""

Report = Callable[[int, int, str], None]
"""Called with a frame's number, its offset in the (decompressed) file, and what is wrong with it.

Number 0: it is the file as a whole."""


class CapturedFrame(NamedTuple):
    """One captured frame. A tuple, since a capture may have millions.

    Attributes:
        number: from 1, as Wireshark counts (which counts custom blocks, too).
        at_ns: when it was captured, nanoseconds since 1970 (UTC); None if the file does not say (a pcapng
            simple packet).
        interface: the name of the interface it was captured on; empty if the file does not say.
        link_type: what `data` begins with: 1 Ethernet, 101 IP, 113 and 276 Linux cooked
            (tcpdump.org/linktypes.html).
        data: its bytes; fewer than `original_length` if it was cut off by the capture (`tcpdump -s`).
        original_length: bytes that it had on the wire.
        comment: comments of the frame, a line each or more; may be empty.
        direction: `sent` or `received`, or empty if the file does not say.
        offset: where it stands in the (decompressed) file, bytes.
    """

    number: int
    at_ns: int | None
    interface: str
    link_type: int
    data: bytes
    original_length: int
    comment: str
    direction: str
    offset: int
