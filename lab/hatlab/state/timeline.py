"""Events folded into the timeline's lanes and marks. Pure; a lane is made of tracks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from hatlab import events as e
from hatlab.state.tracks import FAIL, GOOD, NOBODY, UNKNOWN, FactTrack, ProbeTrack, Track
from hatlab.topology import Layout, Topology

_FEW = 4
"""Nodes of which a moment is told one by one."""
_AFTERMATH = 1.0
"""Seconds after an action in which what breaks is its doing."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What is known of one node's part in one instance."""

    power: str = UNKNOWN
    state: str = "INIT"
    frozen: bool = False


def _report(known: Reported, event: e.Event) -> Reported:
    match event:
        case e.Vrrp():
            return replace(known, state=event.state, power=known.power or "on")
        case e.Node(state="off"):
            return Reported("off", "STOPPED")
        case e.Node():
            return replace(known, power=event.state)
        case e.Process(state="frozen"):
            return replace(known, frozen=True)
        case e.Process(state="down"):
            return replace(known, frozen=False, state="STOPPED")
        case e.Process():
            return replace(known, frozen=False, state="INIT" if known.state == "STOPPED" else known.state)
        case _:
            return known


def _reported(known: Reported) -> str:
    if known.power == "on":
        return "FROZEN" if known.frozen else known.state
    return known.power.upper()


Owners = frozenset[str]


def _own(owners: Owners, event: e.Event) -> Owners:
    match event:
        case e.Address(held=True):
            return owners | {event.node}
        case e.Address() | e.Node():
            return owners - {event.node}
        case _:
            return owners


def _owned(owners: Owners) -> str:
    return "+".join(sorted(owners)) or NOBODY


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: `kind` is node, vip or client; `label` what stands before it, `name` what it is about."""

    kind: str
    name: str
    label: str
    track: Track


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An action: when it began, its words, and how it ended (started, done, failed); or `seen`: something
    that nobody asked hatlab for, done by hand in a node's shell."""

    at: float
    text: str
    phase: str = "started"


