"""Put an event into words: a symbol, who it is about, and one line of text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab import events as e
from hatlab.describe.conditions import condition_name
from hatlab.describe.packets import packet_title
from hatlab.describe.symbols import (
    ACTION_SYMBOLS,
    BAD,
    GOOD,
    POWER_SYMBOLS,
    PROCESS_SYMBOLS,
    STATE_SYMBOLS,
    UNKNOWN,
    WARNING,
    Symbol,
    Tone,
)
from hatlab.describe.times import format_milliseconds, format_seconds
from hatlab.util.text import join_names, plural

_PHASES = {
    "image": "node image",
    "network": "networks",
    "nodes": "nodes",
    "mysql": "mysqld",
    "replication": "replication",
    "sql": "start SQL",
    "election": "election of a Master",
    "ready": "ready",
}


_BETWEEN_ACTS = {"preparing", "prepared", "went back"}
"""Of a learner: what only says how a lesson is to be played again."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as one line, in parts."""

    symbol: Symbol
    subject: str
    """The node or client it is about; `lab` or `action` if it is about neither."""
    text: str
    details: tuple[str, ...] = ()
    """Lines to set below it, indented."""


def time_of(event: e.Event) -> float:
    """Return when an event's line became true, s: a probe's `at` is its beginning, its answer came later."""
    latency = event.latency_ms if isinstance(event, e.Probe) and event.ok else None
    return event.at + (latency or 0.0) / 1000


def describe_event(event: e.Event) -> EventLine | None:
    """Return an event's line; None for one that has none (a tick)."""
    match event:
        case e.Lab():
            networks = ", ".join(f"{name} {subnet}" for name, subnet in event.subnets.items())
            text = f"{event.name} on {event.engine}{_because(event.reason)}: {networks}"
            if event.sources:
                text = f"{event.name}, an incident that was imported; it began {event.started[:19]}"
            return EventLine(Symbol("◆", Tone.NOTE), "lab", text)
        case e.Phase():
            return _phase_line(event)
        case e.Advert():
            return _advert_line(event)
        case e.Arp():
            return _arp_line(event)
        case e.Address():
            kind = "virtual address " if event.vip else ""
            verb, symbol = (
                ("holds", Symbol("◆", Tone.GOOD)) if event.held else ("gave up", Symbol("◇", Tone.WARNING))
            )
            return EventLine(symbol, event.node, f"{verb} {kind}{event.address} on {event.network}")
        case e.Link():
            word, symbol = ("up", GOOD) if event.up else ("down", BAD)
            return EventLine(symbol, event.node, f"interface on {event.network} is {word}")
        case e.Filter():
            return _filter_line(event)
        case e.Node():
            symbol = POWER_SYMBOLS.get(event.state, UNKNOWN)
            return EventLine(symbol, event.node, f"power {event.state}{_because(event.reason)}")
        case e.Vrrp():
            symbol = STATE_SYMBOLS.get(event.state, UNKNOWN)
            priority = f", priority {event.priority}" if event.priority is not None else ""
            return EventLine(symbol, event.node, f"{event.instance} is {event.state}{priority}")
        case e.Process():
            symbol = PROCESS_SYMBOLS.get(event.state, UNKNOWN)
            text = f"{event.service} is {event.state}{_because(event.reason)}"
            return EventLine(symbol, event.node, text)
        case e.Conf():
            lines = event.text.count("\n")
            return EventLine(Symbol("≡", Tone.QUIET), event.node, f"{event.file} has {lines} lines")
        case e.Replication():
            return _replication_line(event)
        case e.Table():
            return _table_line(event)
        case e.ReadOnly(read_only=True):
            refused = "all writes" if event.super_read_only else "writes from clients"
            text = f"mysqld is read-only: it refuses {refused}"
            return EventLine(Symbol("■", Tone.WARNING), event.node, text)
        case e.ReadOnly():
            return EventLine(GOOD, event.node, "mysqld accepts writes")
        case e.Written():
            rows = ", ".join(f"{client} {numbers}" for client, numbers in event.sequences.items())
            text = f"has these numbered rows: {rows}" if rows else "has no numbered rows"
            return EventLine(Symbol("▤", Tone.QUIET), event.node, text)
        case e.Probe():
            return _probe_line(event)
        case e.Write():
            outcome = f"acknowledged by {event.server}" if event.ok else f"not acknowledged: {event.error}"
            symbol = Symbol("✎", Tone.QUIET if event.ok else Tone.BAD)
            return EventLine(symbol, event.client, f"row {event.sequence} {outcome}")
        case e.Action():
            return _action_line(event)
        case e.Log():
            return EventLine(Symbol("·", Tone.QUIET), event.node, f"{event.service}: {event.text}")
        case e.Dropped():
            where = f" ({event.where})" if event.where else ""
            one, many = "{count} event was lost{where}", "{count} events were lost{where}"
            return EventLine(WARNING, "lab", plural(event.count, one, many, where=where))
        case e.Learner() if event.did not in _BETWEEN_ACTS:
            what = f" {event.item}" if event.item else ""
            typed = f": {event.text}" if event.text else ""
            return EventLine(Symbol("✎", Tone.NOTE), "learner", f"{event.did}{what}{typed}")
        case e.Outage():
            text = plural(
                event.failed,
                "the outage is over: {length}, {count} failed try; {before} before, {after} after",
                "the outage is over: {length}, {count} failed tries; {before} before, {after} after",
                length=format_seconds(event.seconds),
                before=event.before or "nobody",
                after=event.after or "nobody",
            )
            return EventLine(Symbol("⚡", Tone.WARNING), event.client, text)
        case e.Condition():
            name = condition_name(event.name)
            if not event.present:
                return EventLine(GOOD, "lab", f"over: {name}")
            symbol = Symbol(WARNING.glyph, Tone.BAD)
            return EventLine(symbol, "lab", f"{name}: {event.detail}" if event.detail else name)
        case e.Why():
            details = tuple(filter(None, (event.arithmetic, event.rule, event.line)))
            return EventLine(Symbol("→", Tone.NOTE), event.node, f"why: {event.text}", details)
        case _:
            return None


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _phase_line(event: e.Phase) -> EventLine:
    tail = f": {event.detail}" if event.detail else ""
    if event.name == "stopping":
        return EventLine(Symbol("■", Tone.NOTE), "lab", ("ended" if event.done else "ending") + tail)
    if event.name == "ready" and event.done:
        return EventLine(GOOD, "lab", f"ready{tail}")
    symbol = Symbol("✔" if event.done else "…", Tone.QUIET)
    return EventLine(symbol, "lab", _PHASES.get(event.name, event.name) + tail)


