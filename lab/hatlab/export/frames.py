"""A run's frames for a capture file, and what is to be said about them: for `export` and for `capture`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hatlab import events as e
from hatlab.capture_files.write import PcapngWriter
from hatlab.text.event_log import format_event

COMMENTED = (e.Vrrp, e.Why, e.Action, e.Condition, e.Outage, e.Node, e.Link, e.Dropped)
"""Kinds of events that become comments on the first frame behind them."""


class Frame(NamedTuple):
    """A captured frame of a lab."""

    event: e.Advert | e.Arp
    data: bytes

    @property
    def interface(self) -> str:
        """The name of the interface that it crossed: node and network."""
        return f"{self.event.node} {self.event.network}"

    def write(self, writer: PcapngWriter, began_ns: int, comments: Iterable[str]) -> None:
        """Write it to a capture of a lab that began at `began_ns` (nanoseconds since 1970)."""
        event = self.event
        number = writer.add_interface(self.interface, f"{event.node}'s interface on {event.network}")
        at_ns = began_ns + round(event.at * 1e9)
        writer.write_frame(number, at_ns, self.data, sent=event.direction == "sent", comments=comments)


def about_capture(lab: e.Lab) -> str:
    """Return what a capture of a lab says about itself."""
    return f"hatlab {lab.name} on {lab.engine}; each comment says what happened before its frame"


def frame_of(event: e.Event) -> Frame | None:
    """Return an event's frame, None if it has none."""
    if not isinstance(event, e.Advert | e.Arp):
        return None
    try:
        data = bytes.fromhex(event.frame)
    except ValueError:
        return None
    return Frame(event, data) if data else None


def comment_of(event: e.Event) -> str:
    """Return what an event says about the frames behind it; empty for most."""
    if not isinstance(event, COMMENTED):
        return ""
    return "\n  ".join(" ".join(part.split()) for part in format_event(event).splitlines())
