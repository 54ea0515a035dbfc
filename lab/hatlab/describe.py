"""An event in words: a glyph, a colour, who it is about, and one line of text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hatlab import events as e

RED, GREEN, YELLOW, BLUE, CYAN, GREY = "31", "32", "33", "34", "36", "90"


_VRRP = {
    "MASTER": ("★", GREEN),
    "BACKUP": ("○", BLUE),
    "FAULT": ("✖", RED),
    "STOPPED": ("■", RED),
    "INIT": ("…", GREY),
}


_PROCESS = {"up": ("✔", GREEN), "down": ("✖", RED), "frozen": ("❄", YELLOW)}


_POWER = {"on": ("✔", GREEN), "off": ("✖", RED), "paused": ("❄", YELLOW)}


_ACTION = {"started": ("▶", CYAN), "done": ("✔", CYAN), "failed": ("✖", RED)}


_PHASE = {
    "image": "the node image",
    "network": "networks",
    "nodes": "nodes",
    "mysql": "mysqld",
    "replication": "replication",
    "sql": "start SQL",
    "election": "the election of a Master",
    "ready": "ready",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line in parts: a colour (an SGR number), a glyph, who it is about, and the rest in words.

    `more` are indented lines below it.
    """

    colour: str
    glyph: str
    who: str
    text: str
    more: tuple[str, ...] = ()


def moment(event: e.Event) -> float:
    """When the line was true: a probe's `at` is its beginning, its answer came later."""
    waited = event.latency_ms if isinstance(event, e.Probe) and event.ok else None
    return event.at + (waited or 0.0) / 1000


def describe(event: e.Event) -> Line | None:
    """The parts of an event's line, None if it has none."""
    match event:
        case e.Lab():
            nets = ", ".join(f"{n} {s}" for n, s in event.subnets.items())
            why = f" ({event.reason})" if event.reason else ""
            return Line(CYAN, "◆", "lab", f"{event.name} on {event.engine}{why}: {nets}")
        case e.Phase():
            return _phase(event)
        case e.Advert():
            return _advert(event)
        case e.Arp():
            return _arp(event)
        case e.Address():
            kind = "virtual address " if event.vip else ""
            verb, glyph, tint = ("holds", "◆", GREEN) if event.held else ("gave up", "◇", YELLOW)
            return Line(tint, glyph, event.node, f"{verb} {kind}{event.address} on {event.network}")
        case e.Link():
            word, glyph, tint = ("up", "✔", GREEN) if event.up else ("down", "✖", RED)
            return Line(tint, glyph, event.node, f"interface on {event.network} is {word}")
        case e.Filter():
            return _filter(event)
        case e.Node():
            glyph, tint = _POWER.get(event.state, ("?", GREY))
            return Line(tint, glyph, event.node, f"power {event.state}" + _because(event.reason))
        case e.Vrrp():
            glyph, tint = _VRRP.get(event.state, ("?", GREY))
            prio = f", priority {event.priority}" if event.priority is not None else ""
            return Line(tint, glyph, event.node, f"{event.instance} is {event.state}{prio}")
        case e.Process():
            glyph, tint = _PROCESS.get(event.state, ("?", GREY))
            return Line(tint, glyph, event.node, f"{event.service} is {event.state}" + _because(event.reason))
        case e.Conf():
            return Line(GREY, "≡", event.node, f"{event.file} has {event.text.count(chr(10))} lines")
        case e.Replication():
            return _replication(event)
        case e.Table():
            return _table(event)
        case e.ReadOnly():
            if event.read_only:
                whose = "every write" if event.super_read_only else "clients' writes"
                return Line(YELLOW, "■", event.node, f"mysqld is read-only: it refuses {whose}")
            return Line(GREEN, "✔", event.node, "mysqld takes writes")
        case e.Written():
            rows = ", ".join(f"{client} {numbers}" for client, numbers in event.sequences.items())
            return Line(GREY, "▤", event.node, f"has the numbered rows of {rows or 'nobody'}")
        case e.Probe():
            return _probe(event)
        case e.Write():
            word = f"row {event.sequence} acknowledged by {event.server}"
            if not event.ok:
                word = f"row {event.sequence} not acknowledged: {event.error}"
            return Line(GREY if event.ok else RED, "✎", event.client, word)
        case e.Action():
            glyph, tint = _ACTION.get(event.phase, ("?", CYAN))
            words = " ".join([event.name, *event.targets])
            parts = event.effect.split("\n")
            below = tuple(parts) if len(parts) > 1 else ()
            tail = f": {event.effect}" if event.effect and not below else ""
            maybe = "" if event.definite else " (it may have happened all the same)"
            return Line(tint, glyph, "action", f"{words} {event.phase}{tail}{maybe}", below)
        case e.Log():
            return Line(GREY, "·", event.node, f"{event.service}: {event.text}")
        case e.Dropped():
            where = f" ({event.where})" if event.where else ""
            return Line(
                YELLOW, "⚠", "lab", f"{event.count} event{'' if event.count == 1 else 's'} missed{where}"
            )
        case e.Outage():
            moved = f"{event.before or 'nobody'} before, {event.after or 'nobody'} after"
            text = f"outage of {event.seconds:.2f} s is over: {event.failed} failed tries, {moved}"
            return Line(YELLOW, "⚡", event.client, text)
        case e.Condition():
            word = event.name.replace("_", " ")
            if not event.present:
                return Line(GREEN, "✔", "lab", f"{word} is over")
            return Line(RED, "⚠", "lab", f"{word}: {event.detail}" if event.detail else word)
        case e.Why():
            more = (event.arithmetic, event.rule, event.line)
            return Line(CYAN, "→", event.node, f"why: {event.text}", tuple(m for m in more if m))
        case _:
            return None


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _phase(event: e.Phase) -> Line:
    tail = f": {event.detail}" if event.detail else ""
    if event.name == "stopping":
        return Line(CYAN, "■", "lab", ("ended" if event.done else "ending") + tail)
    what = _PHASE.get(event.name, event.name)
    if event.name == "ready" and event.done:
        return Line(GREEN, "✔", "lab", f"ready{tail}")
    return Line(GREY, "✔" if event.done else "…", "lab", what + tail)