def _advert_line(event: e.Advert) -> EventLine:
    sent = event.direction == "sent"
    glyph, tone = ("▶", Tone.WIRE) if sent else ("◀", Tone.QUIET)
    if "carp" in event.defects:
        text = f"{packet_title(event)}, but also protocol 112: {event.direction} from {event.source}"
        return EventLine(Symbol(glyph, Tone.BAD), event.node, text)
    peer = f"to {event.destination}" if sent else f"from {event.source}"
    text = f"{packet_title(event)} {event.direction} {peer}"
    if event.priority == 0:
        text, tone = f"{text}, leaving", Tone.WARNING
    if event.defects:
        text, tone = f"{text} — bad {', '.join(event.defects)}", Tone.BAD
    return EventLine(Symbol(glyph, tone), event.node, text)


def _arp_line(event: e.Arp) -> EventLine:
    tone = Tone.WIRE if event.gratuitous else Tone.QUIET
    text = f"{packet_title(event)} {event.direction} on {event.network}"
    return EventLine(Symbol("◉", tone), event.node, text)


def _filter_line(event: e.Filter) -> EventLine:
    parts = [f"drops {event.percent:g} %"] if event.percent else []
    parts += [f"delays {event.delay_ms:g} ms"] if event.delay_ms else []
    if event.refused:
        addresses = join_names(event.refused)
        parts.append(f"drops every packet to {addresses} (keepalived's own firewall rule)")
    if not parts:
        return EventLine(GOOD, event.node, f"{event.network}: nothing is dropped or delayed")
    return EventLine(Symbol("✂", Tone.BAD), event.node, f"{event.network}: {'; '.join(parts)}")


def _replication_line(event: e.Replication) -> EventLine:
    if event.receiver and event.applier:
        return EventLine(GOOD, event.node, "replication is running (receiver and applier)")
    stopped = [n for n, runs in (("receiver", event.receiver), ("applier", event.applier)) if not runs]
    error = f": {event.errno} {event.error}" if event.errno or event.error else ""
    return EventLine(BAD, event.node, f"replication stopped ({join_names(stopped)}){error}")


def _table_line(event: e.Table) -> EventLine:
    if event.rows is None:
        return EventLine(Symbol("▤", Tone.WARNING), event.node, f"{event.name} is gone")
    rows = tuple(" | ".join("NULL" if v is None else v for v in row) for row in event.content)
    text = plural(event.rows, "{table} has {count} row", "{table} has {count} rows", table=event.name)
    return EventLine(Symbol("▤", Tone.QUIET), event.node, text, rows)


def _probe_line(event: e.Probe) -> EventLine:
    if not event.ok:
        return EventLine(BAD, event.client, f"no answer: {event.error}")
    latency = f" in {format_milliseconds(event.latency_ms)}" if event.latency_ms is not None else ""
    server = f"{event.pinged}, through {event.server}" if event.pinged else event.server
    return EventLine(GOOD, event.client, f"answered by {server}{latency}")


def _action_line(event: e.Action) -> EventLine:
    symbol = ACTION_SYMBOLS.get(event.phase, Symbol("?", Tone.NOTE))
    effect = event.effect.split("\n")
    details = tuple(effect) if len(effect) > 1 else ()
    tail = f": {event.effect}" if event.effect and not details else ""
    doubt = "" if event.definite else " (it may have happened anyway)"
    text = f"{' '.join([event.name, *event.targets])} {event.phase}{tail}{doubt}"
    return EventLine(symbol, "action", text, details)
