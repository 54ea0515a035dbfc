"""What the map shows, worked out from a LabState: pure, so that it can be tested without a screen.

Each part is a `Mark`: glyph, word, tone (the name of a theme colour) and a note. Views are compared, and a
widget that shows an equal view does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.state.derive import condition_detail
from hatlab.state.model import ClientState, InstanceState, LabState, NodeState
from hatlab.topology import PROGRAMS

STATE_GLYPHS = {
    "MASTER": "★",
    "BACKUP": "○",
    "FAULT": "✖",
    "INIT": "·",
    "STOPPED": "■",
}
"""keepalived's states and their glyphs."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One fact of the map: it is said by a glyph, by a word and by a colour."""

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


ROLE_MARKS = {"router": Mark("⇄", "forwards", "quiet"), "host": Mark("▣", "answers ping", "quiet")}
"""What a node without mysqld is there for."""
SETTLING = 0.6
"""Seconds a disagreement must last to be told: the facts of one transition arrive milliseconds apart."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A node's part in one instance. `takeover` is (seconds left, of how many), in fifths."""

    instance: str
    state: Mark
    priority: int
    configured: int
    takeover: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class NodeView:
    """One box of the map.

    Attributes:
        role: mysql, router or host.
        doubts: where claim, report and hold disagree.
        faults: what is broken.
    """

    name: str
    role: str
    octet: str
    power: str
    parts: tuple[PartView, ...]
    held: tuple[str, ...]
    services: tuple[Mark, ...]
    replication: Mark
    doubts: tuple[str, ...]
    faults: tuple[str, ...]
    tone: str
    answers: bool


@dataclass(frozen=True, slots=True)
class ClientView:
    """The client's line.

    Attributes:
        pinged: the host that it pings through its target; empty if it logs in there.
        outage: while it is cut off, (seconds so far, failed tries, error).
        writes: how many were acknowledged, how many refused.
        last: of its last outage, (seconds, tries and who answered before and after).
    """

    name: str
    octet: str
    target: str
    pinged: str
    server: str | None
    latency: str
    outage: tuple[float, int, str] | None
    last: tuple[str, str]
    writes: tuple[int, int]


def state_mark(word: str) -> Mark:
    """`★ MASTER`, and so on."""
    return Mark(STATE_GLYPHS.get(word, "?"), word, word.lower() if word in STATE_GLYPHS else "quiet")


def node_view(state: LabState, name: str, *, timers: bool = True) -> NodeView:
    """The box of one node; without timers for a row, which would be built anew for nothing as they run."""
    node = state.nodes[name]
    parts = tuple(_part(state, instance, i, timers) for instance, i in node.instances.items())
    held = tuple(a for a in _virtual(state, node) if node.holds(a)) if node.power != "off" else ()
    role = state.layout.topology.nodes[name].service if state.layout else "mysql"
    return NodeView(
        name=name,
        role=role,
        octet=_octet(state, name),
        power=node.power,
        parts=parts,
        held=held,
        services=tuple(_service(node, s) for s in PROGRAMS[role]),
        replication=_replication(node) if role == "mysql" else ROLE_MARKS[role],
        doubts=tuple(_doubts(state, node)),
        faults=tuple(_broken(node)),
        tone=_tone(state, node, held),
        answers=any(c.server == name and not c.failed and c.last is not None for c in state.clients.values()),
    )


def _virtual(state: LabState, node: NodeState) -> Iterator[str]:
    """The lab's virtual addresses, and those that the node's own keepalived.conf has beside them."""
    own = [a for part in node.instances.values() if part.settings for a in part.settings.addresses]
    yield from dict.fromkeys([*(address for _, address, _ in state.vips()), *own])


def _octet(state: LabState, name: str) -> str:
    layout = state.layout
    if layout is None:
        return ""
    networks = layout.networks_of(name)
    return "." + layout.address(name, networks[0]).rsplit(".", 1)[1] if networks else ""


def _part(state: LabState, name: str, instance: InstanceState, timers: bool) -> PartView:
    left = instance.takeover_in(state.at) if timers and instance.reported == "BACKUP" else None
    takeover = None if left is None else (max(0.0, round(left * 5) / 5), round(instance.timeout, 2))
    configured = instance.settings.priority if instance.settings else instance.priority
    return PartView(name, state_mark(instance.reported), instance.priority, configured, takeover)


def _service(node: NodeState, name: str) -> Mark:
    service = node.service(name)
    if node.power == "paused":
        return Mark("‖", name, "warn", "paused")
    match service.state:
        case "up":
            return Mark("✔", name, "master", "read only" if name == "mysqld" and node.fenced else "")
        case "frozen":
            return Mark("❄", name, "warn", "frozen")
        case _ if name not in node.services:
            return Mark("·", name, "quiet", "not yet")
        case _:
            return Mark("✖", name, "fault", service.reason or "down")


def _replication(node: NodeState) -> Mark:
    found = node.replica
    if found is None:
        return Mark("·", "no replication", "quiet")
    if found.errno:
        return Mark("✖", f"replication error {found.errno}", "fault")
    if found.receiver and found.applier:
        return Mark("✔", "replicating", "master")
    stopped = "receiver" if not found.receiver else "applier"
    both = not found.receiver and not found.applier
    return Mark("✖", f"{'replication' if both else stopped} stopped", "warn")


