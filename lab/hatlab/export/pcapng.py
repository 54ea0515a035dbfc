"""The captured frames as pcapng (draft-ietf-opsawg-pcapng), each with the side on which it was seen.

One interface a node and network; a transition, an action, a condition or an outage is a comment on the
first frame behind it.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterable
from typing import IO

from hatlab import __version__
from hatlab import events as e
from hatlab.export.cast import unix_start
from hatlab.state.steps import Step
from hatlab.text.event_log import format_event
from hatlab.util.visible import show_controls

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
END, COMMENT = 0, 1
IF_NAME, IF_DESCRIPTION, IF_TSRESOL = 2, 3, 9
EPB_FLAGS = 2
SHB_USERAPPL = 4
ETHERNET = 1
INBOUND, OUTBOUND = 1, 2
UNICAST, MULTICAST, BROADCAST = 1, 2, 3
REORDER_WINDOW = 1.0
"""Seconds by which nodes' frames may come out of order; a capture reads better in order."""


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    writer = _CaptureWriter(out)
    for event, _, _ in steps:
        writer.add(event)
    writer.close()


class _CaptureWriter:
    """Writes blocks; holds back what an earlier frame may still come before."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._began = 0.0
        self._interfaces: dict[tuple[str, str], int] = {}
        """Node and network → the number of their interface."""
        self._waiting: list[tuple[float, int, e.Advert | e.Arp | None, str]] = []
        self._count = 0
        self._comments: list[str] = []
        """For the next frame."""
        self._held: tuple[e.Advert | e.Arp, bytes, list[str]] | None = None

    def add(self, event: e.Event) -> None:
        """Add one event; a comment waits in line with the frames."""
        if isinstance(event, e.Lab):
            self._write_section(event)
            return
        if isinstance(event, e.Advert | e.Arp):
            self._queue(event.at, event, "")
        elif isinstance(event, e.Vrrp | e.Why | e.Action | e.Condition | e.Outage | e.Node | e.Link):
            text = format_event(event).splitlines()
            self._queue(event.at, None, "\n  ".join(" ".join(part.split()) for part in text))

    def close(self) -> None:
        """Write what was held back."""
        self._release(float("inf"))
        if self._held is not None:
            self._held[2].extend(self._comments)
            self._write_held_frame()
        elif self._comments or not self._interfaces:
            self._write_interface("lab", "no frames were recorded", self._comments)

    def _queue(self, at: float, frame: e.Advert | e.Arp | None, comment: str) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, frame, comment))
        self._release(at - REORDER_WINDOW)

    def _release(self, until: float) -> None:
        while self._waiting and self._waiting[0][0] <= until:
            _, _, frame, comment = heapq.heappop(self._waiting)
            if frame is None:
                self._comments.append(comment)
                continue
            try:
                data = bytes.fromhex(frame.frame)
            except ValueError:
                continue
            if data:
                self._write_held_frame()
                self._held = (frame, data, self._comments)
                self._comments = []

    # -- blocks

    def _write_section(self, lab: e.Lab) -> None:
        self._began = unix_start(lab) or 0.0
        about = f"hatlab {lab.name} on {lab.engine}; each comment says what happened before its frame"
        options = _options((COMMENT, _encode(about)), (SHB_USERAPPL, f"hatlab {__version__}".encode()))
        self._write_block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)

    def _write_interface(self, name: str, about: str, comments: list[str]) -> None:
        """Write an interface: they are numbered in the order of their blocks. Times are in microseconds."""
        options = _options(
            *((COMMENT, _encode(text)) for text in comments),
            (IF_NAME, _encode(name)),
            (IF_DESCRIPTION, _encode(about)),
            (IF_TSRESOL, b"\x06"),
        )
        self._write_block(INTERFACE, struct.pack("<HHI", ETHERNET, 0, 0) + options)

    def _write_held_frame(self) -> None:
        """Write the frame held back, if there is one."""
        if self._held is None:
            return
        frame, data, comments = self._held
        interface = (frame.node, frame.network)
        if interface not in self._interfaces:
            self._interfaces[interface] = len(self._interfaces)
            self._write_interface(
                f"{frame.node} {frame.network}", f"{frame.node}'s interface on {frame.network}", []
            )
        moment = max(0, round((self._began + frame.at) * 1e6)) & (2**64 - 1)
        head = struct.pack(
            "<IIIII", self._interfaces[interface], moment >> 32, moment & 0xFFFFFFFF, len(data), len(data)
        )
        options = _options(
            *((COMMENT, _encode(text)) for text in comments),
            (EPB_FLAGS, struct.pack("<I", _flags(frame.direction, data))),
        )
        self._write_block(PACKET, head + _padded(data) + options)
        self._held = None

    def _write_block(self, kind: int, body: bytes) -> None:
        length = struct.pack("<I", 12 + len(body))
        self._out.write(struct.pack("<I", kind) + length + body + length)


def _encode(text: str) -> bytes:
    return show_controls(text).encode()


def _flags(direction: str, frame: bytes) -> int:
    """Return the direction in bits 0 and 1, the kind of reception in bits 2 to 4."""
    flags = OUTBOUND if direction == "sent" else INBOUND
    if frame[:6] == b"\xff" * 6:
        return flags | BROADCAST << 2
    return flags | (MULTICAST if frame[0] & 1 else UNICAST) << 2


def _options(*options: tuple[int, bytes]) -> bytes:
    """Encode options with their lengths, each at a multiple of four bytes, and the end of them."""
    encoded = b"".join(
        struct.pack("<HH", code, len(value[:65535])) + _padded(value[:65535]) for code, value in options
    )
    return encoded + struct.pack("<HH", END, 0)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
