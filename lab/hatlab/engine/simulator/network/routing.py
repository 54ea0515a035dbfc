"""What happens to a packet on a router: forwarded, complained about, or lost.

A router forwards what is sent to its MAC, whoever holds the virtual address by now, as the kernel does.
"""

from __future__ import annotations

from hatlab.engine.simulator.network.network import Port

BURST = 5.0
"""Seconds' worth of complaints that may come at once; each costs a second twice over, for the route and for
the message (Linux: ip_error and icmpv4_xrlim_allow share one bucket a peer)."""


class IcmpLimit:
    """How often a router may tell each sender that there is no way to its destination."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def allowed(self, sender: str, now: float) -> bool:
        """Whether a packet of this sender is answered with `unreachable`."""
        left, at = self._left.get(sender, (BURST, now))
        left = min(BURST, left + now - at)
        for cost in (1.0, 1.0):
            if left < cost:
                self._left[sender] = (left, now)
                return False
            left -= cost
        self._left[sender] = (left, now)
        return True


def exit_to(arrived: Port | None, network: str) -> Port | None:
    """The interface by which a packet that arrived at this one goes on to a network.

    None if it is lost: nobody is there, it does not forward, or it has no link there.
    """
    if arrived is None or not arrived.lives or not arrived.host.forwards:
        return None
    port = arrived.host.ports.get(network)
    return port if port is not None and port.up else None
