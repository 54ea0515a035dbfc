"""Decides which networks, octets and addresses the parts of real configurations get in a lab."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain, count
from typing import Any

from hatlab.keepalived.diagnose.conf import Configuration, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.yaml_text import YAML_WORDS

CLIENT_OCTET = 50
FIRST_VIP_OCTET = 100
"""Of virtual addresses whose own octet cannot be used."""
_FIRST_NODE_OCTET = 11


@dataclass
class Plan:
    """The topology in the making."""

    nodes: dict[str, Configuration]
    octets: dict[str, int] = field(default_factory=dict)
    """Node → the last octet of its addresses."""
    networks: dict[str, str] = field(default_factory=dict)
    """Interface → network, by the names that the first node gives its interfaces."""
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    """(node, its interface) → the first node's interface on the same network, where they differ."""
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    """As in the topology file, as are checks and sync_groups."""
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, tuple[str, int]] = field(default_factory=dict)
    """A real address → its network and octet in the lab."""
    sync_groups: dict[str, list[str]] = field(default_factory=dict)

    def network(self, node: str, interface: str) -> str:
        """The network behind a node's interface."""
        interface = self.common_name(node, interface)
        if interface not in self.networks:
            self.networks[interface] = free_name(f"net-{interface}", self.networks.values(), "net")
        return self.networks[interface]

    def taken_octets(self) -> set[int]:
        """The octets that something in the lab has already, on whatever network."""
        return {CLIENT_OCTET, *self.octets.values(), *(octet for _, octet in self.addresses.values())}

    def common_name(self, node: str, interface: str) -> str:
        """The first node's name for an interface."""
        return self.aliases.get((node, interface), interface)


def _advert_source(plan: Plan, node: str, block: Statement, settings: InstanceSettings) -> str:
    """The address that an instance's adverts come from; empty if it is not known.

    The one it names, or the one that all others have among their unicast peers and it has not.
    """
    source = block.last("unicast_src_ip") or block.last("mcast_src_ip")
    if source:
        return source.value()
    peers_of_others = [
        set(other.unicast_peers)
        for name, conf in plan.nodes.items()
        for _, other in conf.members
        if name != node and other.vrid == settings.vrid
    ]
    if not peers_of_others:
        return ""
    candidates = set.intersection(*peers_of_others) - set(settings.unicast_peers)
    return candidates.pop() if len(candidates) == 1 else ""


def match_interfaces(plan: Plan) -> None:
    """Find the interfaces on one network: those of one virtual router, however each node calls its own."""
    first: dict[int | None, str] = {}
    for node, conf in plan.nodes.items():
        for _, settings in conf.members:
            interface = first.setdefault(settings.vrid, settings.interface)
            if interface != settings.interface:
                plan.aliases[node, settings.interface] = interface


def name_networks(plan: Plan) -> None:
    """Call the only network with virtual addresses lan, and the only one with adverts alone heartbeat."""
    members = [(node, *member) for node, conf in plan.nodes.items() for member in conf.members]
    with_adverts = {plan.common_name(node, settings.interface) for node, _, settings in members}
    with_addresses = {
        plan.common_name(node, device_of(settings, entry))
        for node, block, settings in members
        for entry in list_entries(block, "virtual_ipaddress")
    }
    lan = with_addresses or with_adverts
    heartbeat = with_adverts - with_addresses if with_addresses else set()
    for name, interfaces in (("lan", lan), ("heartbeat", heartbeat)):
        if len(interfaces) == 1:
            plan.networks[interfaces.pop()] = name


def device_of(settings: InstanceSettings, entry: Statement) -> str:
    """The interface of a virtual address: its own `dev`, else the instance's."""
    words = [word.text for word in entry.words]
    return words[words.index("dev") + 1] if "dev" in words[:-1] else settings.interface


def assign_octets(plan: Plan) -> None:
    """Give each node an octet: that of its adverts' source where it is known and free."""
    taken: set[int] = {CLIENT_OCTET}
    for node, conf in plan.nodes.items():
        sources = {
            block.value(): _advert_source(plan, node, block, settings) for block, settings in conf.members
        }
        octets = (*map(octet_of, sources.values()), *range(_FIRST_NODE_OCTET, 255))
        plan.octets[node] = next(octet for octet in octets if octet and octet not in taken)
        taken.add(plan.octets[node])
        for name, source in sources.items():
            if source:
                network = plan.network(node, conf.settings[name].interface)
                plan.addresses[source] = (network, plan.octets[node])


def octet_of(address: str) -> int:
    """The last octet of an IPv4 address if the lab can use it, else 0."""
    try:
        octet = int(ip_address(address.partition("/")[0]).packed[-1]) if ":" not in address else 0
    except ValueError:
        return 0
    return octet if 2 <= octet <= 254 else 0


def free_name(wanted: str, taken: Iterable[str], fallback: str) -> str:
    """A name that a topology allows and that is not taken yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:17].strip("-")
    if not base[:1].isalpha() or base.lower() in YAML_WORDS:
        base = f"{fallback}{base}"[:17]
    used = set(taken)
    numbered = (f"{base}-{number}" for number in count(2))
    return next(name for name in chain([base], numbered) if name not in used)
