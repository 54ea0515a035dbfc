"""One way to write a packet: what it is, in so many cells. Pure."""

from __future__ import annotations

from hatlab import events as e
from hatlab.util.addresses import is_ipv6, short_address
from hatlab.vrrp.codec import has_header

FULL, SHORT, SHORTEST = range(3)
"""How much is said. A list of packets says as much of each as it has room for, so that all rows are alike."""


def packet_title(event: e.Advert | e.Arp, detail: int = FULL) -> str:
    """Return what a packet is: `VRRP v2 VRID 51 prio 150`, `VRID 51 prio 150` or `prio 150`."""
    return _advert_title(event, detail) if isinstance(event, e.Advert) else _arp_title(event, detail)


def _advert_title(event: e.Advert, detail: int) -> str:
    if "carp" in event.defects:
        return "CARP, not VRRP"
    if event.vrid is None:
        return "VRRP, unreadable"
    header = " in AH" if has_header(event.frame) else ""
    parts = (f"VRRP v{event.version}{header}", f"VRID {event.vrid}", f"prio {event.priority}")
    return " ".join(parts[detail:])


def _arp_title(event: e.Arp, detail: int) -> str:
    address, target, mac = event.address, event.target, event.mac
    six = is_ipv6(address)
    if detail == SHORTEST:
        address, target, mac = short_address(address), short_address(target), f"…{mac[-5:]}"
    if event.gratuitous:
        kind = ("NA" if six else "GARP") if detail else ("unsolicited NA" if six else "gratuitous ARP")
    else:
        kind = ("NS" if event.request else "NA") if six else "ARP"
    if event.request and not event.gratuitous:
        return f"{kind} who-has {target} tell {address}"
    return f"{kind} {address} is-at {mac}"
