"""The packet screen's text: where a packet was, its fields as lines, its bytes as rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.describe.shown_clock import show_moment
from hatlab.describe.times import format_seconds
from hatlab.util.safe_text import safe_text
from hatlab.util.text import plural
from hatlab.views.packets.packet import Packet, arrival_text
from hatlab.views.pieces import Piece, Row

if TYPE_CHECKING:
    from hatlab.dissect import Field

DEFECT_TEXTS = {
    "checksum": "the VRRP checksum does not match, so keepalived discards it",
    "ip_checksum": "the IP header's checksum is wrong",
    "ttl": "its TTL is not 255, so it may have crossed a router; keepalived discards it",
    "length": "it is shorter than it claims to be",
    "truncated": "it was cut short on its way",
    "fragment": "it is only a fragment",
    "destination": "it is not sent to VRRP's group address",
    "version": "it is neither VRRP version 2 nor 3",
    "type": "it is not an advertisement",
    "vrid": "0 is not a valid virtual router ID",
    "no_addresses": "it lists no virtual address",
    "auth_type": "its authentication type is unknown",
    "interval": "an advert interval of 0 makes no sense",
    "carp": "a CARP message (OpenBSD, FreeBSD): CARP also uses protocol 112, and keepalived refuses it",
}
LAYER_TEXTS = {
    "Ethernet": "Carries the packet from one network card to others on the same segment.",
    "IPv4": (
        "Carries the packet from one address to another, or to a group. VRRP uses 224.0.0.18 "
        "and is never routed."
    ),
    "IPv6": (
        "Carries the packet from one address to another, or to a group. VRRP uses ff02::12 "
        "and is never routed."
    ),
    "VRRPv2": "The advertisement itself: I am Master of this virtual router, and this is my priority.",
    "VRRPv3": "The advertisement itself: I am Master of this virtual router, and this is my priority.",
    "AH": "IPsec's authentication header (auth_type AH): a digest made with the password.",
    "VLAN": "A tag that says which virtual LAN the frame belongs to.",
    "ARP": "Says which network card holds an address. A gratuitous ARP tells everyone without being asked.",
    "Neighbour solicitation": "Asks which network card holds an IPv6 address, as ARP does for IPv4.",
    "Neighbour advertisement": (
        "Says which network card holds an IPv6 address. An unsolicited one tells everyone."
    ),
    "Option": "Follows a neighbour discovery message: the network card that the message is about.",
    "Padding": "Padding: an Ethernet frame has at least 60 bytes.",
    "Raw": "Bytes that hatlab cannot interpret.",
}
"""A sentence for each layer."""
_LAYER_STYLES = ("muted", "node0", "node1", "node2", "node3")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One line of the list of fields: a layer's heading, or a field."""

    row: Row
    """The heading, or a field's name and value."""
    bytes: range
    """Where in the frame it stands."""
    style: str
    """The layer's colour."""
    explanation: Row
    """Shown when it is selected."""
    heading: bool = False
    wrong: bool = False


def packet_story(packet: Packet, names: Sequence[str]) -> list[Row]:
    """Return where it was sent and received, when, how often, and what is wrong with it: one line each."""
    event = packet.event
    where = {"sender": packet.sender, "network": event.network, "at": show_moment(packet.at, 3)}
    if packet.sent:
        first = plural(
            packet.count,
            "Sent by {sender} on {network} at {at}.",
            "Sent by {sender} on {network} at {at}, {count} times in a row.",
            **where,
        )
    else:
        first = plural(
            packet.count,
            "From {sender} on {network}, first seen at {at}.",
            "From {sender} on {network}, first seen at {at}, {count} times in a row.",
            **where,
        )
    lines: list[Row] = [((first, ""), (_interval_text(packet), "muted"))]
    for name in names:
        text, outcome = arrival_text(packet, name)
        if outcome in {"lost", "partly"}:
            lines.append(((f"✖ {name}: {text.removeprefix('✖ ')}", "fault"), (" within a second.", "")))
        elif outcome == "arrived":
            later = text.replace("received +", "received after ")
            lines.append(((f"✔ {name}: ", "success"), (f"{later}.", "")))
        elif outcome == "waiting":
            lines.append(((f"… {name}: not yet.", "muted"),))
        elif outcome == "unknown":
            lines.append(((f"? {name}: not known, as there is no capture from it.", "muted"),))
    if isinstance(event, e.Advert):
        for defect in event.defects:
            problem = DEFECT_TEXTS.get(defect, "it is invalid")
            lines.append(((f"✖ {defect}: ", "fault"), (f"{problem}.", "")))
        if event.priority == 0:
            lines.append((("! priority 0: ", "warning"), ("the Master says it is leaving.", "")))
    return lines


