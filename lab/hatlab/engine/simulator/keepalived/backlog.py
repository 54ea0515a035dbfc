"""What waits for a frozen keepalived in its sockets, and in which order it takes it when it is thawed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hatlab.engine.simulator.network.network import Port
from hatlab.vrrp.codec import Advertisement

SOCKET_ROOM = 256
"""Adverts that a socket keeps; it drops the later ones. Measured with Linux's default of 208 KiB."""
Work = tuple[Callable[..., None], tuple[Any, ...]]
"""A bound method and its arguments."""


@dataclass(slots=True)
class Backlog:
    """The sockets of a process that does not run.

    epoll hands them over in the order in which they became readable. What the kernel says of links and
    addresses is read to its end at once, adverts only until the second one of a virtual router
    (vrrp_dispatcher_read); what is left then waits for the next round.
    """

    queues: dict[tuple[str, str] | None, list[Work]] = field(default_factory=dict)
    """(interface, destination) of adverts, None for the kernel's messages → what to do, in order."""

    def add_advert(self, port: Port, advert: Advertisement, call: Callable[..., None]) -> None:
        """An advert arrived."""
        queue = self.queues.setdefault((port.device, advert.destination), [])
        if len(queue) < SOCKET_ROOM:
            queue.append((call, (port, advert)))

    def add_kernel_message(self, call: Callable[..., None], *args: Any) -> None:
        """The kernel said something of a link or an address."""
        self.queues.setdefault(None, []).append((call, args))

    def take_round(self) -> Iterator[Work]:
        """Take what the process does before it looks at its sockets again, in order."""
        for socket in list(self.queues):
            waiting = self.queues.pop(socket)
            taken = _first_round(waiting) if socket else len(waiting)
            if waiting[taken:]:
                self.queues[socket] = waiting[taken:]
            yield from waiting[:taken]


def _first_round(waiting: list[Work]) -> int:
    """Return how many adverts are read before the process looks at its other sockets."""
    vrids: set[int | None] = set()
    for number, (_, (_, advert)) in enumerate(waiting, start=1):
        if advert.vrid in vrids:
            return number
        vrids.add(advert.vrid)
    return len(waiting)
