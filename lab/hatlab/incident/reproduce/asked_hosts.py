"""What an incident's checks ask, and what a lab has in its place: addresses of nodes, hosts, or mysqld.

A check that pings a gateway gets a machine that answers: a router, as a cut is between servers. One that runs
what no lab has asks the node's mysqld instead, so that it passes, and fails when that is killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hatlab.incident.reproduce.octets import free_octet
from hatlab.keepalived.assume import replace_commands
from hatlab.keepalived.command_line import split_command
from hatlab.keepalived.lab_programs import missing_in_lab, read_missing
from hatlab.keepalived.settings import read_scripts, read_settings
from hatlab.topology import Layout, Topology
from hatlab.util.addresses import is_address

_PINGS = frozenset({"ping", "ping6", "fping", "arping", "quorum"})
"""Programs that ask other machines whether they are there."""
_OF_PROCESSES = frozenset({"pgrep", "pidof", "killall", "systemctl", "service"})
_MOST = 8


@dataclass(frozen=True, slots=True)
class AskedHost:
    """A machine that a check asks and that is none of the nodes."""

    name: str
    """Of the host in the lab."""
    network: str
    octet: int

    @property
    def place(self) -> str:
        return f"{self.network}.{self.octet}"


@dataclass(frozen=True, slots=True)
class AskedHosts:
    """What all nodes' checks ask of other machines."""

    hosts: Mapping[str, AskedHost] = field(default_factory=dict)
    """Address or name, as the checks have it → the host."""
    asked: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(node, check) → addresses and names that it asks."""
    networks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(node, check) → the network on which it asks."""
    assumed: frozenset[str] = frozenset()
    """Checks that a lab cannot run, which ask mysqld there."""


def find_asked_hosts(layout: Layout, confs: Mapping[str, str]) -> AskedHosts:
    """Return what the checks of an incident's configurations ask.

    Args:
        confs: node → its keepalived.conf, with the addresses that it really has.
    """
    hosts: dict[str, AskedHost] = {}
    asked: dict[tuple[str, str], tuple[str, ...]] = {}
    networks: dict[tuple[str, str], str] = {}
    assumed: set[str] = set()
    for node, text in confs.items():
        missing = [read_missing(told) for told in missing_in_lab(text, {}, simulated=True)]
        assumed |= {told[0] for told in missing if told}
        for name, script in read_scripts(text).items():
            words = split_command(f'script "{script.command}"').words or tuple(script.command.split())
            program = words[0].rpartition("/")[2] if words else ""
            if program in _OF_PROCESSES and "mysql" not in script.command:
                assumed.add(name)
            targets = tuple(_targets(program, words[1:])) if name not in assumed else ()
            if not targets:
                continue
            known = [found for target in targets if (found := layout.network_of(target))]
            network = known[0] if known else _network_of(layout, node)
            asked[node, name], networks[node, name] = targets, network
            for target in targets:
                if target not in layout.real_addresses and target not in hosts and len(hosts) < _MOST:
                    hosts[target] = _host(layout, target, network, hosts)
    return AskedHosts(hosts, asked, networks, frozenset(assumed))


def _targets(program: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield the machines that a command asks: addresses of others, and of a ping a name."""
    if program not in _PINGS:
        return
    found = [word for word in words if is_address(word)]
    if not found and words and not words[-1].startswith("-") and not words[-1].isdigit():
        found = [words[-1]]
    yield from (target for target in found if target != "localhost" and not target.startswith("127."))


def _network_of(layout: Layout, node: str) -> str:
    names = layout.instances_of(node)
    return layout.topology.instances[names[0]].network_of(node) if names else layout.networks_of(node)[0]


def _host(layout: Layout, target: str, network: str, others: Mapping[str, AskedHost]) -> AskedHost:
    topology = layout.topology
    used = {node.octet for node in topology.nodes.values()} | {host.octet for host in others.values()}
    used |= {octet for spec in topology.instances.values() for octet in spec.addresses.get(network, ())}
    ipv4 = target.rpartition(":")[2] if is_address(target) and "." in target else ""
    octet = free_octet(ipv4, used)
    return AskedHost(f"host-{octet}", network, octet)


def with_asked_hosts(layout: Layout, asked: AskedHosts) -> Topology:
    """Return an incident's topology with what its checks ask."""
    if not (asked.asked or asked.assumed):
        return layout.topology
    data = with_places(layout.topology.to_data(), layout, asked)
    confs = [node["conf"] for node in data["nodes"].values() if node.get("conf")]
    tracked = {name for conf in confs for one in read_settings(conf).values() for name in one.track_scripts}
    for host in asked.hosts.values():
        data["nodes"][host.name] = {"octet": host.octet, "service": "router", "networks": [host.network]}
    assumed = dict.fromkeys(sorted(asked.assumed & tracked), "mysqld")
    return Topology.model_validate({"version": 1, **data, "assume": assumed})


def with_places(data: dict[str, Any], layout: Layout, asked: AskedHosts) -> dict[str, Any]:
    """Return a topology's data in which the nodes' checks ask at the lab's addresses."""
    places = dict(layout.real_addresses) | {target: host.place for target, host in asked.hosts.items()}
    checks = {name for _, name in asked.asked}
    nodes = {name: dict(node) for name, node in data["nodes"].items()}
    for node in nodes.values():
        if conf := node.get("conf"):
            scripts = read_scripts(conf).items()
            words = {name: script.command.split() for name, script in scripts if name in checks}
            moved = {name: " ".join(places.get(word, word) for word in said) for name, said in words.items()}
            node["conf"] = replace_commands(conf, moved)
    return {**data, "nodes": nodes}
