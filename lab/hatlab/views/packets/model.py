"""One list of packets out of what each node captured: what was sent, where it arrived, and where it did not.

A frame is matched by its bytes and its network, never by order: nodes report up to a second apart. Equal ARP
frames in a row (a Master sends five gratuitous ones at once) are one packet with a count; adverts never are,
as lessons count them one by one. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable
from math import inf

from hatlab import events as e
from hatlab.state.model import IMPORTED, layout_of
from hatlab.topology import Layout
from hatlab.util.addresses import is_ipv6
from hatlab.views.packets.packet import Capture, Packet

PATIENCE = 1.0
"""Seconds after which a frame that was sent counts as never arrived."""
TOGETHER = 0.05
"""Seconds between equal frames that are repeats of one packet."""
KEEP = 5_000
"""Packets kept; the oldest go first."""
_MAX_CANDIDATES = 64
"""Equal frames among which a capture's packet is looked for (their bytes are the same: it is a guess)."""
_CLOCK_SKEW = 0.02
"""Seconds by which a receiver's clock reading may precede the sender's."""


class PacketsModel:
    """Merges the captures of all nodes, in order of time."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self.clear()

    def clear(self, layout: Layout | None = None) -> None:
        """Forget everything, as another lab begins."""
        self.layout = layout
        self.node_names: tuple[str, ...] = layout.server_names if layout else ()
        self.packets: list[Packet] = []
        """Oldest first."""
        self.now = 0.0
        self.changed: list[Packet] = []
        """Packets that the last feed added or changed."""
        self.gone = 0
        """How many had to go for newer ones."""
        self.reordered = False
        """True if the last feed changed the order of known packets."""
        self._number = 0
        self._unseen: frozenset[str] = frozenset()
        """Nodes of an imported incident of which there is no capture: what arrives there is not known."""
        self._open: dict[tuple[str, str], list[Packet]] = {}
        """Network and frame → packets that a capture may still belong to."""
        self._waiting: deque[Packet] = deque()
        """Packets that are not settled, in the order in which they became known."""
        self._macs: dict[str, str] = {}
        """Hardware address → node."""
        self._power: dict[str, str] = {}
        self._listening_since: dict[str, float] = {}
        """Node → when it was heard of first, s, since it has power: what was sent before could not arrive."""
        self._adverts: dict[tuple[str, int | None, bool], list[tuple[float, str, str]]] = {}
        """Network and VRID → when an advert was sent, by whom, whereto; in order of time."""

    def feed(self, events: Iterable[e.Event]) -> bool:
        """Take captures in; return whether any row changed."""
        self.changed.clear()
        self.reordered = False
        is_new_lab = False
        for event in events:
            if event.at > self.now:
                self.now = event.at
            self._note_listener(event)
            match event:
                case e.Advert() | e.Arp():
                    self._capture(event)
                case e.Node():
                    self._power[event.node] = event.state
                    if event.state == "off":
                        self._listening_since[event.node] = inf
                case e.Lab():
                    self.clear(layout_of(event))
                    if event.engine == IMPORTED:
                        self._unseen = frozenset(
                            name for name in self.node_names if "capture" not in event.sources.get(name, ())
                        )
                    is_new_lab = True
                case _:
                    pass
        self._settle()
        return self._drop_oldest() or bool(self.changed) or is_new_lab

    def _note_listener(self, event: e.Event) -> None:
        node = getattr(event, "node", "")
        if node and not isinstance(event, e.Node):  # nodes report up to a second apart, in any order
            self._listening_since[node] = min(event.at, self._listening_since.get(node, inf))

    def _capture(self, event: Capture) -> None:
        candidates = sorted(self._open.get(_key(event), ())[-_MAX_CANDIDATES:], key=_order)
        is_sent = event.direction == "sent"
        packet = _find_sent(candidates, event) if is_sent else _find_received(candidates, event)
        if packet is None:
            packet = self._add_packet(event)
        if is_sent:
            self._add_sent(packet, event)
        else:
            self._add_received(packet, event)
        self.changed.append(packet)

    def _add_packet(self, event: Capture) -> Packet:
        self._number += 1
        packet = Packet(self._number, event.at, event, self._sender_of(event), last=event.at)
        self._insert(packet)
        self._open.setdefault(_key(event), []).append(packet)
        self._waiting.append(packet)
        return packet

    def _insert(self, packet: Packet) -> None:
        self.packets.insert(bisect_right(self.packets, _order(packet), key=_order), packet)

    def _move(self, packet: Packet, at: float) -> None:
        if at != packet.at:
            self.packets.remove(packet)
            packet.at = at
            self._insert(packet)
            self.reordered = True

    def _add_received(self, packet: Packet, event: Capture) -> None:
        count, first = packet.received.get(event.node, (0, event.at))
        packet.received[event.node] = (count + 1, min(first, event.at))
        if not packet.sent:
            packet.last = max(packet.last, event.at)
            self._move(packet, min(packet.at, event.at))

    def _add_sent(self, packet: Packet, event: Capture) -> None:
        self._macs[event.frame[12:24]] = event.node
        packet.sent += 1
        if packet.sent > 1:
            packet.last = max(packet.last, event.at)
            self._move(packet, min(packet.at, event.at))
            return
        packet.event, packet.sender, packet.last = event, event.node, event.at
        receivers = self._receivers_of(event)
        packet.expected, packet.unseen = receivers - self._unseen, receivers & self._unseen
        self._move(packet, event.at)
        if isinstance(event, e.Advert):
            sent = (event.at, event.node, event.destination)
            insort(self._adverts.setdefault(_router_of(event), []), sent)
            self._update_interval(packet, event)

    def _update_interval(self, packet: Packet, advert: e.Advert) -> bool:
        """Return whether the interval changed, as another node's advert became known late."""
        before = packet.interval, packet.taken_over_from
        packet.interval, packet.taken_over_from = self._interval(advert)
        return before != (packet.interval, packet.taken_over_from)

    def _interval(self, advert: e.Advert) -> tuple[float | None, str]:
        """Return the seconds since the sender's last advert of this VRID to the same peer or group; where it
        has been silent, as it takes over now, those since anybody's, and whose."""
        times = self._adverts[_router_of(advert)]
        before = times[: bisect_left(times, (advert.at, "", ""))]
        del times[:-64]
        same = (advert.node, advert.destination)
        last = next((at for at, *route in reversed(before) if tuple(route) == same), None)
        if last is not None and advert.at - last <= 3 * (advert.interval or 1.0) + PATIENCE:
            return advert.at - last, ""
        if before and before[-1][1] != advert.node:
            return advert.at - before[-1][0], before[-1][1]
        return (None if last is None else advert.at - last), ""

    def _receivers_of(self, event: Capture) -> frozenset[str]:
        """Return who should receive a frame: each node on its network that is on, or one if it is unicast."""
        if self.layout is None:
            return frozenset()
        listening = frozenset(
            name
            for name in self.node_names
            if name != event.node
            and event.network in self.layout.networks_of(name)
            and self._power.get(name, "on") != "off"
        )
        destination = event.frame[:12]
        is_unicast = destination and not int(destination[:2], 16) & 1
        return listening & {self._macs.get(destination, "")} if is_unicast else listening

    def _sender_of(self, event: Capture) -> str:
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
            packet.expected = frozenset(
                name for name in packet.expected if self._listening_since.get(name, 0.0) <= packet.at
            )
            event, changed = packet.event, bool(packet.missing) or packet.count > 1
            if isinstance(event, e.Advert) and packet.sent:
                changed |= self._update_interval(packet, event)
            if changed:
                self.changed.append(packet)
            key = _key(packet.event)
            left = [p for p in self._open.get(key, ()) if p is not packet]
            if left:
                self._open[key] = left
            else:
                self._open.pop(key, None)

    def _drop_oldest(self) -> bool:
        excess = max(0, len(self.packets) - self._keep)
        del self.packets[:excess]
        self.gone += excess
        return excess > 0


