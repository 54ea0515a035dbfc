"""Sets the times of a log that are known to the second by what a capture shows in that second.

A node that becomes Master advertises at once, and one that yields has just received a better advert. So a
state that its log tells in whole seconds was entered when that frame was captured: on the node itself, or
else on one that heard it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from hatlab import events as e
from hatlab.topology import Layout
from hatlab.util.addresses import is_ipv6

_LONGEST = 1.5
"""Seconds of precision that a capture can better."""


def pin_states(events: Iterator[e.Event], layout: Layout, captured: frozenset[str]) -> Iterator[e.Event]:
    """Yield events in order, those of captured nodes with better times where a frame gives one.

    Args:
        captured: the nodes of which there is a capture.
    """
    if not captured:
        yield from events
        return
    pinning = _Pinning(layout, captured)
    for event in events:
        pinning.add(event)
        yield from pinning.take(event.at)
    yield from pinning.take(float("inf"))


class _Pinning:
    def __init__(self, layout: Layout, captured: frozenset[str]) -> None:
        self._layout, self._captured = layout, captured
        self._order = count()
        self._waiting: list[tuple[float, int, e.Event]] = []
        self._open: dict[str, list[e.Event]] = {}
        """Node → events of its log, in its order, that a frame may still pin."""

    def add(self, event: e.Event) -> None:
        node = getattr(event, "node", "")
        if isinstance(event, e.Advert) and event.direction == "received":
            self._add_received(event)
        elif 0 < event.about <= _LONGEST:
            self._open.setdefault(node, []).append(event)
        elif isinstance(event, e.Advert) and event.direction == "sent" and event.priority:
            self._pin(event)  # a Master says so once it is one
            self._push(event)
        else:
            self._push(event)
            if isinstance(event, e.Advert):
                self._pin(event)

    def _add_received(self, advert: e.Advert) -> None:
        """What one node received tells of its sender, too, if nothing was captured there."""
        sender = self._layout.owner_of(advert.source)
        sent = None
        if sender is not None and sender not in self._captured:
            sent = replace(advert, node=sender, direction="sent")
        if sent is not None and sent.priority:
            self._pin(sent)
        self._push(advert)  # a Backup has heard it first
        self._pin(advert)
        if sent is not None and not sent.priority:
            self._pin(sent)

    def take(self, now: float) -> Iterator[e.Event]:
        """Yield what nothing can come before any more."""
        for node, held in self._open.items():
            done = [event for event in held if event.at + event.about < now]
            for event in done:
                self._push(event)
            self._open[node] = held[len(done) :]
        before = min([now, *(held[0].at for held in self._open.values() if held)])
        while self._waiting and self._waiting[0][0] <= before:
            yield heapq.heappop(self._waiting)[2]

    def _push(self, event: e.Event) -> None:
        heapq.heappush(self._waiting, (event.at, next(self._order), event))

    def _pin(self, advert: e.Advert) -> None:
        """Set the time of the first state that this frame explains, and of the lines behind it."""
        held = self._open.get(advert.node, [])
        for k, event in enumerate(held):
            if isinstance(event, e.Vrrp) and self._explains(advert, event):
                for early in held[:k]:  # of the same second: what led to it, in the same breath
                    self._push(replace(early, at=advert.at, about=0.0) if early.at == event.at else early)
                self._push(replace(event, at=advert.at, about=0.0))
                self._open[advert.node] = [_not_before(late, advert.at) for late in held[k + 1 :]]
                return

    def _explains(self, advert: e.Advert, event: e.Vrrp) -> bool:
        spec = self._layout.topology.instances.get(event.instance)
        if spec is None or spec.router != (advert.vrid, is_ipv6(advert.source)):
            return False
        if not event.at <= advert.at <= event.at + event.about:
            return False
        if event.state == "MASTER":
            return advert.direction == "sent" and advert.priority != 0
        if event.state == "BACKUP":
            return advert.direction == "received" and bool(advert.priority)
        return event.state == "FAULT" and advert.direction == "sent" and advert.priority == 0


def _not_before(event: e.Event, at: float) -> e.Event:
    """The event of a line that stands behind one of a known time."""
    begin = max(event.at, at)
    return replace(event, at=begin, about=max(0.0, event.at + event.about - begin))
