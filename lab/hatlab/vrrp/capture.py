"""A captured frame as an event."""

from __future__ import annotations

from hatlab.events import Advert, Arp
from hatlab.vrrp import arp, codec, ndisc


def observe_frame(at: float, node: str, direction: str, network: str, frame: bytes) -> Advert | Arp | None:
    """The event of one captured Ethernet frame, None if it is neither VRRP, ARP nor neighbour
    discovery. Never raises.

    Args:
        at: seconds since the lab began.
        node: where it was captured.
        direction: `sent` or `received`, as `node` sees it.
        network: which network's interface it crossed.
    """
    packet = codec.decode(frame) or arp.decode(frame) or ndisc.decode(frame)
    return None if packet is None else frame_event(at, node, direction, network, frame, packet)


def frame_event(
    at: float,
    node: str,
    direction: str,
    network: str,
    frame: bytes,
    packet: codec.Advertisement | arp.ArpPacket,
    *,
    about: float = 0.0,
    evidence: str = "",
) -> Advert | Arp:
    """The event of a frame that is decoded already; the arguments are those of `observe_frame`.

    Args:
        about, evidence: of an imported frame, as `Event` has them.
    """
    if isinstance(packet, codec.Advertisement):
        return Advert(
            at=at,
            node=node,
            direction=direction,
            network=network,
            source=packet.source,
            destination=packet.destination,
            version=packet.version,
            vrid=packet.vrid,
            priority=packet.priority,
            interval=packet.interval,
            auth=packet.auth,
            addresses=packet.addresses,
            defects=packet.defects,
            frame=frame.hex(),
            about=about,
            evidence=evidence,
        )
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
        about=about,
        evidence=evidence,
    )
