"""Who was what when: events folded into a lane a node, address and client, and marks for actions. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace

from hatlab import events as e
from hatlab.state.model import IMPORTED, layout_of
from hatlab.state.tracks import FAIL, GOOD, NOBODY, UNKNOWN, FactTrack, ProbeTrack, Track
from hatlab.topology import Layout
from hatlab.util.addresses import short_address

_MAX_NAMED = 4
"""Nodes up to which a moment is described one by one."""
_AFTERMATH = 1.0
"""Seconds after an action in which what breaks is its doing."""


@dataclass(frozen=True, slots=True)
class PartState:
    """A node's part in one instance, as it was reported."""

    power: str = UNKNOWN
    state: str = "INIT"
    frozen: bool = False


def _fold_part(part: PartState, event: e.Event) -> PartState:
    match event:
        case e.Vrrp():
            return replace(part, state=event.state, power=part.power or "on")
        case e.Node(state="off"):
            return PartState("off", "STOPPED")
        case e.Node():
            return replace(part, power=event.state)
        case e.Process(state="frozen"):
            return replace(part, frozen=True)
        case e.Process(state="down"):
            return replace(part, frozen=False, state="STOPPED")
        case e.Process():
            return replace(part, frozen=False, state="INIT" if part.state == "STOPPED" else part.state)
        case _:
            return part


def _part_value(part: PartState) -> str:
    if part.power == "on":
        return "FROZEN" if part.frozen else part.state
    return part.power.upper()


@dataclass(frozen=True, slots=True)
class Owners:
    """Who holds an address."""

    held: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()
    """Nodes of an imported incident of which nothing says whether they hold it; none in a lab."""


def _fold_owners(owners: Owners, event: e.Event) -> Owners:
    if not isinstance(event, e.Address | e.Node):
        return owners
    node = frozenset({event.node})
    held, perhaps = owners.held - node, owners.perhaps - node
    match event:
        case e.Address(held=True):
            return Owners(held | node, perhaps)
        case e.Node() if event.about:  # when it ended is not known: until then it kept what it had
            return Owners(held, perhaps | (owners.held & node))
        case _:
            return Owners(held, perhaps)


def _owners_value(owners: Owners) -> str:
    """Of an imported incident nobody holds an address only if that is known of every node that could."""
    return "+".join(sorted(owners.held)) or (UNKNOWN if owners.perhaps else NOBODY)


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: something, and its values over time."""

    kind: str
    """node, vip or client."""
    name: str
    """The node, address or client it is about."""
    label: str
    """Its title on the screen."""
    track: Track


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An action, or something done by hand in a node's shell, which nobody asked hatlab for."""

    at: float
    """When it began."""
    text: str
    phase: str = "started"
    """Of an action started, done or failed; else `seen`."""