def _advert(event: e.Advert) -> Line:
    arrow, tint = ("▶", BLUE) if event.direction == "sent" else ("◀", GREY)
    verb = "sent" if event.direction == "sent" else "received"
    peer = event.destination if event.direction == "sent" else f"from {event.source}"
    prio = "?" if event.priority is None else str(event.priority)
    text = f"advert {verb} VRID {event.vrid} priority {prio} {peer}"
    if event.priority == 0:
        text, tint = text + " (I am leaving)", YELLOW
    if event.defects:
        text, tint = f"{text} — bad {', '.join(event.defects)}", RED
    return Line(tint, arrow, event.node, text)


def _arp(event: e.Arp) -> Line:
    if event.gratuitous:
        text = f"{event.address} is at {event.mac} ({event.direction} on {event.network})"
        return Line(BLUE, "◉", event.node, f"gratuitous ARP: {text}")
    text = f"who has {event.target}?" if event.request else f"{event.address} is at {event.mac}"
    return Line(GREY, "◉", event.node, f"ARP {event.direction} on {event.network}: {text}")


def _filter(event: e.Filter) -> Line:
    parts = [f"drops {event.percent:g} %"] if event.percent else []
    parts += [f"delays {event.delay_ms:g} ms"] if event.delay_ms else []
    if not parts:
        return Line(GREEN, "✔", event.node, f"nothing is dropped on {event.network}")
    return Line(RED, "✂", event.node, f"{' and '.join(parts)} on {event.network}")


def _replication(event: e.Replication) -> Line:
    if event.receiver and event.applier:
        return Line(GREEN, "✔", event.node, "replica runs (receiver and applier)")
    off = [n for n, on in (("receiver", event.receiver), ("applier", event.applier)) if not on]
    why = f": {event.errno} {event.error}" if event.errno or event.error else ""
    return Line(RED, "✖", event.node, f"replica: {' and '.join(off)} not running{why}")


def _table(event: e.Table) -> Line:
    if event.rows is None:
        return Line(YELLOW, "▤", event.node, f"{event.name} is gone")
    more = tuple(" | ".join("NULL" if v is None else v for v in row) for row in event.content)
    return Line(GREY, "▤", event.node, f"{event.name} has {event.rows} row{'s' * (event.rows != 1)}", more)


def _probe(event: e.Probe) -> Line:
    if event.ok:
        took = f" in {event.latency_ms:.1f} ms" if event.latency_ms is not None else ""
        who = f"{event.pinged}, through {event.server}" if event.pinged else event.server
        return Line(GREEN, "✔", event.client, f"answered by {who}{took}")
    return Line(RED, "✖", event.client, f"no answer: {event.error}")
