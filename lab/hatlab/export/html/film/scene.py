"""What the map shows at one moment as plain data: boxes, wires, clients, the banner. Pure.

Rows are lists of [text, style], as the screen's own: the page sets them, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hatlab import events as e
from hatlab.describe import describe_event
from hatlab.export.html.film.tracks import milliseconds
from hatlab.state.model import LabState
from hatlab.views.client import current_parts, summary_parts
from hatlab.views.lab_view import ClientView, NodeView
from hatlab.views.node_lines import (
    MOST_LISTED,
    OFF,
    answers_text,
    held_texts,
    priority_row,
    state_row,
    trouble_texts,
)
from hatlab.views.pieces import Part, Row
from hatlab.views.wire import WireSender, caption_texts

Data = dict[str, Any]


def node_scene(view: NodeView) -> Data:
    """Return a node's box."""
    (held, *_), held_style = held_texts(view)
    held_row: Row = ((held.strip(), held_style),)
    if view.power == "off":
        rows: list[Row] = [OFF, held_row]
    elif view.role == "host":
        rows = [(view.replication.piece(),)]
    else:
        several = len(view.parts) > 1
        rows = [
            (*state_row(part, several=several), *priority_row(part, "  priority", "\xa0"))
            for part in view.parts
        ]
        rows += [held_row]
        rows += [(mark.piece(), (f"  {mark.note}" if mark.note else "", mark.tone)) for mark in view.services]
        rows.append((view.replication.piece(),))
    if view.power != "off":
        rows += [(trouble,) for trouble in trouble_texts(view)]
    power = view.power if view.power in ("paused", "unknown") else ""
    return {
        "tone": view.tone,
        "octet": view.octet,
        "power": power,
        "rows": [_row(row) for row in rows],
        "answers": answers_text(view),
    }


def node_timers(state: LabState, view: NodeView) -> list[list[int]]:
    """Return each running countdown of a node's Backups: when it ends and how long it is, in ms."""
    if view.power != "on" or view.doubts or view.faults or len(view.parts) > MOST_LISTED:
        return []
    parts = state.nodes[view.name].instances.values()
    return [
        [milliseconds(part.armed + part.timeout), milliseconds(part.timeout)]
        for part in parts
        if part.armed is not None and part.reported == "BACKUP"
    ]


def wire_scene(title: tuple[tuple[str, ...], str], senders: Iterable[WireSender]) -> Data:
    """Return a network's wire: its title, and of each sender what it says."""
    (text, *_), style = title
    return {"title": [text, style], "senders": [_sender(sender) for sender in senders]}


def _sender(sender: WireSender) -> Data:
    (text, *_), style = caption_texts(sender)
    look = "off" if sender.off else "silent" if sender.silent else "sends"
    has_sent = sender.claim is not None
    return {
        "node": sender.node,
        "look": look,
        "sent": has_sent,
        "lost": sender.lost,
        "caption": [text, style],
    }


def client_scene(view: ClientView) -> Data:
    """Return a client's lines."""
    rows = [_parts(current_parts(view)), _parts(summary_parts(view))]
    return {"rows": [row for row in rows if _has_words(row)], "out": view.outage is not None}


def status_scene(state: LabState) -> list[str]:
    """Return what the lab itself is about, while it is not simply running: its word and its tone."""
    if state.stopping is not None:
        return [f"ended: {state.stopping}" if state.stopping else "ended", "quiet"]
    if state.ready or state.is_imported or not state.phases:
        return ["", ""]
    name, (done, at, detail) = max(state.phases.items(), key=lambda item: item[1][1])
    line = describe_event(e.Phase(at=at, name=name, done=done, detail=detail))
    return [f"starting: {line.text}" if line else "starting", "warn"]


def _row(pieces: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [[text, style] for text, style in pieces if text]


def _has_words(row: list[list[str]]) -> bool:
    return any(text.strip() for text, _ in row)


def _parts(parts: Iterable[Part]) -> list[list[str]]:
    return _row((piece, "") if isinstance(piece, str) else piece for _, piece in parts)
