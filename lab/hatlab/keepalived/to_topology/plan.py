"""What several configurations come to in a lab: networks, routers and addresses, and what is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.addresses import AddressBook, is_link_local, last_octet, subnet_of
from hatlab.keepalived.to_topology.names import free_name
from hatlab.keepalived.to_topology.networks import LOOPBACK, Networks
from hatlab.keepalived.to_topology.own_addresses import OwnAddresses, find_own_addresses
from hatlab.keepalived.to_topology.routers import Router, find_routers
from hatlab.keepalived.to_topology.subnets import are_neighbours, ports_apart, sources_of
from hatlab.util.text import join_names

_CLIENT_OCTET = 50
_FIRST_NODE_OCTET = 11


@dataclass
class Plan:
    """The lab in the making."""

    nodes: Mapping[str, Configuration]
    routers: list[Router]
    networks: Networks
    own: OwnAddresses
    octets: dict[str, int]
    """Node → the last octet of its addresses."""
    client_octet: int
    addresses: AddressBook
    gateway: tuple[str, int] | None = None
    """The router that joins networks of one virtual router, and its last octet; None if nothing needs one."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """What is not as in the files: a sentence → the nodes of which it is true, `{nodes}` in it."""

    def note(self, sentence: str, node: str = "") -> None:
        """Note what is not as in the files, once for all nodes of which it is true."""
        nodes = self.notes.setdefault(sentence, [])
        if node and node not in nodes:
            nodes.append(node)

    def sentences(self) -> tuple[str, ...]:
        """All notes."""
        return tuple(text.replace("{nodes}", join_names(nodes)) for text, nodes in self.notes.items())

    def network(self, node: str, interface: str) -> str:
        return self.networks.of(node, interface)

    def places_of(self, router: Router) -> dict[str, list[int]]:
        """Network → the octets of the virtual addresses that a router's members hold there."""
        places: dict[str, list[int]] = {}
        for node, (_, settings) in router.members.items():
            for address, network in _held(self.networks, self.own, node, settings):
                place = self.addresses.place(address, network)
                octets = places.setdefault(place.network, [])
                octets += [] if place.octet in octets else [place.octet]
        return places


def make_plan(nodes: Mapping[str, Configuration]) -> Plan:
    """Find out what the files of all nodes have in common, and give each part its place."""
    routers = find_routers(nodes)
    own = find_own_addresses(routers)
    apart = ports_apart(routers, own)
    networks = Networks(nodes, routers, apart)
    held = [
        (address, network)
        for router in routers
        for node, (_, settings) in router.members.items()
        for address, network in _held(networks, own, node, settings)
    ]
    peers = [peer for router in routers for _, s in router.members.values() for peer in s.unicast_peers]
    used = {last_octet(address) for address in (*own.owner, *dict(held), *peers)}
    octets = _node_octets(nodes, own, used)
    free = (octet for octet in (*range(_CLIENT_OCTET, 100), *range(2, _CLIENT_OCTET)))
    client_octet = next(octet for octet in free if octet not in {*used, *octets.values()})
    reserved = {*used, *octets.values(), client_octet}
    router_octet = next(octet for octet in range(254, 1, -1) if octet not in reserved)
    book = AddressBook(octets, [client_octet, router_octet] if apart else [client_octet])
    for address, (node, interface) in own.owner.items():
        book.place(address, networks.of(node, interface), octets[node])
    for address, network in held:
        book.place(address, (apart and book.network_beside(address)) or network)
    for vip in (v for router in routers for _, s in router.members.values() for v in s.virtual_addresses):
        book.find(vip.address)  # those that a lab does not know keep their octets, too
    plan = Plan(nodes, routers, networks, own, octets, client_octet, book)
    if apart:
        plan.gateway = (free_name("router", nodes, "router"), router_octet)
        book.first_hops |= dict.fromkeys(networks.names, router_octet)
    for sentence in _notes_on_addresses(plan, held):
        plan.note(sentence)
    return plan


