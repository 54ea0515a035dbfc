"""The content of the map, made of a LabState: pure, so that it can be tested without a screen.

Views are compared, and a widget that shows an equal view does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hatlab.describe import BAD, GOOD, POWER_SYMBOLS, PROCESS_SYMBOLS, STATE_SYMBOLS, UNKNOWN, Symbol, Tone
from hatlab.describe.times import format_milliseconds, format_seconds
from hatlab.state.derive import condition_detail
from hatlab.state.model import ClientState, InstanceState, LabState, NodeState
from hatlab.topology import PROGRAMS
from hatlab.util.addresses import short_address
from hatlab.util.text import plural

_TONES = {Tone.GOOD: "master", Tone.BAD: "fault", Tone.WARNING: "warn", Tone.QUIET: "quiet"}
"""Colours of the theme."""
READ_ONLY = "read only"
"""What ails a mysqld that is fenced."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One fact of the map, said by a glyph, a word and a colour."""

    glyph: str
    word: str
    tone: str = ""
    """A colour of the theme."""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}" if self.word else self.glyph

    def piece(self, attributes: str = "") -> tuple[str, str]:
        """Return its text and its style, for `hatlab.tui.widgets.line_widget.styled`."""
        return str(self), f"{attributes} {self.tone}".strip()


ROLE_MARKS = {"router": Mark("⇄", "forwards", "quiet"), "host": Mark("▣", "answers pings", "quiet")}
"""Roles of nodes without mysqld."""
SETTLING = 0.6
"""Seconds a disagreement must last to be shown: the facts of one transition arrive milliseconds apart."""
ADVERTS_EXPECTED = 4.0
"""Seconds after which a Master that sends no adverts is suspect."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A node's part in one instance."""

    instance: str
    state: Mark
    priority: int
    configured: int
    """The priority in its keepalived.conf."""
    takeover: tuple[float, float] | None
    """Of a Backup whose timer runs: seconds left, in fifths, and of how many."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """One box of the map."""

    name: str
    role: str
    """mysql, router or host."""
    octet: str
    """The end of its address, `.11`."""
    power: str
    parts: tuple[PartView, ...]
    held: tuple[str, ...]
    """Virtual addresses on its interfaces."""
    services: tuple[Mark, ...]
    replication: Mark
    """Of a node without mysqld its role, in place of it."""
    doubts: tuple[str, ...]
    """Where claim, report and hold disagree."""
    faults: tuple[str, ...]
    """Faults on its networks."""
    tone: str
    """The colour of the box."""
    answers: bool
    """True if it is the one who answers a client."""
    perhaps_held: tuple[str, ...] = ()
    """Virtual addresses of which nothing says whether it holds them: of an incident that was imported."""


@dataclass(frozen=True, slots=True)
class ClientView:
    """The client's line."""

    name: str
    octet: str
    target: str
    """The address it connects to."""
    pinged: str
    """The host that it pings through its target; empty if it logs in there."""
    server: str | None
    """Who answered it last."""
    is_answered: bool
    """True if that server could answer it now, too."""
    latency: str
    outage: tuple[float, int, str] | None
    """While it is cut off: seconds so far, failed tries, error."""
    last_outage: tuple[str, str]
    """Seconds; tries and who answered before and after."""
    writes: tuple[int, int]
    """How many were acknowledged, how many refused."""


def state_mark(word: str) -> Mark:
    """Return `★ MASTER`, and so on."""
    is_state = word in STATE_SYMBOLS and word != "UNKNOWN"
    return Mark(STATE_SYMBOLS.get(word, UNKNOWN).glyph, word, word.lower() if is_state else "quiet")


def node_view(state: LabState, name: str, *, timers: bool = True, facts_only: bool = False) -> NodeView:
    """Return the box of one node.

    Args:
        state: of the lab.
        name: of the node.
        timers: a row has none: it would be built anew for nothing as they run.
        facts_only: leave out where claim, report and hold disagree, which a learner wants to find.
    """
    node = state.nodes[name]
    parts = tuple(_part_view(state, instance, part, timers) for instance, part in node.instances.items())
    addresses = tuple(_virtual_addresses(state, node)) if node.power != "off" else ()
    held = tuple(address for address in addresses if node.holds(address))
    role = _role(state, name)
    perhaps_held = tuple(address for address in addresses if address in node.unknown_addresses)
    return NodeView(
        name=name,
        role=role,
        octet=_octet(state, name),
        power=node.power,
        parts=parts,
        held=held,
        services=tuple(_service_mark(node, service) for service in PROGRAMS[role]),
        replication=_replication_mark(node) if role == "mysql" else ROLE_MARKS[role],
        doubts=() if facts_only else tuple(_doubts(state, node)),
        faults=tuple(_network_faults(node)),
        tone=_tone(state, node, held),
        answers=_can_answer(node, role)
        and any(c.server == name and not c.failed and c.last is not None for c in state.clients.values()),
        perhaps_held=perhaps_held,
    )