class TimelineModel:
    """Lanes, marks and outages of one lab, fed with its events."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.now = 0.0
        self.lanes: list[Lane] = []
        self.marks: list[Mark] = []
        self.node_names: tuple[str, ...] = ()
        self._nodes: dict[str, dict[str, FactTrack[Reported, e.Event]]] = {}
        self._vips: dict[str, FactTrack[Owners, e.Event]] = {}
        self._clients: dict[str, ProbeTrack] = {}
        self._outages: dict[str, list[e.Outage]] = {}
        self._ready = False
        self._acted = -_AFTERMATH

    def feed(self, events: Iterable[e.Event]) -> bool:
        """Takes events in; whether a lane or a mark changed (time moves `now` alone)."""
        changed = False
        for event in events:
            if event.at > self.now:
                self.now = event.at
            changed |= self._take(event)
        return changed

    def _take(self, event: e.Event) -> bool:
        match event:
            case e.Probe():
                track = self._clients.get(event.client)
                value = f"{GOOD}{event.server or ''}" if event.ok else f"{FAIL}{event.error}"
                return track is not None and track.add(event.at, value)
            case e.Vrrp():
                part = self._nodes.get(event.node, {}).get(event.instance)
                return part is not None and part.add(event.at, event)
            case e.Phase():
                self._ready |= event.name == "ready" and event.done
                return False
            case e.Process() | e.Node():
                marked = self._by_hand(event)
                if isinstance(event, e.Process) and event.service != "keepalived":
                    return marked
                parts = self._nodes.get(event.node, {}).values()
                changed = [part.add(event.at, event) for part in parts]
                if isinstance(event, e.Node) and event.state == "off":
                    changed += [vip.add(event.at, event) for vip in self._vips.values()]
                return any(changed) or marked
            case e.Filter() | e.Link():
                return self._by_hand(event)
            case e.Address():
                vip = self._vips.get(event.address)
                return vip is not None and vip.add(event.at, event)
            case e.Outage():
                self._outages.setdefault(event.client, []).append(event)
                return True
            case e.Action():
                self._mark(event)
                return True
            case e.Lab():
                self._begin(Layout(event.name, Topology.model_validate(event.topology), event.subnets))
                return True
            case _:
                return False

    def _begin(self, layout: Layout) -> None:
        self._clear()
        self.node_names = layout.node_names
        for node in layout.server_names:
            names = layout.instances_of(node) or ("",)
            self._nodes[node] = {}
            for name in names:
                track = FactTrack(Reported(), _report, _reported)
                self._nodes[node][name] = track
                label = node if len(names) == 1 else f"{node} {name}"
                self.lanes.append(Lane("node", node, label, track))
        vips = layout.vip_addresses
        for address in vips:
            self._vips[address] = FactTrack(frozenset(), _own, _owned, patient=True)
            octet = address.rsplit(".", 1)[1]
            same = sum(other.endswith(f".{octet}") for other in vips)
            network = next(n for n, subnet in layout.subnets.items() if IPv4Address(address) in subnet)
            label = "VIP" if len(vips) == 1 else f"{'VIP' if same == 1 else network} .{octet}"
            self.lanes.append(Lane("vip", address, label, self._vips[address]))
        for client in layout.client_names:
            self._clients[client] = ProbeTrack()
            self.lanes.append(Lane("client", client, client, self._clients[client]))

    def _mark(self, event: e.Action) -> None:
        text = " ".join((event.name, *event.targets))
        self._acted = event.at
        if event.phase != "started":
            for k in range(len(self.marks) - 1, -1, -1):
                if self.marks[k].text == text and self.marks[k].phase == "started":
                    self.marks[k] = replace(self.marks[k], phase=event.phase)
                    return
        insort(self.marks, Mark(event.at, text, event.phase))

    def _by_hand(self, event: e.Process | e.Node | e.Filter | e.Link) -> bool:
        """Marks what broke although no action was under way."""
        match event:
            case e.Process(state="down" | "frozen"):
                text = f"{event.service} {event.state} {event.node}"
            case e.Node(state="off" | "paused"):
                text = f"{event.node} {event.state}"
            case e.Filter() if event.percent:
                text = f"{event.node} drops {event.percent:g} % on {event.network}"
            case e.Link(up=False):
                text = f"{event.network} link down {event.node}"
            case _:
                return False
        last = self.marks[-1] if self.marks else None
        acting = last is not None and last.phase != "seen" and event.at - self._acted < _AFTERMATH
        if not self._ready or acting or (last is not None and last.phase == "started"):
            return False
        insort(self.marks, Mark(event.at, text, "seen"))
        return True

    def outages(self, client: str, begin: float, end: float) -> list[e.Outage]:
        """The client's finished outages that overlap a stretch of time."""
        known = self._outages.get(client, [])
        first = bisect_left(known, begin, key=lambda o: o.ended)
        last = bisect_right(known, end, key=lambda o: o.began)
        return known[first:last]

    def marks_between(self, begin: float, end: float) -> list[Mark]:
        first = bisect_left(self.marks, begin, key=lambda m: m.at)
        return self.marks[first : bisect_left(self.marks, end, key=lambda m: m.at)]

    def next_moment(self, after: float) -> float | None:
        """The next transition, change of owner, outage's edge or action, strictly after a moment."""
        k = bisect_right(self.marks, after, key=lambda m: m.at)
        found = [lane.track.next_change(after) for lane in self.lanes]
        found.append(self.marks[k].at if k < len(self.marks) else None)
        return min((at for at in found if at is not None), default=None)

    def last_moment(self, before: float) -> float | None:
        """The one before, strictly."""
        k = bisect_left(self.marks, before, key=lambda m: m.at) - 1
        found = [lane.track.last_change(before) for lane in self.lanes]
        found.append(self.marks[k].at if k >= 0 else None)
        return max((at for at in found if at is not None), default=None)

    def describe_moment(self, at: float) -> list[tuple[str, str]]:
        """What was true at a moment: (lane's label, value in words); of many nodes, who was what.

        Many nodes are (state, names), or for a state of more than three their number.
        """
        said = [(lane, _in_words(_value(lane.track, at))) for lane in self.lanes]
        if len(self.node_names) <= _FEW:
            return [(lane.label, words) for lane, words in said]
        by_state: dict[str, list[str]] = {}
        for lane, words in said:
            if lane.kind == "node":
                by_state.setdefault(words, []).append(lane.label)
        grouped = sorted(by_state.items(), key=lambda item: len(item[1]))
        return [
            *((state, ", ".join(names) if len(names) <= 3 else f"{len(names)}") for state, names in grouped),
            *((lane.label, words) for lane, words in said if lane.kind != "node"),
        ]


def _value(track: Track, at: float) -> str:
    return UNKNOWN if isinstance(track, ProbeTrack) and at > track.known else track.at(at)


def _in_words(value: str) -> str:
    if value.startswith(FAIL):
        return f"cut off ({value.removeprefix(FAIL)})" if value != FAIL else "cut off"
    if value.startswith(GOOD):
        return f"answered by {value.removeprefix(GOOD)}" if value != GOOD else "answered"
    if "+" in value:
        return f"⚠ {value.replace('+', ' and ')}"
    return value or "unknown"
