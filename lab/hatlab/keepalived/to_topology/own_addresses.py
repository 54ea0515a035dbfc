"""Finds each node's own addresses: its configuration may name them, or only those of the others may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.routers import Router

Port = tuple[str, str]
"""A node and one of its interfaces."""


@dataclass
class OwnAddresses:
    """Whose address is whose."""

    owner: dict[str, Port] = field(default_factory=dict)
    """Address → the node and its interface."""
    guessed: list[tuple[str, str]] = field(default_factory=list)
    """(node, address) of those that no file says, taken in the order of the files."""

    def of(self, node: str, interface: str, family: int) -> str:
        """The address of a node's interface; empty if it is not known."""
        ours = (a for a, owner in self.owner.items() if owner == (node, interface))
        return next((address for address in ours if (":" in address) == (family == 6)), "")

    def nodes_addresses(self, node: str) -> Iterator[str]:
        return (address for address, (owner, _) in self.owner.items() if owner == node)


def find_own_addresses(routers: Sequence[Router]) -> OwnAddresses:
    """Read them from the senders that files name, then by elimination from the lists of peers."""
    found = OwnAddresses()
    for router in routers:
        for node, (_, settings) in router.members.items():
            if source := settings.adverts.source:
                found.owner.setdefault(source, (node, settings.interface))
    for router in routers:
        _eliminate(router, found)
    return found


def _eliminate(router: Router, found: OwnAddresses) -> None:
    """Find the addresses of a router's members that only the peers' lists of its members reveal."""
    homes = {node: settings.interface for node, (_, settings) in router.members.items()}
    unknown = [node for node in homes if not found.of(node, homes[node], router.family)]
    for node in list(unknown):
        candidates = _named_by_others(router, node) - found.owner.keys()
        others_only = candidates - {*router.settings(node).unicast_peers}
        if len(others_only) == 1:
            found.owner[others_only.pop()] = (node, homes[node])
            unknown.remove(node)
    left = [a for a in _all_peers(router.members[n][1] for n in homes) if a not in found.owner]
    if unknown and len(unknown) == len(left):
        for node, address in zip(unknown, left, strict=True):
            found.owner[address] = (node, homes[node])
            if len(unknown) > 1:
                found.guessed.append((node, address))


def _named_by_others(router: Router, node: str) -> set[str]:
    """The addresses that every other member with peers has among them."""
    lists = [{*s.unicast_peers} for n, (_, s) in router.members.items() if n != node and s.unicast_peers]
    return set.intersection(*lists) if lists else set()


def _all_peers(members: Iterator[InstanceSettings]) -> list[str]:
    return list(dict.fromkeys(peer for settings in members for peer in settings.unicast_peers))