class TimelineModel:
    """Lanes, marks and outages of one lab, fed with its events."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.now = 0.0
        """The time of the latest event."""
        self.lanes: list[Lane] = []
        self.marks: list[Mark] = []
        self.node_names: tuple[str, ...] = ()
        self._nodes: dict[str, dict[str, FactTrack[PartState, e.Event]]] = {}
        self._vips: dict[str, FactTrack[Owners, e.Event]] = {}
        self._clients: dict[str, ProbeTrack] = {}
        self._outages: dict[str, list[e.Outage]] = {}
        self._ready = self._is_imported = False
        self._acted_at = -_AFTERMATH

    def shifted(self, seconds: float) -> TimelineModel:
        """Return a copy in which everything comes so much later, to be laid over another run."""
        copy = deepcopy(self)
        copy.now += seconds
        for lane in copy.lanes:
            lane.track.shift(seconds)
        copy.marks = [replace(mark, at=mark.at + seconds) for mark in copy.marks]
        copy._outages = {
            client: [replace(o, began=o.began + seconds, ended=o.ended + seconds) for o in outages]
            for client, outages in copy._outages.items()
        }
        return copy

    def feed(self, events: Iterable[e.Event]) -> bool:
        """Take events in; return whether a lane or a mark changed (time moves `now` alone)."""
        changed = False
        for event in events:
            if event.at > self.now:
                self.now = event.at
            changed |= self._fold(event)
        return changed

    def _fold(self, event: e.Event) -> bool:
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
                is_marked = self._mark_by_hand(event)
                if isinstance(event, e.Process) and event.service != "keepalived":
                    return is_marked
                parts = self._nodes.get(event.node, {}).values()
                changed = [part.add(event.at, event) for part in parts]
                if isinstance(event, e.Node) and event.state == "off":
                    changed += [vip.add(event.at, event) for vip in self._vips.values()]
                elif self._is_imported and event.state == "down" and event.about:
                    gone = e.Node(at=event.at, about=event.about, node=event.node, state="off")
                    changed += [vip.add(event.at, gone) for vip in self._vips.values()]
                return any(changed) or is_marked
            case e.Filter() | e.Link():
                return self._mark_by_hand(event)
            case e.Address():
                vip = self._vips.get(event.address)
                return vip is not None and vip.add(event.at, event)
            case e.Outage():
                self._outages.setdefault(event.client, []).append(event)
                return True
            case e.Action():
                self._mark_action(event)
                return True
            case e.Lab():
                self._add_lanes(layout_of(event), event.engine == IMPORTED)
                return True
            case _:
                return False

    def _add_lanes(self, layout: Layout, is_imported: bool) -> None:
        self._clear()
        self._is_imported = is_imported
        self.node_names = layout.node_names
        for node in layout.server_names:
            names = layout.instances_of(node) or ("",)
            self._nodes[node] = {}
            for name in names:
                track = FactTrack(PartState(), _fold_part, _part_value)
                self._nodes[node][name] = track
                label = node if len(names) == 1 else f"{node} {name}"
                self.lanes.append(Lane("node", node, label, track))
        vips = layout.vip_addresses
        for address in vips:
            owners = Owners(perhaps=frozenset(layout.nodes_with_vip(address) if is_imported else ()))
            self._vips[address] = FactTrack(owners, _fold_owners, _owners_value, patient=True)
            ending = short_address(address)
            same = sum(short_address(other) == ending for other in vips)
            network = layout.network_of(address)
            label = "VIP" if len(vips) == 1 else f"{'VIP' if same == 1 else network} {ending}"
            self.lanes.append(Lane("vip", address, label, self._vips[address]))
        for client in layout.client_names:
            self._clients[client] = ProbeTrack()
            self.lanes.append(Lane("client", client, client, self._clients[client]))

    def _mark_action(self, event: e.Action) -> None:
        text = " ".join((event.name, *event.targets))
        self._acted_at = event.at
        if event.phase != "started":
            for k in range(len(self.marks) - 1, -1, -1):
                if self.marks[k].text == text and self.marks[k].phase == "started":
                    self.marks[k] = replace(self.marks[k], phase=event.phase)
                    return
        insort(self.marks, Mark(event.at, text, event.phase))

    def _mark_by_hand(self, event: e.Process | e.Node | e.Filter | e.Link) -> bool:
        """Mark what broke although no action was under way; return whether something did."""
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
        if last is not None:
            is_aftermath = last.phase != "seen" and event.at - self._acted_at < _AFTERMATH
            if is_aftermath or last.phase == "started":
                return False
        if not self._ready:
            return False
        insort(self.marks, Mark(event.at, text, "seen"))
        return True

    def outages(self, client: str, begin: float, end: float) -> list[e.Outage]:
        """Return the client's finished outages that overlap a stretch of time."""
        outages = self._outages.get(client, [])
        first = bisect_left(outages, begin, key=lambda o: o.ended)
        last = bisect_right(outages, end, key=lambda o: o.began)
        return outages[first:last]

    def marks_between(self, begin: float, end: float) -> list[Mark]:
        first = bisect_left(self.marks, begin, key=lambda m: m.at)
        return self.marks[first : bisect_left(self.marks, end, key=lambda m: m.at)]

    def next_moment(self, after: float) -> float | None:
        """Return the next transition, change of owner, outage's edge or action, strictly after a moment."""
        number = bisect_right(self.marks, after, key=lambda m: m.at)
        changes = [lane.track.next_change(after) for lane in self.lanes]
        moments = [*changes, *(mark.at for mark in self.marks[number : number + 1])]
        return min((at for at in moments if at is not None), default=None)

    def last_moment(self, before: float) -> float | None:
        """Return the last of these, strictly before a moment."""
        number = bisect_left(self.marks, before, key=lambda m: m.at)
        changes = [lane.track.last_change(before) for lane in self.lanes]
        moments = [*changes, *(mark.at for mark in self.marks[max(0, number - 1) : number])]
        return max((at for at in moments if at is not None), default=None)

    def describe_moment(self, at: float) -> list[tuple[str, str]]:
        """Return what was true at a moment: (lane's label, value in words).

        Many nodes are (state, names), or for a state of more than three their number.
        """
        values = [(lane, _describe_value(_value_at(lane.track, at))) for lane in self.lanes]
        if len(self.node_names) <= _MAX_NAMED:
            return [(lane.label, words) for lane, words in values]
        by_state: dict[str, list[str]] = {}
        for lane, words in values:
            if lane.kind == "node":
                by_state.setdefault(words, []).append(lane.label)
        groups = sorted(by_state.items(), key=lambda item: len(item[1]))
        return [
            *((state, ", ".join(names) if len(names) <= 3 else f"{len(names)}") for state, names in groups),
            *((lane.label, words) for lane, words in values if lane.kind != "node"),
        ]


def _value_at(track: Track, at: float) -> str:
    return UNKNOWN if isinstance(track, ProbeTrack) and at > track.known_until else track.at(at)


def _describe_value(value: str) -> str:
    if value.startswith(FAIL):
        return f"cut off ({value.removeprefix(FAIL)})" if value != FAIL else "cut off"
    if value.startswith(GOOD):
        return f"answered by {value.removeprefix(GOOD)}" if value != GOOD else "answered"
    if "+" in value:
        return f"⚠ {value.replace('+', ' and ')}"
    return value or "unknown"
