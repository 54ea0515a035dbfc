"""The heartbeat between nodes: adverts seen to cross it, or to die on the way.

An advert needs 0.2 ms on the wire; here it takes `TRAVEL` seconds, so that an eye can follow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual.content import Content

from hatlab import events as e
from hatlab.state.model import Claim, InstanceState, LabState, NodeState
from hatlab.tui.widgets.line_widget import LineWidget, styled

TRAVEL = 0.6
LINGER = 0.7
"""Seconds that a lost advert's ╳ stays."""
SAID = 10.0
"""Seconds for which a last word is shown."""


@dataclass(slots=True)
class Flight:
    """One advert on its way. `lost` is where it dies, as a share of the way; None if it arrives.

    `began` is on the app's clock, `sent` on the lab's. One that no peer has captured by half way is lost.
    """

    began: float
    sent: float
    priority: int
    lost: float | None = None


@dataclass(frozen=True, slots=True)
class WireSender:
    """What one node sends over the wire. `claim` is its last advert, None if it never sent one.

    `says` is what it claims now of each instance: name and priority; empty where there is one instance only.
    `off`: it has no power.
    """

    node: str
    claim: Claim | None
    lost: float | None
    age: float
    says: tuple[tuple[str, int], ...] = ()
    off: bool = False

    @property
    def silent(self) -> bool:
        return self.claim is None or self.claim.priority == 0 or self.age > self.claim.interval * 1.5


def wire_senders(state: LabState, network: str, nodes: tuple[str, ...]) -> tuple[WireSender, ...]:
    """A lane for each node that takes part in an instance on this network."""
    found = []
    for name in nodes:
        node = state.nodes[name]
        parts = dict(_on(state, network, node))
        claims = [i.sent for i in parts.values() if i.sent is not None]
        claim = max(claims, key=lambda c: c.at, default=None)
        age = round(state.at - claim.at, 1) if claim else 0.0
        several = len(parts) > 1
        says = tuple(
            (n, i.sent.priority) for n, i in parts.items() if several and i.sent and i.claims(state.at)
        )
        found.append(
            WireSender(name, claim, _lost(state, network, name, nodes), age, says, node.power == "off")
        )
    return tuple(found)


def _on(state: LabState, network: str, node: NodeState) -> Iterator[tuple[str, InstanceState]]:
    """The node's part in each instance that advertises on a network, by its name."""
    known = state.layout.topology.instances if state.layout else {}
    return ((n, i) for n, i in node.instances.items() if n not in known or known[n].network == network)


def _lost(state: LabState, network: str, sender: str, nodes: tuple[str, ...]) -> float | None:
    """Where an advert of `sender` dies: at its own dead link, on the cut wire, or at a deaf receiver."""
    own = state.nodes[sender]
    others = [state.nodes[n] for n in nodes if n != sender]
    if own.power == "off" or not others:
        return None
    if own.links.get(network) is False:
        return 0.1
    if not all(n.power == "off" or _deaf(n, network) for n in others):
        return None
    return 0.5 if _deaf(own, network) else 0.9


def _deaf(node: NodeState, network: str) -> bool:
    drop = node.filters.get(network)
    return node.links.get(network) is False or (drop is not None and drop.percent >= 100)


def wire_title(state: LabState, network: str, nodes: tuple[str, ...]) -> tuple[str, str]:
    """The wire's title and its tone: its name, or what is wrong with it."""
    found = [state.nodes[n] for n in nodes]
    if any(_deaf(n, network) for n in found):
        return f"✂ {network} is cut", "bold fault"
    drops = [n.filters[network] for n in found if network in n.filters]
    percent = max((d.percent for d in drops), default=0)
    delay = max((d.delay_ms for d in drops), default=0)
    if percent:
        return f"≈ {network} loses {percent:g} %", "bold warn"
    if delay:
        return f"≈ {network} is {delay:g} ms late", "bold warn"
    return network, "quiet"


