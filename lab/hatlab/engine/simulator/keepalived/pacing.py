"""How fast gratuitous ARPs follow one another on an interface, where that is limited: vrrp_garp_interval,
garp_group (vrrp_arp.c, vrrp_ndisc.c)."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.network.network import Port
from hatlab.keepalived.garp_settings import GarpPaces
from hatlab.util.addresses import is_ipv6

Send = Callable[[Port, str], None]


class _Queue:
    """What waits on the interfaces of a group: each address once, and how often it is still to be sent."""

    def __init__(self) -> None:
        self.next_time = -inf
        self.waiting: dict[tuple[str, str], tuple[Port, Send, int]] = {}
        """(interface, address) → its port, what sends it, how often."""


class Pacing:
    """Sends announcements at once, or when their interface may send again."""

    def __init__(self, daemon: Daemon, paces: GarpPaces) -> None:
        self.daemon, self.paces = daemon, paces
        self._queues: dict[tuple[str, bool], _Queue] = {}

    def send(self, port: Port, address: str, repeat: int, send: Send) -> None:
        """Send an announcement, or queue it; more than `repeat` of one address never wait."""
        family = is_ipv6(address)
        pace = self.paces.of(port.device)
        seconds = pace.neighbour if family else pace.arp
        if not seconds:
            send(port, address)
            return
        now, queue = self.daemon.node.now, self._queues.setdefault((pace.group, family), _Queue())
        key = (port.device, address)
        if key in queue.waiting:
            _, _, times = queue.waiting[key]
            queue.waiting[key] = (port, send, min(repeat, times + 1))
        elif now < queue.next_time:
            if not queue.waiting:
                self.daemon.call_after(queue.next_time - now, self._send_next, queue, seconds)
            queue.waiting[key] = (port, send, 1)
        else:
            queue.next_time = now + seconds
            send(port, address)

    def forget(self, addresses: set[str]) -> None:
        """A Master gave addresses up: nothing of theirs waits any more (vrrp_remove_delayed_arp)."""
        for queue in self._queues.values():
            for key in [key for key in queue.waiting if key[1] in addresses]:
                del queue.waiting[key]

    def _send_next(self, queue: _Queue, seconds: float) -> None:
        if not queue.waiting or self is not self.daemon.pacing:
            return
        (device, address), (port, send, times) = next(iter(queue.waiting.items()))
        del queue.waiting[device, address]
        queue.next_time = self.daemon.node.now + seconds
        send(port, address)
        if times > 1:
            queue.waiting[device, address] = (port, send, times - 1)
        if queue.waiting:
            self.daemon.call_after(seconds, self._send_next, queue, seconds)