def _role(state: LabState, name: str) -> Literal["mysql", "router", "host"]:
    """Return what a node is: mysql, router or host."""
    return state.layout.topology.nodes[name].service if state.layout else "mysql"


def _can_answer(node: NodeState, role: str) -> bool:
    """Return True if a node could answer a client now: the last answer may be from before it broke."""
    return node.power == "on" and (role != "mysql" or node.service("mysqld").state == "up")


def _virtual_addresses(state: LabState, node: NodeState) -> Iterable[str]:
    """Return the lab's virtual addresses, and those that the node's keepalived.conf has besides."""
    configured = [a for part in node.instances.values() if part.settings for a in part.settings.addresses]
    return dict.fromkeys([*(address for _, address, _ in state.vips()), *configured])


def _octet(state: LabState, name: str) -> str:
    layout = state.layout
    if layout is None:
        return ""
    networks = layout.networks_of(name)
    return short_address(layout.address(name, networks[0])) if networks else ""


def _part_view(state: LabState, name: str, instance: InstanceState, timers: bool) -> PartView:
    left = instance.takeover_in(state.at) if timers and instance.reported == "BACKUP" else None
    takeover = None if left is None else (max(0.0, round(left * 5) / 5), round(instance.timeout, 2))
    configured = instance.settings.priority if instance.settings else instance.priority
    return PartView(name, state_mark(instance.reported), instance.priority, configured, takeover)


def _service_mark(node: NodeState, name: str) -> Mark:
    service = node.service(name)
    if node.power == "paused":
        return _mark(POWER_SYMBOLS["paused"], name, "paused")
    if name not in node.services and service.state not in ("up", "frozen"):
        return Mark("·", name, "quiet", "not started")
    if service.state == "unknown":
        return _mark(PROCESS_SYMBOLS["unknown"], name, "not known")
    if service.state == "up":
        note = READ_ONLY if name == "mysqld" and node.fenced else ""
    else:
        note = "frozen" if service.state == "frozen" else service.reason or "down"
    return _mark(PROCESS_SYMBOLS.get(service.state, BAD), name, note)


def _mark(symbol: Symbol, word: str, note: str = "") -> Mark:
    return Mark(symbol.glyph, word, _TONES[symbol.tone], note)


def _replication_mark(node: NodeState) -> Mark:
    replica = node.replica
    if replica is None:
        return Mark("·", "no replication", "quiet")
    if replica.errno:
        return _mark(BAD, f"replication error {replica.errno}")
    if replica.receiver and replica.applier:
        return _mark(GOOD, "replicating")
    stopped = "applier" if replica.receiver else "receiver" if replica.applier else "replication"
    return Mark(BAD.glyph, f"{stopped} stopped", "warn")


def _doubts(state: LabState, node: NodeState) -> Iterator[str]:
    """Yield where what a node claimed, what it reports and what it holds do not agree."""
    if node.power == "off":
        return
    for name, part in node.instances.items():
        settings = part.settings
        addresses = settings.addresses if settings else tuple(a for i, a, _ in state.vips() if i == name)
        since = max([part.since, *(state.owned[a][1] for a in addresses if a in state.owned)])
        if state.at - since < SETTLING:
            continue
        holds = any(node.holds(address) for address in addresses)
        holds_none = not holds and not node.unknown_addresses.intersection(addresses)
        claims = part.claims(state.at)
        if part.reported != "MASTER" and holds:
            yield f"{'dead' if part.reported == 'STOPPED' else part.reported}, yet holds VIP"
        elif part.reported == "MASTER" and holds_none:
            yield "MASTER, yet no VIP"
        elif part.reported == "MASTER" and node.fenced:
            yield "MASTER, yet read only"
        elif part.reported == "MASTER" and node.service("keepalived").state == "frozen":
            yield "frozen, yet holds VIP"
        elif part.reported == "MASTER" and state.at - part.since > ADVERTS_EXPECTED and not claims:
            if node.sees("capture"):
                yield "MASTER, yet no adverts"
        elif part.reported == "BACKUP" and claims and _advertised_since_change(part):
            yield "BACKUP, yet advertises"


