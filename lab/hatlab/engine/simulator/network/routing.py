"""A router: it forwards a packet, complains about it, or loses it.

It forwards whatever is sent to its MAC, whoever holds the virtual address by now, as the kernel does.
"""

from __future__ import annotations

from hatlab.engine.simulator.network.network import Network, Port, advert_frame
from hatlab.vrrp.codec import Advertisement

BURST = 5.0
"""Seconds' worth of complaints that may come at once."""
COST = 2
"""Seconds' worth that a complaint takes: one for the route, one for the message (Linux: ip_error and
icmpv4_xrlim_allow share one bucket a peer). Without the second the first is gone all the same."""


class IcmpRateLimit:
    """How often a router may tell each sender that there is no way to its destination."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}
        """Sender → (seconds' worth left, when that was counted)."""

    def allow(self, sender: str, now: float) -> bool:
        """True if a packet of this sender is answered with `unreachable`."""
        left, counted_at = self._buckets.get(sender, (BURST, now))
        left = min(BURST, left + now - counted_at)
        self._buckets[sender] = (left - min(COST, int(left)), now)
        return left >= COST


def forwarding_port(arrival: Port | None, network: str) -> Port | None:
    """Return the interface by which a packet that arrived at this one goes on to a network.

    None if it is lost: nobody is there, it does not forward, or it has no link there.
    """
    if arrival is None or not arrival.is_live or not arrival.host.forwards:
        return None
    port = arrival.host.ports.get(network)
    return port if port is not None and port.up else None


def forward_advert(arrival: Port, network: Network, advert: Advertisement) -> None:
    """Hand on a unicast advert that arrived at a router to the network of its destination, if it can."""
    out = forwarding_port(arrival, network.name)
    receiver = next((port for port in network.ports if advert.destination in port.addresses), None)
    if out is None or receiver is None or receiver is out or advert.ttl < 2:
        return
    frame, onward = advert_frame(
        version=advert.version,
        vrid=advert.vrid,
        priority=advert.priority,
        addresses=advert.addresses,
        source=advert.source,
        destination=advert.destination,
        interval=advert.interval,
        auth_pass=advert.auth,
        auth_type=advert.auth_type,
        ttl=advert.ttl - 1,
        checksum_kind=advert.checksum_kind,
        source_mac=out.mac,
        destination_mac=receiver.mac,
    )
    network.send(out, frame, onward, receiver)
