"""One packet of the merged list, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hatlab import events as e
from hatlab.describe.times import format_milliseconds
from hatlab.util.addresses import is_ipv6

Capture = e.Advert | e.Arp
"""A frame as one node captured it."""


MEASURABLE = 0.0001
"""Seconds below which nobody can measure how long a packet was under way."""


@dataclass(slots=True, eq=False)
class Packet:
    """One frame on one network, or several equal ones in a row."""

    number: int
    """Counts up; the order of rows is by time, not by number."""
    at: float
    """When the first was sent, or first received if no node of the lab sent it."""
    event: Capture
    """The capture it was first known by; the sender's once that is known."""
    sender: str
    """Node or client, else the address it came from."""
    sent: int = 0
    """How many the sender's capture saw."""
    last: float = 0.0
    """When the last was sent, or received if no node of the lab sent it."""
    received: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Node → how many arrived, when the first did."""
    expected: frozenset[str] = frozenset()
    """Nodes that should receive it, as they were when it was sent."""
    unseen: frozenset[str] = frozenset()
    """Nodes that should receive it too, but of which an incident has no capture, so that nobody knows."""
    interval: float | None = None
    """Seconds since the sender's previous advert of this VRID, None for a first one and for other frames."""
    taken_over_from: str = ""
    """Whose advert the interval counts from, if not the sender's: it has just taken over."""
    settled: bool = False
    """True if the time in which it could still arrive is over."""

    @property
    def count(self) -> int:
        return max(1, self.sent, *(number for number, _ in self.received.values()))

    @property
    def missing(self) -> tuple[str, ...]:
        """Nodes at which it never arrived, as far as is known."""
        if not self.settled or not self.sent:
            return ()
        return tuple(sorted(n for n in self.expected if n not in self.received))

    @property
    def priority(self) -> int | None:
        return self.event.priority if isinstance(self.event, e.Advert) else None

    @property
    def kind(self) -> str:
        """`vrrp`, `arp`, or of neighbour discovery `ns` (who has?) and `na` (is at)."""
        if isinstance(self.event, e.Advert):
            return "vrrp"
        return ("ns" if self.event.request else "na") if is_ipv6(self.event.address) else "arp"


def arrival_text(packet: Packet, node: str) -> tuple[str, str]:
    """Return what a node's column says, and the outcome.

    That is sent, arrived, lost, partly, waiting, unknown or none.
    """
    times = f" ×{packet.sent}" if packet.sent > 1 else ""
    if node == packet.sender and packet.sent:
        return f"sent{times}", "sent"
    received = packet.received.get(node)
    if received is None:
        if packet.sent and node in packet.unseen:
            return "not known", "unknown"
        if not packet.sent or node not in packet.expected:
            return "", "none"
        return ("✖ never arrived", "lost") if packet.settled else ("…", "waiting")
    count, first = received
    if packet.sent and packet.settled and count < packet.sent:
        return f"✖ {count} of {packet.sent} arrived", "partly"
    if not packet.sent:
        return f"received{f' ×{count}' if count > 1 else ''}", "arrived"
    return f"received {format_delay(first - packet.at)}", "arrived"


def arrival_summary(packet: Packet, nodes: Sequence[str], width: int) -> tuple[str, str]:
    """Return what became of a packet at all nodes, and the outcome as of `arrival_text`.

    It is `✔ all 15  +0.2 ms`, or who did not receive it, in `width` characters.
    """
    found: dict[str, list[str]] = {}
    for node in nodes:
        found.setdefault(arrival_text(packet, node)[1], []).append(node)
    arrived, missed = found.get("arrived", []), [*found.get("lost", []), *found.get("partly", [])]
    if missed:
        count = f"✖ missed {len(missed)} of {len(missed) + len(arrived)}"
        names = f"{count}: {', '.join(missed)}"
        return (names if len(names) <= width else count), "lost"
    if found.get("waiting"):
        return f"… {len(arrived)} so far", "waiting"
    if not arrived:
        return ("▶ sent", "sent") if packet.sent else ("", "none")
    latest = max(packet.received[node][1] for node in arrived)
    delay_text = f"  {format_delay(latest - packet.at)}" if packet.sent else ""
    receivers = f"all {len(arrived)}" if len(arrived) > 1 else arrived[0]
    return f"✔ {receivers}{delay_text}"[:width], "arrived"


def format_delay(seconds: float) -> str:
    """Return how long a packet was under way, as in `+0.21 ms`.

    Two machines capture it, each when it gets to: less than `MEASURABLE` cannot be told from nothing, and the
    receiver may even have been the first.
    """
    if seconds < MEASURABLE:
        return f"< {MEASURABLE * 1000:g} ms"
    return format_milliseconds(seconds * 1000, "+")


def search_text(packet: Packet) -> str:
    """Return the words a filter is matched against."""
    event = packet.event
    words = [packet.kind, packet.sender, event.network, *packet.received]
    if isinstance(event, e.Advert):
        words += [f"v{event.version}", f"vrid {event.vrid}", f"prio {event.priority}", event.source]
        words += event.addresses
    else:
        words += ["gratuitous" if event.gratuitous else "who-has" if event.request else "is-at"]
        words += ["unsolicited"] if packet.kind == "na" and event.gratuitous else []
        words += [event.address, event.target, event.mac]
    for defect in event.defects if isinstance(event, e.Advert) else ():
        words += ["defect", defect]
    if packet.missing:
        words.append("never arrived lost")
    return f" {' '.join(words)} ".lower()