def _held(
    networks: Networks, own: OwnAddresses, node: str, settings: InstanceSettings
) -> Iterator[tuple[str, str]]:
    """(virtual address, network) of those that a lab knows as such: on a network, of the instance's family,
    and of no node's own.
    """
    for vip in settings.virtual_addresses:
        device = vip.device or settings.interface
        is_known = vip.family == settings.family and vip.address not in own.owner
        if device != LOOPBACK and is_known and not is_link_local(vip.address):
            yield vip.address, networks.of(node, device)


def _node_octets(nodes: Mapping[str, Configuration], own: OwnAddresses, used: set[int]) -> dict[str, int]:
    """Give each node the last octet of an address of its own, or one that no address of the files has."""
    octets: dict[str, int] = {}
    for node in nodes:
        wanted = filter(None, map(last_octet, own.nodes_addresses(node)))
        octet = next((octet for octet in wanted if octet not in octets.values()), 0)
        octets |= {node: octet} if octet else {}
    for node in nodes:
        free = (o for o in range(_FIRST_NODE_OCTET, 255) if o not in used and o not in octets.values())
        octets.setdefault(node, next(free, 254))
    return {node: octets[node] for node in nodes}


def _notes_on_addresses(plan: Plan, held: list[tuple[str, str]]) -> Iterator[str]:
    if plan.own.guessed:
        whose = ", ".join(
            f"{address} is taken as the address of {node}" for node, address in plan.own.guessed
        )
        yield f"No file says which of the peers it belongs to, so they are assigned in order: {whose}."
    for router in plan.routers:
        yield from _notes_on_subnets(plan, router)
        yield from _notes_on_unknown_addresses(plan, router)
        yield from _notes_on_peers(plan, router)
    moved: dict[str, set[str]] = {}
    for address, network in held:
        if ":" not in address:
            moved.setdefault(network, set()).add(subnet_of(address))
    for network, subnets in moved.items():
        if len(subnets) > 1:
            yield (
                f"Virtual addresses of {len(subnets)} subnets are on one interface. A lab's network has "
                f"only one subnet, so they all become addresses of {network}."
            )


def _notes_on_subnets(plan: Plan, router: Router) -> Iterator[str]:
    """Members whose own addresses are not neighbours, though a lab puts them on one network."""
    sources = sources_of(router, plan.own)
    if all(are_neighbours(router, one, other) for one, other in pairwise(sources.values())):
        return
    whose = ", ".join(f"{node} has {address}" for node, address in sources.items())
    homes = {plan.network(node, settings.interface) for node, (_, settings) in router.members.items()}
    if plan.gateway and len(homes) > 1:
        ends = f"here the node {plan.gateway[0]} connects them, and mysqld does not replicate"
    else:
        ends = "in the lab they are on one network and reach each other without a router"
    yield f"The nodes of {router.name} are on different subnets ({whose}): {ends}."


def _notes_on_unknown_addresses(plan: Plan, router: Router) -> Iterator[str]:
    """Virtual addresses that keepalived has in the lab, and of which the lab itself does not know."""
    for node, (_, settings) in router.members.items():
        for vip in settings.virtual_addresses:
            if vip.address in plan.own.owner:
                owner = plan.own.owner[vip.address][0]
                yield (
                    f"{vip.address} is virtual in {router.name} and also {owner}'s own address; "
                    f"here it counts as its own."
                )
            elif (vip.device or settings.interface) == LOOPBACK:
                yield f"{vip.address} of {node} is on lo, so the lab does not count it as virtual."
            elif vip.family != settings.family:
                yield (
                    f"{vip.address} is not of the same family as {router.name}, so the lab does "
                    f"not count it as virtual."
                )


def _notes_on_peers(plan: Plan, router: Router) -> Iterator[str]:
    told: set[str] = set()
    for node, (_, settings) in router.members.items():
        for peer in settings.unicast_peers:
            if peer in plan.own.owner or peer in told:
                continue
            told.add(peer)
            place = plan.addresses.find(peer)
            stays = (
                f"it is {place} here, an address nobody has"
                if place
                else "it stays as it is, and nothing arrives there"
            )
            yield f"{node} sends to {peer}, but no file belongs to a node with that address: {stays}."
