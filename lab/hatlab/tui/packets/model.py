"""One list of packets out of what each node captured: what was sent, where it arrived, and where it did not.

A frame is matched by its bytes and its network, never by order: nodes report up to a second apart. Equal ARP
frames in a row (a Master sends five gratuitous ones at once) are one packet with a count; adverts never are,
as each is told apart in lessons. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable

from hatlab import events as e
from hatlab.topology import Layout, Topology
from hatlab.tui.packets.packet import Capture, Packet

PATIENCE = 1.0
"""Seconds after which a frame that was sent counts as never arrived."""
TOGETHER = 0.05
"""Seconds between equal frames that are repeats of one packet."""
KEEP = 5_000
"""Packets kept; the oldest go first."""
_SAME = 64
"""Equal frames that are told apart at a time (their bytes are the same: which is which is a guess)."""
_EARLY = 0.02
"""Seconds by which a receiver's clock reading may precede the sender's."""


class PacketsModel:
    """Merges the captures of all nodes, in order of time.

    Attributes:
        packets: oldest first.
        touched: what the last feed added or changed.
        moved: whether the last feed changed the order of known ones.
    """

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._clear(None)

    def _clear(self, layout: Layout | None) -> None:
        self.layout = layout
        self.node_names: tuple[str, ...] = layout.server_names if layout else ()
        self.packets: list[Packet] = []
        self.now = 0.0
        self.moved = False
        self.touched: list[Packet] = []
        self._number = 0
        self._open: dict[tuple[str, str], list[Packet]] = {}
        self._waiting: deque[Packet] = deque()
        self._macs: dict[str, str] = {}
        self._power: dict[str, str] = {}
        self._adverts: dict[tuple[str, int | None], list[tuple[float, str, str]]] = {}

    def clear(self) -> None:
        """Knows nothing again."""
        self._clear(None)

    def feed(self, events: Iterable[e.Event]) -> bool:
        """Takes captures in; whether any row changed."""
        self.touched.clear()
        self.moved = False
        changed = False
        for event in events:
            if event.at > self.now:
                self.now = event.at
            match event:
                case e.Advert() | e.Arp():
                    self._capture(event)
                case e.Node():
                    self._power[event.node] = event.state
                case e.Lab():
                    self._clear(Layout(event.name, Topology.model_validate(event.topology), event.subnets))
                    changed = True
                case _:
                    pass
        self._settle()
        return self._forget() or bool(self.touched) or changed

    def _capture(self, event: Capture) -> None:
        key = (event.network, event.frame or repr(event))
        known = sorted(self._open.get(key, ())[-_SAME:], key=_order)
        packet = _sent_before(known, event) if event.direction == "sent" else _received_before(known, event)
        if packet is None:
            packet = self._new(key, event)
        if event.direction == "sent":
            self._sent(packet, event)
        else:
            self._received(packet, event)
        self.touched.append(packet)

    def _new(self, key: tuple[str, str], event: Capture) -> Packet:
        self._number += 1
        packet = Packet(self._number, event.at, event, self._sender(event), last=event.at)
        self._insert(packet)
        self._open.setdefault(key, []).append(packet)
        self._waiting.append(packet)
        return packet

    def _insert(self, packet: Packet) -> None:
        rows = self.packets
        if not rows or _order(rows[-1]) <= _order(packet):
            rows.append(packet)
        else:
            rows.insert(bisect_right(rows, _order(packet), key=_order), packet)

    def _move(self, packet: Packet, at: float) -> None:
        if at != packet.at:
            self.packets.remove(packet)
            packet.at = at
            self._insert(packet)
            self.moved = True

    def _received(self, packet: Packet, event: Capture) -> None:
        count, first = packet.received.get(event.node, (0, event.at))
        packet.received[event.node] = (count + 1, min(first, event.at))
        if not packet.sent:
            packet.last = max(packet.last, event.at)
            self._move(packet, min(packet.at, event.at))

    def _sent(self, packet: Packet, event: Capture) -> None:
        self._macs[event.frame[12:24]] = event.node
        packet.sent += 1
        if packet.sent > 1:
            packet.last = max(packet.last, event.at)
            self._move(packet, min(packet.at, event.at))
            return
        packet.event, packet.sender, packet.last = event, event.node, event.at
        packet.expected = self._expected(event)
        self._move(packet, event.at)
        if isinstance(event, e.Advert):
            sent = (event.at, event.node, event.destination)
            insort(self._adverts.setdefault((event.network, event.vrid), []), sent)
            self._time(packet, event)

    def _time(self, packet: Packet, advert: e.Advert) -> bool:
        """Works out the interval; whether it changed, as another node's advert became known late."""
        found = self._interval(advert)
        changed = found != (packet.since, packet.after)
        packet.since, packet.after = found
        return changed

    def _interval(self, advert: e.Advert) -> tuple[float | None, str]:
        """Seconds since the sender's last advert of this VRID to the same peer or group, or, where it has
        been silent (it takes over now), since anybody's, and whose."""
        times = self._adverts[(advert.network, advert.vrid)]
        before = times[: bisect_left(times, (advert.at, "", ""))]
        del times[:-64]
        same = (advert.node, advert.destination)
        own = next((at for at, *who in reversed(before) if tuple(who) == same), None)
        if own is not None and advert.at - own <= 3 * (advert.interval or 1.0) + PATIENCE:
            return advert.at - own, ""
        if before and before[-1][1] != advert.node:
            return advert.at - before[-1][0], before[-1][1]
        return (None if own is None else advert.at - own), ""

    def _expected(self, event: Capture) -> frozenset[str]:
        """Who should receive a frame: every node on its network that is on; one alone if it is unicast."""
        if self.layout is None:
            return frozenset()
        there = {
            n
            for n in self.node_names
            if n != event.node
            and event.network in self.layout.networks_of(n)
            and self._power.get(n, "on") != "off"
        }
        to = event.frame[:12]
        if to and not int(to[:2], 16) & 1:
            return frozenset({self._macs[to]} & there) if to in self._macs else frozenset()
        return frozenset(there)

    def _sender(self, event: Capture) -> str:
        if event.direction == "sent":
            return event.node
        known = self._macs.get(event.frame[12:24])
        if known is not None:
            return known
        address = event.source if isinstance(event, e.Advert) else event.address
        return (self.layout.owner_of(address) if self.layout else None) or address

    def _settle(self) -> None:
        waiting = self._waiting
        while waiting and waiting[0].last + PATIENCE < self.now:
            packet = waiting.popleft()
            packet.settled = True
            late = isinstance(packet.event, e.Advert) and packet.sent and self._time(packet, packet.event)
            if packet.missing or packet.count > 1 or late:
                self.touched.append(packet)
            key = (packet.event.network, packet.event.frame or repr(packet.event))
            left = [p for p in self._open.get(key, ()) if p is not packet]
            if left:
                self._open[key] = left
            else:
                self._open.pop(key, None)

    def _forget(self) -> bool:
        over = len(self.packets) - self._keep
        if over <= 0:
            return False
        del self.packets[:over]
        return True


def _order(packet: Packet) -> tuple[float, str]:
    return packet.at, packet.sender


def _sent_before(known: list[Packet], event: Capture) -> Packet | None:
    """The packet that a sender's capture repeats, or that was already received somewhere."""
    for packet in known:
        if packet.sent:
            near = packet.at - TOGETHER <= event.at <= packet.last + TOGETHER
            if near and isinstance(event, e.Arp):
                return packet
        elif -_EARLY <= packet.at - event.at <= PATIENCE:
            return packet
    return None


def _received_before(known: list[Packet], event: Capture) -> Packet | None:
    """The latest packet that a receiver's capture can be the other end of; of several at once the first."""
    found: Packet | None = None
    for packet in reversed(known):
        if found is not None and found.at - packet.at > TOGETHER:
            break
        if _can_be(packet, event):
            found = packet
    return found


def _can_be(packet: Packet, event: Capture) -> bool:
    repeats = isinstance(event, e.Arp)
    again = event.node in packet.received
    if packet.sent:
        return packet.at - _EARLY <= event.at <= packet.last + PATIENCE and (repeats or not again)
    if again:
        return repeats and packet.at - TOGETHER <= event.at <= packet.last + TOGETHER
    return abs(event.at - packet.at) <= PATIENCE