def _advertised_since_change(part: InstanceState) -> bool:
    return part.sent is not None and part.sent.at > part.since + SETTLING


def _network_faults(node: NodeState) -> Iterator[str]:
    yield from (f"no link on {network}" for network, up in node.links.items() if not up)
    for network, drop in node.filters.items():
        if drop.percent >= 100:
            yield f"deaf on {network}"
        elif drop.percent:
            yield f"loses {drop.percent:g} % on {network}"
        if drop.delay_ms:
            yield f"{drop.delay_ms:g} ms late on {network}"


def _tone(state: LabState, node: NodeState, held: tuple[str, ...]) -> str:
    """Return the colour of the box: red for an owner too many, else of the state that matters most."""
    if "split_brain" in state.conditions and any(len(state.owners(address)) > 1 for address in held):
        return "fault"
    if node.power == "off":
        return "stopped"
    states = {part.reported for part in node.instances.values()}
    return next((s.lower() for s in ("FAULT", "MASTER", "BACKUP", "STOPPED") if s in states), "init")


def client_view(state: LabState, name: str) -> ClientView:
    """Return the line of one client."""
    client = state.clients[name]
    layout = state.layout
    latency = client.last.latency_ms if client.last and client.last.ok else None
    return ClientView(
        name=name,
        octet=_octet(state, name),
        target=layout.target_address(name) if layout else "",
        pinged=(layout.ping_target(name) if layout else None) or "",
        server=client.server,
        is_answered=_is_answered(state, client.server),
        latency="" if latency is None else format_milliseconds(latency),
        outage=_outage(client),
        last_outage=_last_outage(client),
        writes=(sum(client.acknowledged.values()), client.refused),
    )


def _is_answered(state: LabState, server: str | None) -> bool:
    node = state.nodes.get(server or "")
    return node is None or _can_answer(node, _role(state, node.name))


def _outage(client: ClientState) -> tuple[float, int, str] | None:
    seconds = client.cut_off
    if seconds is None or client.last is None:
        return None
    return round(seconds, 1), client.failed, client.last.error


def _last_outage(client: ClientState) -> tuple[str, str]:
    if not client.outages:
        return "", ""
    last = client.outages[-1]
    moved = f", {last.before} → {last.after}" if last.before != last.after else ""
    return format_seconds(last.seconds), plural(
        last.failed, "({count} failed try{moved})", "({count} failed tries{moved})", moved=moved
    )


def condition_sentences(state: LabState) -> list[str]:
    """Return the banner's text: each alarming condition in one plain sentence."""
    sentences = []
    for name in state.conditions:
        if name == "duplicate_address":
            continue  # always there with split_brain, which says it in words a beginner knows
        what = condition_detail(state, name)
        consequence = {
            "split_brain": f"{_split_consequence(state)}.",
            "no_owner": "Requests to it get no answer.",
            "muted_master": "Watching the adverts alone, you would miss it.",
            "tables_differ": "Replication will not fix this.",
            "check_left_out": "What it should check can fail unnoticed.",
        }.get(name, "")
        sentences.append(f"⚠ {name.replace('_', ' ').upper()}  {what}. {consequence}".rstrip())
    return sentences


def _split_consequence(state: LabState) -> str:
    """Return what becomes of the data, where several hold one address: whoever of them takes writes."""
    names = {
        name for _, address, _ in state.vips() if len(found := state.owners(address)) > 1 for name in found
    }
    holders = [state.nodes[name] for name in sorted(names) if name in state.nodes]
    servers = [node for node in holders if _role(state, node.name) == "mysql"]
    if state.is_imported:
        return "Which of them took writes is not known"
    writers = [
        node
        for node in servers
        if ("mysqld" not in node.services or node.service("mysqld").state == "up") and not node.fenced
    ]
    if not servers:
        return "Each neighbour uses the one that announced it last"
    if len(writers) < 2:
        return f"Only {writers[0].name} would take writes" if writers else "None of them takes writes"
    if all(r is not None and r.receiver and r.applier for r in (node.replica for node in writers)):
        return "Both would take writes" if len(writers) == 2 else "All of them would take writes"
    return "Their data is drifting apart"