def _doubts(state: LabState, node: NodeState) -> list[str]:
    """Where what it claimed, what it reports and what it holds do not agree."""
    found = []
    if node.power == "off":
        return []
    for name, part in node.instances.items():
        conf = part.settings
        addresses = conf.addresses if conf else tuple(a for i, a, _ in state.vips() if i == name)
        since = max([part.since, *(state.owned[a][1] for a in addresses if a in state.owned)])
        if state.at - since < SETTLING:
            continue
        holds = any(node.holds(a) for a in addresses)
        keepalived = node.service("keepalived").state
        if part.reported != "MASTER" and holds:
            who = "dead" if part.reported == "STOPPED" else part.reported
            found.append(f"{who}, yet holds VIP")
        elif part.reported == "MASTER" and not holds:
            found.append("MASTER, yet no VIP")
        elif part.reported == "MASTER" and node.fenced:
            found.append("MASTER, yet read only")
        elif part.reported == "MASTER" and keepalived == "frozen":
            found.append("frozen, yet holds VIP")
        elif part.reported == "MASTER" and state.at - part.since > 4 and not part.claims(state.at):
            found.append("MASTER, yet no adverts")
        elif part.reported == "BACKUP" and part.claims(state.at) and _claims_since(part):
            found.append("BACKUP, yet advertises")
    return found


def _claims_since(part: InstanceState) -> bool:
    return part.sent is not None and part.sent.at > part.since + SETTLING


def _broken(node: NodeState) -> list[str]:
    found = [f"no link on {n}" for n, up in node.links.items() if not up]
    for network, drop in node.filters.items():
        if drop.percent >= 100:
            found.append(f"deaf on {network}")
        elif drop.percent:
            found.append(f"loses {drop.percent:g} % on {network}")
        if drop.delay_ms:
            found.append(f"{drop.delay_ms:g} ms late on {network}")
    return found


def _tone(state: LabState, node: NodeState, held: tuple[str, ...]) -> str:
    """The colour of the box: red for an owner too many, else its most telling state."""
    if "split_brain" in state.conditions and any(len(state.owners(address)) > 1 for address in held):
        return "fault"
    if node.power == "off":
        return "stopped"
    words = {part.reported for part in node.instances.values()}
    for word in ("FAULT", "MASTER", "BACKUP", "STOPPED"):
        if word in words:
            return word.lower()
    return "init"


def client_view(state: LabState, name: str) -> ClientView:
    """The line of one client."""
    client = state.clients[name]
    layout = state.layout
    latency = client.last.latency_ms if client.last and client.last.ok else None
    return ClientView(
        name=name,
        octet=_octet(state, name),
        target=layout.target(name) if layout else "",
        pinged=(layout.pinged(name) if layout else None) or "",
        server=client.server,
        latency="" if latency is None else _milliseconds(latency),
        outage=_outage(client),
        last=_last_outage(client),
        writes=_writes(client),
    )


def _milliseconds(value: float) -> str:
    """Two digits, so that the number does not flicker with every probe."""
    return f"{value:.1f} ms" if value < 10 else f"{round(value, -1) if value > 100 else round(value):g} ms"


def _outage(client: ClientState) -> tuple[float, int, str] | None:
    silent = client.cut_off
    if silent is None or client.last is None:
        return None
    return round(silent, 1), client.failed, client.last.error


def _last_outage(client: ClientState) -> tuple[str, str]:
    if not client.outages:
        return "", ""
    last = client.outages[-1]
    moved = f", {last.before} → {last.after}" if last.before != last.after else ""
    return f"{last.seconds:.2f} s", f"({last.failed} tries{moved})"


def _writes(client: ClientState) -> tuple[int, int]:
    return sum(client.acknowledged.values()), client.refused


def condition_sentences(state: LabState) -> list[str]:
    """The banner's text: each alarming condition, one plain sentence."""
    found = []
    for name in state.conditions:
        what = condition_detail(state, name)
        match name:
            case "split_brain":
                found.append(f"⚠ SPLIT BRAIN  {what}: {_data(state)}.")
            case "no_owner":
                found.append(f"⚠ NO OWNER  {what}: who asks for it gets no answer.")
            case "muted_master":
                found.append(f"⚠ MUTED MASTER  {what}: watching adverts alone, you would miss it.")
            case "misdirected":
                found.append(f"⚠ MISDIRECTED  {what}.")
            case "tables_differ":
                found.append(f"⚠ TABLES DIFFER  {what}: no replication will mend it.")
            case "duplicate_address":
                pass  # always beside split_brain, which says it in words a beginner knows
            case _:
                found.append(f"⚠ {name.replace('_', ' ').upper()}  {what}")
    return found


def _data(state: LabState) -> str:
    """What becomes of the data of servers that are Master at once."""
    masters = [n for n in state.nodes.values() if any(i.reported == "MASTER" for i in n.instances.values())]
    replicas = [node.replica for node in masters]
    if replicas and all(r is not None and r.receiver and r.applier for r in replicas):
        return f"{'both' if len(masters) == 2 else 'all'} would take writes"
    return "their data drift apart"


def format_clock(at: float) -> str:
    """`00:42`: minutes and seconds since the lab began."""
    return f"{int(at) // 60:02d}:{int(at) % 60:02d}"


def format_fine_clock(at: float) -> str:
    """`00:42.3`."""
    tenths = int(at * 10 + 1e-6)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"
