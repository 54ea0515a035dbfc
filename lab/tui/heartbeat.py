"""The heartbeat between nodes: adverts seen to cross it, or to die on the way.

An advert needs 0.2 ms on the wire; here it takes `TRAVEL` seconds, so that an eye can follow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from lab import events as e
from lab.state import Claim, LabState, NodeState
from lab.tui.ink import Drawing, ink

TRAVEL = 0.6
LINGER = 0.7
"""Seconds that a lost advert's ╳ stays."""


@dataclass(slots=True)
class Flight:
    """One advert on its way. `lost` is where it dies, as a share of the way; None if it arrives."""

    began: float
    priority: int
    lost: float | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """What one node sends over the wire. `claim` is its last advert, None if it never sent one."""

    node: str
    claim: Claim | None
    lost: float | None
    age: float

    @property
    def silent(self) -> bool:
        return self.claim is None or self.claim.priority == 0 or self.age > self.claim.interval * 1.5


def lanes(state: LabState, network: str, nodes: tuple[str, ...]) -> tuple[Lane, ...]:
    """A lane for each node that takes part in an instance on this network."""
    found = []
    for name in nodes:
        node = state.nodes[name]
        claims = [i.sent for i in node.instances.values() if i.sent is not None]
        claim = max(claims, key=lambda c: c.at, default=None)
        age = round(state.at - claim.at, 1) if claim else 0.0
        found.append(Lane(name, claim, _lost(state, network, name, nodes), age))
    return tuple(found)


def _lost(state: LabState, network: str, sender: str, nodes: tuple[str, ...]) -> float | None:
    """Where an advert of `sender` dies: at its own dead link, on the cut wire, or at a deaf receiver."""
    others = [state.nodes[n] for n in nodes if n != sender]
    if state.nodes[sender].links.get(network) is False:
        return 0.1
    if not others or not all(_deaf(n, network) for n in others):
        return None
    return 0.5 if _deaf(state.nodes[sender], network) else 0.9


def _deaf(node: NodeState, network: str) -> bool:
    drop = node.filters.get(network)
    dead = node.power == "off" or node.links.get(network) is False
    return dead or (drop is not None and drop.percent >= 100)


class Heartbeat(Drawing):
    """The wire of one network. With two nodes a lane each way; with more, a lane a sender."""

    def __init__(
        self, network: str, nodes: tuple[str, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(id="heartbeat")
        self.network = network
        self.nodes = nodes
        self._clock = clock
        self._lanes: tuple[Lane, ...] = ()
        self._flights: dict[str, Flight] = {}

    def show(self, state: LabState) -> None:
        """The lanes of a state."""
        found = lanes(state, self.network, self.nodes)
        if found != self._lanes:
            self._lanes = found
            self.redraw()

    def fly(self, adverts: list[e.Advert], state: LabState) -> None:
        """Lets adverts just sent cross the wire; those received meanwhile have arrived."""
        where = {lane.node: lane.lost for lane in self._lanes}
        owner = state.layout.owner_of if state.layout else lambda _: None
        arrived = {owner(a.source) for a in adverts if a.direction == "received"}
        for advert in adverts:
            age = state.at - advert.at
            if (
                advert.direction != "sent"
                or advert.priority is None
                or age > TRAVEL
                or advert.network != self.network
            ):
                continue
            lost = where.get(advert.node)
            if lost is None and advert.node not in arrived and age > 0.05:
                lost = 0.5
            self._flights[advert.node] = Flight(self._clock() - age, advert.priority, lost)

    def clear(self) -> None:
        """Nothing is under way: another moment is shown."""
        self._flights.clear()

    def advance(self) -> None:
        """The next frame, if an advert is under way. Called at the pace at which the app looks at the lab."""
        if not self._flights:
            return
        now = self._clock()
        over = [n for n, f in self._flights.items() if now - f.began > TRAVEL + (LINGER if f.lost else 0)]
        for node in over:
            del self._flights[node]
        self.redraw()

    def build(self) -> list[Content]:
        width = self.content_size.width
        if width < 8 or not self._lanes:
            return []
        title = ink((self.network, "quiet"))
        if any(lane.lost is not None for lane in self._lanes):
            title = ink((f"✂ {self.network} is cut", "bold fault"))
        rows = [_centred(title, width)]
        for k, lane in enumerate(self._lanes):
            rows += [
                self._wire(lane, width, leftward=len(self._lanes) == 2 and k == 1),
                _caption(lane, width),
            ]
        return rows

    def _wire(self, lane: Lane, width: int, *, leftward: bool) -> Content:
        """One lane, drawn as if it ran to the right and mirrored if it runs to the left."""
        flight = self._flights.get(lane.node)
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
            return ink((ends[1], head), *reversed(pieces), ("╴", "line"))
        return ink((ends[0], "line"), *pieces, (ends[1], head))

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


def _caption(lane: Lane, width: int) -> Content:
    claim = lane.claim
    if claim is None:
        text, tone = f"{lane.node} is silent", "quiet"
    elif claim.priority == 0:
        text, tone = f"{lane.node} said 0: I leave", "warn"
    elif lane.silent:
        text, tone = f"{lane.node} silent {lane.age:.0f} s", "quiet"
    else:
        text, tone = f"{lane.node} says {claim.priority} every {claim.interval:g} s", "wire"
    return _centred(ink((text[:width], tone)), width)


def _centred(line: Content, width: int) -> Content:
    return Content(" " * max(0, (width - line.cell_length) // 2)) + line
