"""Finds virtual routers whose nodes are on different subnets: their unicast adverts go by a router."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_interface
from itertools import combinations

from hatlab.keepalived.to_topology.own_addresses import OwnAddresses, Port
from hatlab.keepalived.to_topology.routers import Router

_USUAL_PREFIX = 24


def sources_of(router: Router, own: OwnAddresses) -> dict[str, str]:
    """Node → the address that its adverts come from, where it is known."""
    sources = {
        node: own.of(node, settings.interface, router.family)
        for node, (_, settings) in router.members.items()
    }
    return {node: address for node, address in sources.items() if address}


def are_neighbours(router: Router, one: str, other: str) -> bool:
    """True if two addresses of nodes are in one subnet, by the widest of the virtual addresses' prefixes."""
    if router.family == 6:
        return True
    lengths = [v.prefix_length for _, s in router.members.values() for v in s.virtual_addresses]
    prefix = min((length for length in lengths if 8 <= length <= _USUAL_PREFIX), default=_USUAL_PREFIX)
    return ip_interface(f"{one}/{prefix}").network == ip_interface(f"{other}/{prefix}").network


def ports_apart(routers: Sequence[Router], own: OwnAddresses) -> set[frozenset[Port]]:
    """Pairs of interfaces that cannot be on one network, and whose nodes reach each other all the same."""
    apart: set[frozenset[Port]] = set()
    for router in routers:
        if not all(settings.unicast_peers for _, settings in router.members.values()):
            continue
        for (one, address), (other, another) in combinations(sources_of(router, own).items(), 2):
            if not are_neighbours(router, address, another):
                pair = ((node, router.settings(node).interface) for node in (one, other))
                apart.add(frozenset(pair))
    return apart
