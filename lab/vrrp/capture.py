"""What a captured frame says, as an event."""

from __future__ import annotations

from lab.events import Advert, Arp
from lab.vrrp import arp, codec


def observe(at: float, node: str, direction: str, network: str, frame: bytes) -> Advert | Arp | None:
    """The event of one captured Ethernet frame, None if it is neither VRRP nor ARP. Never raises.

    Args:
        at: seconds since the lab began.
        node: where it was captured.
        direction: `sent` or `received`, as `node` sees it.
        network: which network's interface it crossed.
    """
    advert = codec.decode(frame)
    if advert is not None:
        return Advert(
            at=at,
            node=node,
            direction=direction,
            network=network,
            source=advert.source,
            destination=advert.destination,
            version=advert.version,
            vrid=advert.vrid,
            priority=advert.priority,
            interval=advert.interval,
            auth=advert.auth,
            addresses=advert.addresses,
            defects=advert.defects,
            frame=frame.hex(),
        )
    packet = arp.decode(frame)
    if packet is None:
        return None
    return Arp(
        at=at,
        node=node,
        direction=direction,
        network=network,
        gratuitous=packet.gratuitous,
        address=packet.sender,
        mac=packet.sender_mac,
        target=packet.target,
        request=packet.request,
        frame=frame.hex(),
    )
