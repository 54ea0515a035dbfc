"""How a vrrp_instance sends its adverts and which it listens for, as keepalived takes it (vrrp_parser.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.virtual_addresses import parse_address

GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
"""Family → the multicast group of VRRP."""
UNICAST_KEYWORDS = (
    *("unicast_peer", "unicast_src_ip", "unicast_fault_no_peer", "check_unicast_src", "old_unicast_checksum"),
)
"""Keywords that speak of unicast; without a peer none of them has an effect."""
_DEFAULT_TTL = {4: 255, 6: 64}
"""Family → the TTL of unicast adverts; of IPv6 it is the kernel's (vrrp_complete_instance)."""
_FALSE = {"false", "off", "no"}
_TRUE = {"true", "on", "yes"}


@dataclass(frozen=True, slots=True)
class UnicastPeer:
    """Whom an instance sends its adverts, in place of a multicast group."""

    address: str
    least_ttl: int = 0
    most_ttl: int = 255
    """Its own adverts are taken with a TTL between the two, if senders are checked."""


@dataclass(frozen=True, slots=True)
class AdvertSettings:
    """Where adverts go to and come from."""

    group: str = GROUPS[4]
    """The multicast group; of no use with unicast peers."""
    group_of_all: bool = False
    """It is `vrrp_mcast_group4`: no reload finds the instance again that had it (measured)."""
    peers: tuple[UnicastPeer, ...] = ()
    """Empty for multicast."""
    source: str = ""
    """The address that they are sent from, as configured; empty for the interface's first."""
    track_source: bool = False
    """Without that address on the node: FAULT (`track_src_ip`)."""
    ttl: int = 255
    known_peers_only: bool = False
    """An advert from anybody but a peer is refused (`check_unicast_src`)."""
    is_unicast: bool = False
    """A unicast keyword stands there, with or without peers: no interface is needed then."""
    fault_without_peers: bool = False
    """`unicast_fault_no_peer`, and there is no peer: FAULT."""
    compares_addresses: bool = True
    """A Backup compares the addresses in each advert with its own (off: `skip_check_adv_addr`)."""
    checksum_kind: str = "right"
    """What version 3 counts: `plain` as version 2 does (`v3_checksum_as_v2`), `group` the group in place of a
    unicast's destination, as keepalived did to 1.3.6 (`old_unicast_checksum`)."""
    logs_unknown_vrids: bool = False


def read_advert_settings(block: Statement, global_defs: Statement, family: int) -> AdvertSettings:
    """Return what an instance's block and the global one say of its adverts."""
    peers = _peers(block, family)
    source = _of_family(block, ("unicast_src_ip", "mcast_src_ip"), family)
    ttl = block.last("unicast_ttl")
    bounded = any((peer.least_ttl, peer.most_ttl) != (0, 255) for peer in peers)
    return AdvertSettings(
        group=_group(block, global_defs, family),
        group_of_all=not peers and _has_group_of_all(block, global_defs),
        peers=peers,
        source=source,
        track_source=bool(source) and block.last("track_src_ip") is not None,
        ttl=_unicast_ttl(ttl, family) if peers else 0 if ttl and family == 4 else 255,
        known_peers_only=bool(peers)
        and (
            bounded
            or block.last("check_unicast_src") is not None
            or global_defs.last("vrrp_check_unicast_src") is not None
        ),
        is_unicast=any(block.last(keyword) for keyword in UNICAST_KEYWORDS),
        fault_without_peers=not peers and block.last("unicast_fault_no_peer") is not None,
        # of `skip_check_adv_addr false` keepalived takes no more than that it is well spelled
        compares_addresses=not (
            switched_on(global_defs, "vrrp_skip_check_adv_addr")
            or is_switch(block.last("skip_check_adv_addr"))
        ),
        checksum_kind=_checksum_kind(block, global_defs)
        if family == 4
        else "right",  # IPv6: the kernel counts
        logs_unknown_vrids=global_defs.last("log_unknown_vrids") is not None,
    )


def _has_group_of_all(block: Statement, global_defs: Statement) -> bool:
    return block.last("mcast_dst_ip") is None and global_defs.last("vrrp_mcast_group4") is not None


def _unicast_ttl(statement: Statement | None, family: int) -> int:
    return _ttl(statement.value(), 255) if statement else _DEFAULT_TTL[family]


def is_switch(statement: Statement | None) -> bool:
    """True if a statement is there and keepalived understands its value: none, or one for true or false."""
    return statement is not None and statement.value() in {"", *_TRUE, *_FALSE}


def switched_on(block: Statement, keyword: str, *, default: bool = False) -> bool:
    """True if a keyword is on: alone, or with `true`, `on` or `yes`; of several the last valid one counts."""
    valid = [s.value() for s in block.all(keyword) if is_switch(s)]
    return valid[-1] not in _FALSE if valid else default


def _checksum_kind(block: Statement, global_defs: Statement) -> str:
    if switched_on(block, "v3_checksum_as_v2", default=global_defs.last("v3_checksum_as_v2") is not None):
        return "plain"
    return "group" if any(not s.value() for s in block.all("old_unicast_checksum")) else "right"


def _group(block: Statement, global_defs: Statement, family: int) -> str:
    own, common = block.last("mcast_dst_ip"), global_defs.last(f"vrrp_mcast_group{family}")
    return _read_group(own, family) or _read_group(common, family) or GROUPS[family]


def _read_group(statement: Statement | None, family: int) -> str:
    address = parse_address(statement.value()) if statement else ""
    of_family = bool(address) and (":" in address) == (family == 6)
    return address if of_family and ip_address(address).is_multicast else ""


def _of_family(block: Statement, keywords: tuple[str, ...], family: int) -> str:
    """Return the address of the last statement with one of these keywords; empty if it is of no use."""
    found = [s.value() for s in block.body or () if s.keyword in keywords]
    address = parse_address(found[-1]) if found else ""
    return address if address and (":" in address) == (family == 6) else ""


def _peers(block: Statement, family: int) -> tuple[UnicastPeer, ...]:
    peers: dict[str, UnicastPeer] = {}
    for inner in block.all("unicast_peer"):
        for entry in (entry for entry in inner.body or () if entry.words):
            words = [word.text for word in entry.words]
            address = parse_address(re.split("[/-]", words[0], maxsplit=1)[0])
            if address and (":" in address) == (family == 6):
                bounds = dict(zip(words[1::2], words[2::2], strict=False))
                peers.setdefault(
                    address,
                    UnicastPeer(address, _ttl(bounds.get("min_ttl"), 0), _ttl(bounds.get("max_ttl"), 255)),
                )
    return tuple(peers.values())


def _ttl(text: str | None, default: int) -> int:
    number = whole_number(text or "")
    return default if number is None or number > 255 else number
