"""Captured frames of one node as events: adverts and ARP, each on the network where it belongs."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.incident.moment import Moment
from hatlab.incident.sources import FrameRecord
from hatlab.topology import Layout
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.capture import frame_event
from hatlab.vrrp.codec import Advertisement

_MISSED = 3
"""Adverts that a Master must have left out until it counts as silent, and half a second."""


class FrameFacts:
    """Makes events of what a capture on a node shows.

    Args:
        node: where they were captured.
    """

    def __init__(self, node: str, layout: Layout) -> None:
        self._node, self._layout = node, layout
        self._own_macs: set[str] = set()
        self._network_of: dict[tuple[int, bool], str] = {}
        for name in layout.instances_of(node):
            spec = layout.topology.instances[name]
            self._network_of[spec.router] = spec.network_of(node)
        self._fallback = layout.networks_of(node)[0]

    def events(self, record: FrameRecord, moment: Moment) -> Iterator[e.Event]:
        """Yield the event of a frame, with the moment's `at`, `about` and `evidence`."""
        packet = record.packet
        if packet is None:
            return
        mac = record.data[6:12].hex(":") if record.data else ""
        if isinstance(packet, Advertisement):
            is_own = self._layout.owner_of(packet.source) == self._node
            router = (packet.vrid or 0, is_ipv6(packet.source))
            network = self._network_of.get(router, self._fallback)
            if is_own and mac:
                self._own_macs.add(mac)
        else:
            is_own = packet.sender_mac in self._own_macs
            network = self._layout.network_of(packet.sender) or self._fallback
        direction = record.direction or ("sent" if is_own else "received")
        at, about, evidence = moment["at"], moment["about"], moment["evidence"]
        yield frame_event(
            at, self._node, direction, network, record.data, packet, about=about, evidence=evidence
        )


class ClaimedStates:
    """States of the nodes that have no log, as far as adverts tell: who advertises acts as Master.

    A Master that gives up says priority 0; one that hears a better one falls silent at once; one that is just
    silent may be anything, so its state is not known any more.
    """

    def __init__(self, layout: Layout, logged: frozenset[str]) -> None:
        self._layout, self._logged = layout, logged
        self._last: dict[tuple[str, str], tuple[float, float]] = {}
        """(node, instance) → when its last advert was, and the interval that it claimed."""

    def events(self, advert: e.Advert) -> Iterator[e.Event]:
        """Yield the states that follow from an advert, and from the silence until it."""
        yield from self.silent_until(advert.at)
        sender = self._layout.owner_of(advert.source)
        if sender is None or sender in self._logged or advert.vrid is None:
            return
        for name in self._layout.instances_of(sender):
            spec = self._layout.topology.instances[name]
            if spec.router != (advert.vrid, is_ipv6(advert.source)):
                continue
            key = sender, name
            if advert.priority == 0:
                if self._last.pop(key, None) is not None:
                    yield self._state(advert.at, sender, name, "UNKNOWN", None, advert.evidence)
                continue
            if key not in self._last:
                yield self._state(advert.at, sender, name, "MASTER", advert.priority, advert.evidence)
            self._last[key] = advert.at, advert.interval or spec.interval

    def silent_until(self, at: float) -> Iterator[e.Event]:
        """Yield that a state is not known, for each Master that has been silent for too long."""
        for key, (last, interval) in list(self._last.items()):
            ended = last + _MISSED * interval + 0.5
            if ended < at:
                del self._last[key]
                yield self._state(ended, *key, "UNKNOWN", None, "")

    def _state(
        self, at: float, node: str, name: str, state: str, priority: int | None, evidence: str
    ) -> e.Vrrp:
        return e.Vrrp(at=at, node=node, instance=name, state=state, priority=priority, evidence=evidence)
