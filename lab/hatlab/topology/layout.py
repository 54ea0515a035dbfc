"""A topology with subnets: names become addresses. Last octets are the file's, the same in every run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Interface, IPv6Network, ip_address
from typing import Any

from hatlab.actions import Action, parse_words
from hatlab.topology.model import Topology
from hatlab.topology.spec import Check, Family
from hatlab.util.addresses import is_ipv6, link_local

_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*::[0-9]{1,3}(/[0-9]{1,3})?")
"""An IPv6 address in a node's own file: NETWORK::OCTET."""
_PLACE = re.compile(r"(?P<network>[^.:]+)(?P<dots>\.|::)(?P<octet>[0-9]{1,3})", re.A)
"""A place that a real address has in a topology."""


class Layout:
    """Every name and address of one running lab.

    Args:
        name: the topology's short name, from its file's.
        topology: what should exist.
        subnets: network name → CIDR (a /24).
        real_addresses: of an imported incident, address → its place (`lan.11`, `lan::11`), or the node that
            has it beside those.
    """

    def __init__(
        self,
        name: str,
        topology: Topology,
        subnets: dict[str, str],
        real_addresses: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.topology = topology
        self.real_addresses = dict(real_addresses or {})
        self.subnets = {n: IPv4Network(cidr) for n, cidr in subnets.items()}
        self.ipv6_subnets = {n: _ipv6_subnet(self.subnets[n]) for n in _ipv6_networks(topology)}
        """The /64 of each network on which something speaks IPv6."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layout):
            return NotImplemented
        ours = self.name, self.topology, self.subnets, self.real_addresses
        return ours == (other.name, other.topology, other.subnets, other.real_addresses)

    def __hash__(self) -> int:
        return hash((self.name, *self.subnets.values()))

    @classmethod
    def numbered(cls, name: str, topology: Topology, first: int = 0) -> Layout:
        """A layout with the subnets 198.18.first.0/24 and on (RFC 2544's range, never routed)."""
        numbers = enumerate(topology.networks, first)
        subnets = {network: f"198.18.{number}.0/24" for number, network in numbers}
        return cls(name, topology, subnets)

    @cached_property
    def node_names(self) -> tuple[str, ...]:
        return tuple(self.topology.nodes)

    @cached_property
    def client_names(self) -> tuple[str, ...]:
        return tuple(self.topology.clients)

    @cached_property
    def server_names(self) -> tuple[str, ...]:
        """Nodes that run keepalived: all but hosts."""
        return tuple(n for n in self.node_names if "keepalived" in self.services(n))

    @cached_property
    def mysql_names(self) -> tuple[str, ...]:
        """Nodes that run mysqld."""
        return tuple(n for n in self.node_names if "mysqld" in self.services(n))

    @cached_property
    def network_names(self) -> tuple[str, ...]:
        return tuple(self.topology.networks)

    @cached_property
    def all_vips(self) -> tuple[tuple[str, str, str], ...]:
        """(instance, address, network) of every virtual address."""
        return tuple((name, *vip) for name in self.topology.instances for vip in self.vips(name))

    @cached_property
    def vip_addresses(self) -> tuple[str, ...]:
        """Every virtual address, in the file's order."""
        return tuple(dict.fromkeys(a for i in self.topology.instances for a, _ in self.vips(i)))

    def replication_source(self, node: str) -> str | None:
        """The node that this node's mysqld replicates from, None if it does from none."""
        replication, names = self.topology.replication, self.mysql_names
        if replication.kind == "none" or node not in names:
            return None
        source = replication.source or names[0]
        if replication.kind == "source-replica":
            return None if node == source else source
        return next(name for name in names if name != node)

    def starts_read_only(self, node: str) -> bool:
        """True if the node's mysqld starts with super_read_only: a replica, or one that is fenced."""
        kind = self.topology.replication.kind
        is_replica = kind == "source-replica" and self.replication_source(node) is not None
        return is_replica or self.is_fenced(node)

    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""
        return self.topology.services(node)

    def ping_target(self, client: str) -> str | None:
        """The host that a client pings; None if it logs in to mysqld, or is no client."""
        return self.topology.ping_target(client)

    def target_address(self, client: str) -> str:
        """The virtual address a client uses: its target's first one on the client's own network, if any."""
        return self._target_addresses[client]

    @cached_property
    def _target_addresses(self) -> dict[str, str]:
        return {
            client: self._vip_on(spec.target, spec.network) or self.vips(spec.target)[0][0]
            for client, spec in self.topology.clients.items()
        }

    def ping_address(self, client: str) -> str | None:
        """The address that a client pings: the host's first on a network that the client is not on."""
        host = self.ping_target(client)
        if host is None:
            return None
        clients, networks = self.networks_of(client), self.networks_of(host)
        return self.address(host, next((n for n in networks if n not in clients), networks[0]))

    def default_gateway(self, name: str) -> tuple[str, str] | None:
        """(network, address) by which a node or a pinging client reaches networks it is not on: that of a
        router, or a virtual one.

        None if it has no gateway, or that has no address on a network of its own.
        """
        node, client = self.topology.nodes.get(name), self.topology.clients.get(name)
        gateway = node.gateway if node else client.target if client and client.probe else None
        if gateway is None:
            return None
        if gateway in self.topology.nodes:
            shared = (network for network in self.networks_of(name) if network in self.networks_of(gateway))
            return next(((network, self.address(gateway, network)) for network in shared), None)
        candidates = ((network, self._vip_on(gateway, network)) for network in self.networks_of(name))
        return next(((network, address) for network, address in candidates if address), None)

    def routes(self, name: str) -> dict[str, str]:
        """CIDR → address of its gateway, for each of the lab's networks that a node is not on; by a router
        those of IPv6 too."""
        gateway = self.default_gateway(name)
        if gateway is None:
            return {}
        network, address = gateway
        reached, router = self.networks_of(name), self.owner_of(address)
        routes = {str(subnet): address for n, subnet in self.subnets.items() if n not in reached}
        if router and network in self.ipv6_subnets:
            six = self.address(router, network, "ipv6")
            routes |= {str(subnet): six for n, subnet in self.ipv6_subnets.items() if n not in reached}
        return routes

    def _vip_on(self, instance: str, network: str) -> str | None:
        """An instance's first virtual address on a network."""
        return next((address for address, n in self.vips(instance) if n == network), None)

    def networks_of(self, node: str) -> tuple[str, ...]:
        """The networks a node or client is on."""
        return self.topology.networks_of(node)

    def address(self, node: str, network: str, family: Family = "ipv4") -> str:
        """A node's or client's own address on a network, without prefix length."""
        spec = self.topology.nodes.get(node) or self.topology.clients[node]
        return self.host_address(network, spec.octet, family)

    def own_addresses(self, node: str, network: str) -> tuple[str, ...]:
        """A node's or client's own addresses on a network: of IPv4, and of IPv6 if that is spoken there."""
        six = (self.address(node, network, "ipv6"),) if network in self.ipv6_subnets else ()
        return (self.address(node, network), *six)

    def mac(self, node: str, network: str) -> str:
        """The MAC of a node's or client's interface on a network: of its address there, as Docker does."""
        octets = self.address(node, network).split(".")
        return "02:42:" + ":".join(f"{int(octet):02x}" for octet in octets)

    def link_local(self, node: str, network: str) -> str:
        """The link-local address of a node's or client's interface on a network."""
        return link_local(self.mac(node, network))

    def advert_address(self, node: str, network: str, source: str) -> str:
        """A node's own address on a network that counts against the source of an advert."""
        return self.link_local(node, network) if is_ipv6(source) else self.address(node, network)

    def check_targets(self, node: str, check: Check) -> tuple[str, ...]:
        """The addresses that a check pings from a node; of voters not its own, which needs no ping."""
        addresses = []
        for name in check.targets:
            network, dot, octet = name.partition(".")
            if dot:
                addresses.append(self.host_address(network, int(octet)))
            elif name != node:
                shared = (n for n in self.networks_of(node) if n in self.networks_of(name))
                addresses.append(self.address(name, check.network or next(shared)))
            elif check.reach:
                addresses.append(self.address(node, check.network or self.networks_of(node)[0]))
        return tuple(addresses)

    def is_fenced(self, node: str) -> bool:
        """True if the node's mysqld takes writes only while the node is Master."""
        return any(self.topology.instances[name].fence for name in self.instances_of(node))

    def vips(self, instance: str) -> tuple[tuple[str, str], ...]:
        """(address, network) of each virtual address of an instance."""
        spec = self.topology.instances[instance]
        return tuple(
            (self.host_address(network, octet, spec.family), network)
            for network, octets in spec.addresses.items()
            for octet in octets
        )

    def sync_groups_of(self, node: str) -> dict[str, tuple[str, ...]]:
        """The sync groups on a node: name → those of its instances that the node takes part in."""
        joined = self.instances_of(node)
        groups = {
            name: tuple(instance for instance in group if instance in joined)
            for name, group in self.topology.sync_groups.items()
        }
        return {name: instances for name, instances in groups.items() if instances}

    def peer_addresses(self, instance: str, node: str) -> tuple[str, ...]:
        """Addresses of an instance's other members, each on the network where it takes part."""
        spec = self.topology.instances[instance]
        return tuple(self.address(n, spec.network_of(n), spec.family) for n in spec.members if n != node)

    def instances_of(self, node: str) -> tuple[str, ...]:
        """The instances a node takes part in."""
        return tuple(n for n, i in self.topology.instances.items() if node in i.members)

    def nodes_with_vip(self, address: str) -> tuple[str, ...]:
        """The nodes that may hold a virtual address."""
        instances = [i for i in self.topology.instances if address in (a for a, _ in self.vips(i))]
        return tuple(n for n in self.node_names if any(i in self.instances_of(n) for i in instances))

    def initial_faults(self) -> tuple[Action, ...]:
        """The faults that the lab begins with."""
        return tuple(parse_words(shlex.split(line), self) for line in self.topology.faults)

    def owner_of(self, address: str) -> str | None:
        """The node or client whose own address this is, None for a virtual or unknown one."""
        return self._by_address.get(address)

    @cached_property
    def _by_address(self) -> dict[str, str]:
        names = (*self.node_names, *self.client_names)
        places = [(name, network) for name in names for network in self.networks_of(name)]
        owners = {address: name for name, net in places for address in self.own_addresses(name, net)}
        owners |= {self.link_local(n, net): n for n, net in places if net in self.ipv6_subnets}
        return owners | {address: name for address, name in self.real_addresses.items() if name in names}

    def network_of(self, address: str) -> str | None:
        """The network whose subnet an address is in, None if it is in none."""
        seen = self._networks_seen
        if address not in seen:
            if len(seen) > 4096:
                seen.clear()
            seen[address] = self._find_network(address)
        return seen[address]

    @cached_property
    def _networks_seen(self) -> dict[str, str | None]:
        """Address → its network: a simulator asks for the same ones again and again."""
        return {}

    def _find_network(self, address: str) -> str | None:
        if address in self._real_places:
            return self._real_places[address][0]
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        subnets: Mapping[str, Any] = self.ipv6_subnets if isinstance(parsed, IPv6Address) else self.subnets
        return next((name for name, subnet in subnets.items() if parsed in subnet), None)

    def prefix_length(self, network: str, address: str) -> int:
        """How many bits an address of a network has in common with all others there."""
        return self.ipv6_subnets[network].prefixlen if is_ipv6(address) else self.subnets[network].prefixlen

    def host_address(self, network: str, octet: int, family: Family = "ipv4") -> str:
        """The address on a network that ends with an octet; of IPv6 with the same digits."""
        place = network, octet, family
        if place not in self._host_addresses:
            if family == "ipv6":
                address = str(_ipv6_subnet(self.subnets[network]).network_address + int(str(octet), 16))
            else:
                address = str(self.subnets[network].network_address + octet)
            self._host_addresses[place] = address
        return self._host_addresses[place]

    @cached_property
    def _host_addresses(self) -> dict[tuple[str, int, Family], str]:
        """(network, octet, family) → address: the screen asks for the same ones with each event."""
        return {place: address for address, place in self._real_places.items()}

    @cached_property
    def _real_places(self) -> dict[str, tuple[str, int, Family]]:
        """Real address → its place."""
        matches = {address: _PLACE.fullmatch(place) for address, place in self.real_addresses.items()}
        return {
            address: (found["network"], int(found["octet"]), "ipv6" if found["dots"] == "::" else "ipv4")
            for address, found in matches.items()
            if found is not None
        }

    def to_data(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Plain data of the topology and its subnets, as the `lab` event carries them."""
        data = self.topology.to_data()
        return {**data, "version": self.topology.version}, {n: str(s) for n, s in self.subnets.items()}


def _ipv6_subnet(subnet: IPv4Network) -> IPv6Network:
    """The /64 beside a /24, with the same digits: fd00:198:18:3::/64 beside 198.18.3.0/24 (RFC 4193)."""
    first, second, third, _ = str(subnet.network_address).split(".")
    return IPv6Network(f"fd00:{first}:{second}:{third}::/64")


def _ipv6_networks(topology: Topology) -> tuple[str, ...]:
    """The networks on which an instance speaks IPv6, or a node that has such an address in its own file."""
    speaking = {
        network
        for instance in topology.instances.values()
        if instance.family == "ipv6"
        for network in (*map(instance.network_of, instance.members), instance.network, *instance.addresses)
    }
    for name, node in topology.nodes.items():
        texts = [node.conf or "", *(file.content for file in node.files.values())]
        if any(_means_ipv6(word) for text in texts for word in text.split()):
            speaking.update(topology.networks_of(name))
    return tuple(network for network in topology.networks if network in speaking)


def _means_ipv6(word: str) -> bool:
    """True for an IPv6 address, with a prefix length or without, and for NETWORK::OCTET."""
    try:
        IPv6Interface(word)
    except ValueError:
        return _REFERENCE.fullmatch(word) is not None
    return True
