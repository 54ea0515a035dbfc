"""Finds the networks of several configurations: which interface of one node is on the same as another's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import combinations

from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.localize import interface_words
from hatlab.keepalived.to_topology.names import free_name
from hatlab.keepalived.to_topology.own_addresses import Port
from hatlab.keepalived.to_topology.routers import Router

LOOPBACK = "lo"
"""The interface that is on no network."""


class Networks:
    """The networks by the interfaces on them; a node is on each with one interface at most.

    Args:
        nodes, routers: of the files.
        apart: pairs of interfaces that are on different networks.
    """

    def __init__(
        self, nodes: Mapping[str, Configuration], routers: Sequence[Router], apart: Set[frozenset[Port]]
    ) -> None:
        self._apart = apart
        self._groups: list[set[Port]] = []
        roles = [ports for router in routers for ports in _roles(router)]
        for one, other in _agreeing(roles):
            self._join((one, other))
        for ports in roles:
            self._join(ports)
        by_name: dict[str, list[Port]] = {}
        for node, conf in nodes.items():
            for word in interface_words(conf.root):
                if word.text and word.text != LOOPBACK:
                    by_name.setdefault(word.text, []).append((node, word.text))
        for ports in by_name.values():
            self._join(ports)
        self._names = _name_groups(self._groups, routers)
        known = [name for name in ("lan", "heartbeat") if name in self._names.values()]
        self.names = tuple(dict.fromkeys((*known, *(self._names[k] for k in sorted(self._names)))))
        """lan and heartbeat first, then in the order in which the files name their interfaces."""

    def of(self, node: str, interface: str) -> str:
        """The network behind a node's interface; the first for one that no network is behind."""
        found = (k for k, group in enumerate(self._groups) if (node, interface) in group)
        return self._names[next(found, 0)]

    def joined_by(self, node: str) -> tuple[str, ...]:
        """The networks that a node has an interface on; all if it has none."""
        ours = {self.of(*port) for group in self._groups for port in group if port[0] == node}
        return tuple(name for name in self.names if name in ours) or self.names

    def _join(self, ports: Iterable[Port]) -> None:
        """Put interfaces on one network, as far as no node is on it twice."""
        home: set[Port] | None = None
        for port in ports:
            group = next((group for group in self._groups if port in group), None)
            if group is None:
                group = {port}
                self._groups.append(group)
            if home is None or group is home:
                home = group
            elif self._may_be_one(home, group):
                home |= group
                self._groups = [other for other in self._groups if other is not group]

    def _may_be_one(self, one: set[Port], other: set[Port]) -> bool:
        if {node for node, _ in one} & {node for node, _ in other}:
            return False
        return not any(pair & one and pair & other for pair in self._apart)


def _roles(router: Router) -> Iterator[list[Port]]:
    """The interfaces that should be on one network: of a router's adverts, and of each address."""
    yield _advert_ports(router)
    yield from _address_ports(router).values()


def _agreeing(roles: Sequence[list[Port]]) -> Iterator[tuple[Port, Port]]:
    """Interfaces of one name on two nodes that call at least one alike, in one role: then names are trusted
    more than the roles of others, as one of those may be the mistake.
    """
    pairs = [pair for ports in roles for pair in combinations(ports, 2)]
    alike = {(one[0], other[0]) for one, other in pairs if one[1] == other[1]}
    known = list(dict.fromkeys(port for ports in roles for port in ports))
    for one, other in combinations(known, 2):
        if one[1] == other[1] and {(one[0], other[0]), (other[0], one[0])} & alike:
            yield one, other


def _advert_ports(router: Router) -> list[Port]:
    """Where the adverts of a router's members go out."""
    ports = [(node, settings.interface) for node, (_, settings) in router.members.items()]
    return [port for port in ports if port[1] not in {"", LOOPBACK}]


def _address_ports(router: Router) -> dict[str, list[Port]]:
    """Virtual address → where each member has it."""
    ports: dict[str, list[Port]] = {}
    for node, (_, settings) in router.members.items():
        for vip in settings.virtual_addresses:
            device = vip.device or settings.interface
            if device not in {"", LOOPBACK}:
                ports.setdefault(vip.address, []).append((node, device))
    return ports


def _name_groups(groups: list[set[Port]], routers: Sequence[Router]) -> dict[int, str]:
    """Call the only network with virtual addresses lan, and the only one with adverts alone heartbeat."""

    def holding(ports: Iterable[Port]) -> set[int]:
        wanted = set(ports)
        return {k for k, group in enumerate(groups) if group & wanted}

    with_adverts = holding(port for router in routers for port in _advert_ports(router))
    with_addresses = holding(
        p for router in routers for ports in _address_ports(router).values() for p in ports
    )
    lan = with_addresses or with_adverts
    heartbeat = with_adverts - with_addresses if with_addresses else set[int]()
    names = {
        next(iter(kind)): name for name, kind in (("lan", lan), ("heartbeat", heartbeat)) if len(kind) == 1
    }
    for k in range(len(groups)):
        if k not in names:
            names[k] = free_name(f"net-{_interface_of(groups[k], routers)}", names.values(), "net")
    return names or {0: "lan"}


def _interface_of(group: set[Port], routers: Sequence[Router]) -> str:
    """What the first of the nodes calls its interface on a network."""
    order = {node: k for k, node in enumerate(_nodes_in_order(routers))}
    return min(group, key=lambda port: (order.get(port[0], len(order)), port))[1]


def _nodes_in_order(routers: Sequence[Router]) -> Iterator[str]:
    return iter(dict.fromkeys(node for router in routers for node in router.members))
