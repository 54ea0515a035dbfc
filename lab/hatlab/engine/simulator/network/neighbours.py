"""What a machine's kernel knows of another on its network: a unicast packet leaves only towards one that has
answered lately.

An advert to a peer whose interface is down, or that hears nothing, leaves for a while, and then no more: the
kernel asks for that machine instead, and nobody answers (Linux: net/core/neighbour.c, Documentation of
`base_reachable_time`, `delay_first_probe_time`, `ucast_solicit`). Requests are not shown as frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from hatlab.engine.simulator.network.arp_cache import MAX_WAITING
from hatlab.engine.simulator.network.network import Network, Port

REACHABLE_TIME = 30.0
"""Seconds for which an answer counts; Linux takes half to one and a half times that, here the middle."""
DELAY = 5.0
"""Seconds from the first packet towards one that is no longer sure, to the question whether it is there."""
QUESTIONS = 3
RETRY = 1.02
"""Seconds between two questions: measured, with their jitter."""


class _State(Enum):
    UNKNOWN = auto()
    INCOMPLETE = auto()
    """It is being asked for; packets wait."""
    REACHABLE = auto()
    STALE = auto()
    """It was there once: the next packet leaves, and begins a delay."""
    DELAY = auto()
    """Packets leave; it is asked soon, or is being asked."""


class Neighbour:
    """Another machine, as one interface knows it by one of its addresses."""

    def __init__(self, network: Network, port: Port, address: str) -> None:
        self._network, self._port, self._address = network, port, address
        self._state = _State.UNKNOWN
        self._source = ""
        self._used_at = 0.0
        self._asked = 0
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque(maxlen=MAX_WAITING)

    def send(self, source: str, call: Callable[..., None] | None = None, *args: Any) -> None:
        """Let a packet from this own address leave for it, by calling a bound method: at once, once it has
        answered, or never.
        """
        if not self._port.is_live:
            return
        self._source, self._used_at = source, self._network.clock.now
        if self._state is _State.UNKNOWN:
            self._state, self._asked = _State.INCOMPLETE, 0
            self._ask()
        if self._state is _State.INCOMPLETE:
            if call:
                self._waiting.append((call, args))
            return
        if self._state is _State.STALE:
            self._wait_to_ask()
        if call:
            call(*args)

    def note_request(self) -> None:
        """It asked for this machine: so it is there."""
        if self._state is _State.UNKNOWN:
            self._state = _State.STALE
        else:
            self.note_announcement()

    def note_announcement(self) -> None:
        """It told everybody of itself: what waits for it may leave (arp_process)."""
        if self._state is _State.INCOMPLETE:
            self._state = _State.STALE
            self._release()

    def _answers(self) -> bool:
        """True if it answers a question now: both must be heard. The question tells it of this machine."""
        network, port = self._network, self._port
        there = next((p for p in network.ports if self._address in p.addresses), None)
        if there is None or not (port.is_live and there.is_live) or self._is_lost(port, there):
            return False
        find_neighbour(network, there, self._source).note_request()
        return not self._is_lost(there, port)

    def _is_lost(self, sender: Port, receiver: Port) -> bool:
        return bool(receiver.drop_percent) and receiver.drops(sender, self._network.random.random())

    def _ask(self) -> None:
        """Ask whether it is there; after the last question that stays unanswered, what waits is lost."""
        if self._is_forgotten() or self._state not in {_State.INCOMPLETE, _State.DELAY}:
            return
        if self._asked < QUESTIONS and self._answers():
            self._state = _State.REACHABLE
            self._network.clock.call_after(REACHABLE_TIME, self._age)
            self._release()
        elif self._asked < QUESTIONS:
            self._asked += 1
            self._network.clock.call_after(RETRY, self._ask)
        else:
            self._state = _State.UNKNOWN
            self._waiting.clear()

    def _release(self) -> None:
        waiting = list(self._waiting)
        self._waiting.clear()
        for call, args in waiting:
            call(*args)

    def _age(self) -> None:
        if not self._is_forgotten():
            in_use = self._network.clock.now - self._used_at < DELAY
            self._wait_to_ask() if in_use else self._become_stale()

    def _become_stale(self) -> None:
        self._state = _State.STALE

    def _wait_to_ask(self) -> None:
        self._state, self._asked = _State.DELAY, 0
        self._network.clock.call_after(DELAY, self._ask)

    def _is_forgotten(self) -> bool:
        """True if the link was down since: the kernel forgets all that it knew there."""
        return self._port.neighbours.get(self._address) is not self


def find_neighbour(network: Network, port: Port, address: str) -> Neighbour:
    """Return what an interface knows of the machine with an address."""
    known: Neighbour | None = port.neighbours.get(address)
    if known is None:
        known = port.neighbours[address] = Neighbour(network, port, address)
    return known
