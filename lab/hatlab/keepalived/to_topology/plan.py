"""Where the parts of real configurations stand in a lab: their networks, octets and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain, count
from typing import Any

from hatlab.keepalived.diagnose.conf import Configuration, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.yaml_text import YAML_WORDS

CLIENT = 50
"""The client's octet."""
FIRST_VIP = 100
"""Where virtual addresses begin that have no octet of their own."""
_FIRST_NODE = 11


@dataclass
class Plan:
    """What the topology will say, as it grows."""

    nodes: dict[str, Configuration]
    octets: dict[str, int] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, tuple[str, int]] = field(default_factory=dict)
    sync_groups: dict[str, list[str]] = field(default_factory=dict)

    def network(self, node: str, interface: str) -> str:
        """The network behind a node's interface."""
        interface = self.common(node, interface)
        if interface not in self.networks:
            self.networks[interface] = name_for(f"net-{interface}", self.networks.values(), "net")
        return self.networks[interface]

    def common(self, node: str, interface: str) -> str:
        """What the first node calls this interface."""
        return self.aliases.get((node, interface), interface)


def _source(plan: Plan, node: str, block: Statement, own: InstanceSettings) -> str:
    """The address that an instance's adverts come from: the one it names, or the one that all others have
    among their unicast peers and it has not. Empty if it is not known."""
    given = block.last("unicast_src_ip") or block.last("mcast_src_ip")
    if given:
        return given.value()
    others = [
        set(other.unicast_peers)
        for name, conf in plan.nodes.items()
        for _, other in conf.members
        if name != node and other.vrid == own.vrid
    ]
    found = set.intersection(*others) - set(own.unicast_peers) if others else set()
    return found.pop() if len(found) == 1 else ""


def same_networks(plan: Plan) -> None:
    """The interfaces of one virtual router are on one network, whatever each node calls its own."""
    first: dict[int | None, str] = {}
    for node, conf in plan.nodes.items():
        for _, own in conf.members:
            interface = first.setdefault(own.vrid, own.interface)
            if interface != own.interface:
                plan.aliases[node, own.interface] = interface


def name_networks(plan: Plan) -> None:
    """One that carries the virtual addresses is the lan, one for adverts alone the heartbeat."""
    members = [(node, *member) for node, conf in plan.nodes.items() for member in conf.members]
    adverts = {plan.common(node, own.interface) for node, _, own in members}
    entries = [(n, own, e) for n, block, own in members for e in list_entries(block, "virtual_ipaddress")]
    held = {plan.common(node, device_of(own, entry)) for node, own, entry in entries}
    for name, found in (("lan", held or adverts), ("heartbeat", adverts - held if held else set())):
        if len(found) == 1:
            plan.networks[found.pop()] = name


def device_of(own: InstanceSettings, entry: Statement) -> str:
    """The interface of a virtual address: its own `dev`, else the instance's."""
    words = [word.text for word in entry.words]
    return words[words.index("dev") + 1] if "dev" in words[:-1] else own.interface


def give_octets(plan: Plan) -> None:
    """An octet for each node: that of its adverts' source where it is known and free."""
    taken: set[int] = {CLIENT}
    for node, conf in plan.nodes.items():
        sources = {block.value(): _source(plan, node, block, own) for block, own in conf.members}
        own = next((o for s in sources.values() if (o := octet_of(s)) and o not in taken), 0)
        plan.octets[node] = own or next(o for o in range(_FIRST_NODE, 255) if o not in taken)
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


def name_for(wanted: str, taken: Any, fallback: str) -> str:
    """A name that a topology allows and that is not taken yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:17].strip("-")
    if not base[:1].isalpha() or base.lower() in YAML_WORDS:
        base = f"{fallback}{base}"[:17]
    used = set(taken)
    return next(n for n in chain([base], (f"{base}-{k}" for k in count(2))) if n not in used)