def _interval_text(packet: Packet) -> str:
    if packet.interval is None:
        return ""
    whose = f"{packet.taken_over_from}'s last advert" if packet.taken_over_from else "its last advert"
    return f"  {format_seconds(packet.interval, 3)} after {whose}."


def field_lines(fields: Sequence[Field]) -> tuple[FieldLine, ...]:
    """Return headings and fields in the frame's order."""
    lines: list[FieldLine] = []
    for number, (layer, group) in enumerate(groupby(fields, key=lambda f: f.layer)):
        layer_fields = list(group)
        style = _LAYER_STYLES[number % len(_LAYER_STYLES)]
        extent = range(layer_fields[0].offset, max(f.offset + f.length for f in layer_fields))
        explanation: Row = (
            (safe_text(layer), "why"),
            (f"  {_format_range(extent)}\n", "muted"),
            (LAYER_TEXTS.get(layer, "The bytes that follow."), ""),
        )
        heading: Row = ((f"  {safe_text(layer)}", style),)
        lines.append(FieldLine(heading, extent, style, explanation, heading=True))
        lines += [_field_line(field, style) for field in layer_fields]
    return tuple(lines)


def _field_line(field: Field, style: str) -> FieldLine:
    extent = range(field.offset, field.offset + field.length)
    name, value = safe_text(field.name), safe_text(field.value)
    row: Row = (
        (f"{'✖' if field.wrong else ' '} {name} ", "fault" if field.wrong else "muted"),
        (value, "fault" if field.wrong else "label"),
    )
    explanation: Row = (
        (f"{name} {value}", "fault" if field.wrong else "why"),
        (f"  {_format_range(extent)}\n", "muted"),
        (safe_text(field.explanation), ""),
    )
    return FieldLine(row, extent, style, explanation, wrong=field.wrong)


def _format_range(extent: range) -> str:
    if len(extent) == 0:
        return "no bytes"
    return f"byte {extent.start}" if len(extent) == 1 else f"bytes {extent.start} to {extent.stop - 1}"


def field_at(lines: Sequence[FieldLine], offset: int) -> int | None:
    """Return the number of the field that holds a byte: the smallest, the first of equal ones."""
    fields = (k for k, line in enumerate(lines) if not line.heading and offset in line.bytes)
    return min(fields, key=lambda k: len(lines[k].bytes), default=None)


def byte_lines(frame: bytes, chosen: range, layers: Sequence[tuple[range, str]], per_row: int) -> list[Row]:
    """Return offsets, bytes and characters, in their layers' colours; the chosen ones stand out."""
    return [_byte_row(frame, start, chosen, layers, per_row) for start in range(0, len(frame), per_row)]


def _byte_row(
    frame: bytes, start: int, chosen: range, layers: Sequence[tuple[range, str]], per_row: int
) -> Row:
    here = range(start, min(start + per_row, len(frame)))
    row: list[Piece] = [(f"{start:04x}  ", "hex")]
    for k in here:
        style = _byte_style(k, chosen, layers)
        joined = style == "cursor" and k + 1 in chosen and k + 1 in here
        row += [(f"{frame[k]:02x}", style), (" ", style if joined else "")]
    row.append((" " * (3 * (per_row - len(here)) + 1), ""))
    row += [(chr(frame[k]) if 32 <= frame[k] < 127 else "·", _byte_style(k, chosen, layers)) for k in here]
    return tuple(row)


def _byte_style(offset: int, chosen: range, layers: Sequence[tuple[range, str]]) -> str:
    if offset in chosen:
        return "cursor"
    return next((style for extent, style in layers if offset in extent), "label")
