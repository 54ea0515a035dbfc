"""The packets of a run as the page lists them, and each frame's fields with their bytes. Pure.

Frames are much alike: each field, each row and each text stands once, and a packet has their numbers.
"""

from __future__ import annotations

from typing import Any

from hatlab import events as e
from hatlab.describe.packets import SHORT, packet_title
from hatlab.export.html.film.tracks import Table, milliseconds, steps_between
from hatlab.state.model import LabState
from hatlab.views.packets.detail_text import LAYER_TEXTS, packet_story
from hatlab.views.packets.model import PacketsModel
from hatlab.views.packets.packet import Packet, arrival_summary, arrival_text
from hatlab.views.wire import advert_networks, wire_senders

MOST_PACKETS = 10_000
"""Packets listed; of a longer run the last."""
MOST_COLUMNS = 4
"""Nodes up to which each has a column."""
_SUMMARY_WIDTH = 60
_GLYPHS = {"sent": "▶", "arrived": "✔", "unknown": "?"}
_BATCH = 200
"""Events given to the list at once."""


class PacketList:
    """Collects a run's packets."""

    def __init__(self) -> None:
        self._model = PacketsModel(keep=MOST_PACKETS)
        self._waiting: list[e.Event] = []
        self._lost: dict[tuple[str, str], list[tuple[float, float]]] = {}
        """Network and node → since when its adverts die where, as a share of the way (-1: they arrive)."""

    def feed(self, event: e.Event, state: LabState) -> None:
        """Take one event in, and the state after it."""
        self._waiting.append(event)
        if isinstance(event, e.Advert) and event.direction == "sent":
            self._note_loss(event, state)
        if len(self._waiting) >= _BATCH or isinstance(event, e.Lab):
            self._flush()

    def _flush(self) -> None:
        self._model.feed(self._waiting)
        self._waiting.clear()

    def _note_loss(self, advert: e.Advert, state: LabState) -> None:
        networks = advert_networks(state.layout) if state.layout else {}
        senders = wire_senders(state, advert.network, networks.get(advert.network, ()))
        lost = next((sender.lost for sender in senders if sender.node == advert.node), None)
        known = self._lost.setdefault((advert.network, advert.node), [])
        share = -1.0 if lost is None else lost
        if not known or known[-1][1] != share:
            known.append((advert.at, share))

    def _lost_at(self, packet: Packet) -> float | None:
        """Return where an advert dies, as a share of the way; None if somebody received it."""
        if packet.received or not packet.missing:
            return None
        known = self._lost.get((packet.event.network, packet.sender), [])
        share = next((share for at, share in reversed(known) if at <= packet.at), -1.0)
        return share if share >= 0 else 0.5

    def to_data(self) -> dict[str, Any]:
        """Return the list as the page reads it."""
        self._flush()
        packets, names = self._model.packets, self._model.node_names
        rows, frames = Table(), _Frames()
        listed = [_packet_row(packet, names) for packet in packets]
        return {
            "columns": list(names) if len(names) <= MOST_COLUMNS else ["arrived at"],
            "at": steps_between([milliseconds(packet.at) for packet in packets]),
            "row": [rows.number(row) for row in listed],
            "rows": rows.values,
            "gap": [None if p.interval is None else milliseconds(p.interval) for p in packets],
            "frame": [frames.number(packet.event.frame) for packet in packets],
            "flight": [self._flight(packet) for packet in packets],
            "gone": self._model.gone,
            **frames.to_data(),
        }

    def _flight(self, packet: Packet) -> Any:
        """Return where an advert dies, -1 if it arrives; None for what crosses no wire of the map."""
        if not packet.sent or packet.priority is None:
            return None
        lost = self._lost_at(packet)
        return -1 if lost is None else lost


def _packet_row(packet: Packet, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what is alike in many packets: from whom, what, where it arrived, and what is to say of it."""
    event = packet.event
    more = f" ×{packet.count}" if packet.count > 1 else ""
    defects = ", ".join(event.defects) if isinstance(event, e.Advert) else ""
    is_leaving = packet.priority == 0
    _, *story = packet_story(packet, names)
    return {
        "from": packet.sender,
        "network": event.network,
        "title": packet_title(event) + more + (", leaving" if is_leaving else ""),
        "short": packet_title(event, SHORT) + more,
        "tone": "warn" if is_leaving else "",
        "defects": f"✖ {defects}" if defects else "",
        "priority": packet.priority,
        "arrived": _arrivals(packet, names),
        "after": packet.taken_over_from,
        "story": [[[text, style] for text, style in row] for row in story],
    }


def _arrivals(packet: Packet, names: tuple[str, ...]) -> list[list[str]]:
    """Return what a row says of each node, or of all of them in one column: text and outcome."""
    if len(names) > MOST_COLUMNS:
        return [list(arrival_summary(packet, names, _SUMMARY_WIDTH))]
    return [
        [f"{_GLYPHS.get(outcome, '')} {text.removeprefix('received ')}".strip(), outcome]
        for text, outcome in (arrival_text(packet, name) for name in names)
    ]


class _Frames:
    """Frames and their fields; scapy reads each frame once."""

    def __init__(self) -> None:
        self._frames, self._fields, self._texts = Table(), Table(), Table()
        self._fields_of: list[list[int]] = []

    def number(self, frame: str) -> int:
        number = self._frames.number(frame)
        if number == len(self._fields_of):
            self._fields_of.append(self._dissect(frame))
        return number

    def _dissect(self, frame: str) -> list[int]:
        from hatlab.dissect import dissect

        text = self._texts.number
        return [
            self._fields.number(
                (
                    text(field.layer),
                    text(field.name),
                    field.value,
                    field.offset,
                    field.length,
                    text(field.explanation),
                    int(field.wrong),
                )
            )
            for field in dissect(_to_bytes(frame))
        ]

    def to_data(self) -> dict[str, Any]:
        layers = {name: text for name, text in LAYER_TEXTS.items() if name in self._texts.values}
        return {
            "frames": self._frames.values,
            "fieldsOf": self._fields_of,
            "fields": self._fields.values,
            "texts": self._texts.values,
            "layers": layers,
        }


def _to_bytes(frame: str) -> bytes:
    """Return a frame's bytes; none of a damaged recording's that are no hexadecimal numbers."""
    try:
        return bytes.fromhex(frame)
    except ValueError:
        return b""