def _router_of(advert: e.Advert) -> tuple[str, int | None, bool]:
    """Return what tells a virtual router from others: its network, its VRID, and whether it is of IPv6."""
    return advert.network, advert.vrid, is_ipv6(advert.source)


def _key(event: Capture) -> tuple[str, str]:
    """Return the key under which equal frames on a network are found."""
    return event.network, event.frame or repr(event)


def _order(packet: Packet) -> tuple[float, str]:
    return packet.at, packet.sender


def _find_sent(candidates: list[Packet], event: Capture) -> Packet | None:
    """Return the packet that a sender's capture repeats, or that was already received somewhere."""
    for packet in candidates:
        if packet.sent:
            is_near = packet.at - TOGETHER <= event.at <= packet.last + TOGETHER
            if is_near and isinstance(event, e.Arp):
                return packet
        elif -_CLOCK_SKEW <= packet.at - event.at <= PATIENCE:
            return packet
    return None


def _find_received(candidates: list[Packet], event: Capture) -> Packet | None:
    """Return the latest packet that a receiver's capture can belong to; of several at once the first."""
    latest: Packet | None = None
    for packet in reversed(candidates):
        if latest is not None and latest.at - packet.at > TOGETHER:
            break
        if _can_belong_to(packet, event):
            latest = packet
    return latest


def _can_belong_to(packet: Packet, event: Capture) -> bool:
    may_repeat = isinstance(event, e.Arp)
    is_repeat = event.node in packet.received
    if packet.sent:
        is_near = packet.at - _CLOCK_SKEW <= event.at <= packet.last + PATIENCE
        return is_near and (may_repeat or not is_repeat)
    if is_repeat:
        return may_repeat and packet.at - TOGETHER <= event.at <= packet.last + TOGETHER
    return abs(event.at - packet.at) <= PATIENCE