class Heartbeat(LineWidget):
    """The wire of one network. With two nodes a lane each way; with more, a lane a sender."""

    def __init__(
        self, network: str, nodes: tuple[str, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(id=f"wire-{network}")
        self.network = network
        self.nodes = nodes
        self._clock = clock
        self._lanes: tuple[WireSender, ...] = ()
        self._title = (network, "quiet")
        self._flights: dict[str, Flight] = {}
        self._heard: dict[str, float] = {}

    def show(self, state: LabState) -> None:
        """The lanes of a state."""
        found, title = (
            wire_senders(state, self.network, self.nodes),
            wire_title(state, self.network, self.nodes),
        )
        if (found, title) != (self._lanes, self._title):
            self._lanes, self._title = found, title
            self.redraw()

    def fly(self, adverts: list[e.Advert], state: LabState) -> None:
        """Lets adverts just sent cross the wire; those received meanwhile have arrived."""
        where = {lane.node: lane.lost for lane in self._lanes}
        for advert in adverts:
            if advert.network != self.network or advert.priority is None:
                continue
            sender = state.layout.owner_of(advert.source) if state.layout else None
            if advert.direction == "received" and sender:
                self._heard[sender] = advert.at
            elif state.at - advert.at <= TRAVEL:
                began = self._clock() - (state.at - advert.at)
                flight = Flight(began, advert.at, advert.priority, where.get(advert.node))
                self._flights[advert.node] = flight

    def clear(self) -> None:
        """Nothing is under way: another moment is shown."""
        self._flights.clear()

    def advance(self) -> None:
        """The next frame, if an advert is under way. Called at the pace at which the app looks at the lab."""
        if not self._flights:
            return
        now = self._clock()
        for node, flight in self._flights.items():
            if self._heard.get(node, -1.0) < flight.sent - 0.1 and now - flight.began > TRAVEL / 2:
                flight.lost = flight.lost or 0.5
        over = [n for n, f in self._flights.items() if now - f.began > TRAVEL + (LINGER if f.lost else 0)]
        for node in over:
            del self._flights[node]
        self.redraw()

    def build(self) -> list[Content]:
        width, height = self.content_size
        if width < 8 or not self._lanes:
            return []
        title = _centred(styled(self._title), width)
        if len(self._lanes) > 2:
            senders = self._senders(height - 1)
            if height > 2 or not senders:
                return [title, *(self._named(lane, width, lane.node) for lane in senders)]
            return [self._named(lane, width, f"{lane.node} {self.network}") for lane in self._senders(height)]
        captioned = height > len(self._lanes) * 2
        rows = [title]
        for k, lane in enumerate(self._lanes):
            rows.append(self._wire(lane, width, leftward=len(self._lanes) == 2 and k == 1))
            if captioned:
                rows.append(_caption(lane, width))
        return rows

    def _senders(self, count: int) -> list[WireSender]:
        """Whoever ever advertised, at most so many: those that fell silent first are left out."""
        known = [lane for lane in self._lanes if lane.claim is not None]
        latest = sorted(known, key=lambda lane: (lane.silent, lane.age if lane.silent else 0.0))
        return [lane for lane in known if lane in latest[: max(1, count)]]

    def _named(self, lane: WireSender, width: int, label: str) -> Content:
        """One line for one of many: who, what, and the wire to all others."""
        who = styled((f" {label:<12} ", "quiet" if lane.silent else "wire"))
        return who + self._wire(lane, width - who.cell_length - 1, leftward=False)

    def _wire(self, lane: WireSender, width: int, *, leftward: bool) -> Content:
        """One lane, drawn as if it ran to the right and mirrored if it runs to the left."""
        flight = self._flights.get(lane.node)
        if lane.off and flight is None:
            end, rest = ("✕", "bold stopped"), " " * (width - 1)
            return styled(rest, end) if leftward else styled(end, rest)
        cells = ["╌"] * (width - 2)
        tones = ["line" if lane.silent and flight is None else "wire"] * (width - 2)
        if lane.lost is not None:
            cut = round(lane.lost * (width - 3))
            cells[cut] = "✂"
            tones[cut] = "bold fault"
            for k in range(cut + 1, width - 2):
                cells[k], tones[k] = " ", "line"
        if flight is not None:
            self._place(flight, cells, tones, leftward)
        ends = ("╶", "◂" if leftward else "▸")
        pieces = list(zip(cells, tones, strict=True))
        head = "wire" if not lane.silent and lane.lost is None else "line"
        if leftward:
            return styled((ends[1], head), *reversed(pieces), ("╴", "line"))
        return styled((ends[0], "line"), *pieces, (ends[1], head))

    def _place(self, flight: Flight, cells: list[str], tones: list[str], leftward: bool) -> None:
        share = max(0.0, (self._clock() - flight.began) / TRAVEL)
        label = f"▐{flight.priority}▌"
        if flight.lost is not None and share >= flight.lost:
            spot = round(flight.lost * (len(cells) - 1))
            cells[spot], tones[spot] = "╳", "bold fault"
            return
        if share > 1:
            return
        begin = round(share * (len(cells) - len(label)))
        for k, letter in enumerate(reversed(label) if leftward else label):
            if begin + k < len(cells):
                cells[begin + k] = letter
                tones[begin + k] = "bold wire" if flight.priority else "bold warn"


def _caption(lane: WireSender, width: int) -> Content:
    claim = lane.claim
    if lane.off:
        text, tone = f"{lane.node} is off", "stopped"
    elif claim is None:
        text, tone = f"{lane.node} is silent", "quiet"
    elif claim.priority == 0 and lane.age < SAID:
        text, tone = f"{lane.node} said 0: I leave", "warn"
    elif lane.silent:
        text, tone = f"{lane.node} silent {lane.age:.0f} s", "quiet"
    elif len(lane.says) > 1:  # whose advert was the last changes with each
        text, tone = f"{lane.node}: {', '.join(f'{name} {number}' for name, number in lane.says)}", "wire"
    elif lane.says:
        ((name, number),) = lane.says
        text, tone = f"{lane.node} {name}: {number} every {claim.interval:g} s", "wire"
    else:
        text, tone = f"{lane.node} says {claim.priority} every {claim.interval:g} s", "wire"
    return _centred(styled((text[:width], tone)), width)


def _centred(line: Content, width: int) -> Content:
    return Content(" " * max(0, (width - line.cell_length) // 2)) + line
