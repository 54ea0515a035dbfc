"""Finds where a topology contradicts itself, so that it cannot run: codes TP020 to TP029, TP050 to TP053."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hatlab.actions import VERBS, parse
from hatlab.diagnostics.location import KEY, Loc, ModelProblem
from hatlab.errors import ActionError
from hatlab.topology.node_file import MOST_FILE_BYTES
from hatlab.topology.spec import Check, TopologySpec
from hatlab.util.text import join_names

_INSTEAD = {
    "sql": ": write it under `sql`",
    "edit": ": write it under `conf` of the node",
    "reset": "",
    "end": "",
}
"""Verbs that cannot be initial faults → what to do instead."""

_VRRP_SCRIPT = re.compile(r"^\s*vrrp_script\s+\"?([^\s{\"]+)", re.M)


def find_contradictions(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Find all of them, in no order."""
    yield from _unknown_names(topology)
    yield from _clashes(topology)
    yield from _absent_members(topology)
    yield from _unclear_checks(topology)
    yield from _double_fences(topology)
    yield from _unfit_services(topology)
    yield from _large_files(topology)
    yield from _misplaced_ipv6(topology)
    yield from _bad_faults(topology)


def _unknown_names(topology: TopologySpec) -> Iterator[ModelProblem]:
    known: dict[str, Mapping[str, object]] = {
        "network": topology.networks,
        "node": topology.nodes,
        "check": topology.checks,
        "instance": topology.instances,
        "host": {**topology.nodes, **topology.clients},
    }
    for kind, name, where, loc in _references(topology):
        if name not in known[kind]:
            message = f"{where} uses {kind} {name!r}, which is not defined"
            yield ModelProblem("TP020", loc, message, kind, name)
    written = {n for node in topology.nodes.values() for n in _VRRP_SCRIPT.findall(node.conf or "")}
    for name in topology.assume.keys() - written - topology.checks.keys():
        message = f"`assume` names the check {name!r}, which no file of the topology has"
        yield ModelProblem("TP020", ("assume", name, KEY), message, "check", name)


def _references(topology: TopologySpec) -> Iterator[tuple[str, str, str, Loc]]:
    """(kind, name, who uses it, where) of each reference."""
    for key, instance in topology.instances.items():
        where, at = f"instance {key}", ("instances", key)
        yield "network", instance.network, where, (*at, "network")
        yield from (("network", n, where, (*at, "track", index)) for index, n in enumerate(instance.track))
        yield from (("network", n, where, (*at, "addresses", n, KEY)) for n in instance.addresses)
        yield from (("node", n, where, (*at, "members", n, KEY)) for n in instance.members)
        for n, member in instance.members.items():
            if member.network:
                yield "network", member.network, where, (*at, "members", n, "network")
        yield from (("check", n, where, (*at, "checks", index)) for index, n in enumerate(instance.checks))
    for key, group in topology.sync_groups.items():
        for index, name in enumerate(group):
            yield "instance", name, f"sync group {key}", ("sync_groups", key, index)
    for key, client in topology.clients.items():
        yield "network", client.network, f"client {key}", ("clients", key, "network")
        yield "instance", client.target, f"client {key}", ("clients", key, "target")
        if client.probe:
            yield "node", client.probe.ping, f"client {key}", ("clients", key, "probe", "ping")
    for key, node in topology.nodes.items():
        for index, name in enumerate(node.networks or ()):
            yield "network", name, f"node {key}", ("nodes", key, "networks", index)
        if node.gateway and node.gateway not in topology.nodes:
            yield "instance", node.gateway, f"node {key}", ("nodes", key, "gateway")
    for key in topology.sql:
        yield "node", key, "sql", ("sql", key, KEY)
    if topology.replication.network:
        yield "network", topology.replication.network, "replication", ("replication", "network")
    if topology.replication.source:
        yield "node", topology.replication.source, "replication", ("replication", "source")
    for key, check in topology.checks.items():
        where, at = f"check {key}", ("checks", key)
        if check.network:
            yield "network", check.network, where, (*at, "network")
        if check.reach:
            name, dot, _ = check.reach.partition(".")
            yield "network" if dot else "host", name, where, (*at, "reach")
        yield from (("host", n, where, (*at, "quorum", index)) for index, n in enumerate(check.quorum or ()))


def _clashes(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Two things with one name, octet or sync group; replication between other than two servers."""
    for name in topology.nodes.keys() & topology.clients.keys():
        yield ModelProblem("TP022", ("clients", name, KEY), f"{name} is both a node and a client")
    for network in topology.networks:
        taken: dict[str, tuple[str, Loc]] = {}
        for endings, owner, loc in _endings_on(topology, network):
            ending = next((ending for ending in endings if ending in taken), "")
            other, elsewhere = taken.get(ending, ("", loc))
            is_of_two_instances = loc[0] == elsewhere[0] == "instances" and owner != other  # a trap
            if ending and not is_of_two_instances:
                message = f"{owner} and {other} both use {ending} on {network}"
                yield ModelProblem("TP021", loc, message)
            taken |= dict.fromkeys(endings, (owner, loc))
    grouped: dict[str, str] = {}
    for key, group in topology.sync_groups.items():
        for index, name in enumerate(group):
            if name in grouped:
                message = f"{name} is already in sync group {grouped[name]}"
                yield ModelProblem("TP027", ("sync_groups", key, index), message)
            grouped[name] = key
    servers = sum(node.service == "mysql" for node in topology.nodes.values())
    if topology.replication.kind != "none" and servers != 2:
        message = f"replication {topology.replication.kind} needs exactly two MySQL servers, not {servers}"
        yield ModelProblem("TP023", ("replication", "kind"), message)


def _endings_on(topology: TopologySpec, network: str) -> Iterator[tuple[tuple[str, ...], str, Loc]]:
    """(how its addresses end, owner, where) of all on a network; a machine has one of each family."""
    for name, spec in topology.nodes.items():
        if spec.networks is None or network in spec.networks:
            yield (f".{spec.octet}", f"::{spec.octet}"), name, ("nodes", name, "octet")
    for name, client in topology.clients.items():
        if client.network == network:
            yield (f".{client.octet}", f"::{client.octet}"), name, ("clients", name, "octet")
    for name, instance in topology.instances.items():
        for index, octet in enumerate(instance.addresses.get(network, ())):
            yield (instance.ending(octet),), name, ("instances", name, "addresses", network, index)


def _absent_members(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Members that are not on a network which their instance needs."""
    for key, instance in topology.instances.items():
        usual = dict.fromkeys((instance.network, *instance.addresses, *instance.track))
        for name, member in instance.members.items():
            networks = topology.nodes[name].networks if name in topology.nodes else None
            for network in (member.network,) if member.network else usual:
                if networks is not None and network not in networks and network in topology.networks:
                    message = f"{name} is a member of {key}, but not on its network {network}"
                    yield ModelProblem("TP024", ("instances", key, "members", name, KEY), message)


def _unclear_checks(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Checks of several kinds, and those of hosts that cannot be reached."""
    for key, check in topology.checks.items():
        at: Loc = ("checks", key)
        if len(check.kinds) > 1:
            message = f"a check has one kind, but {key} has {join_names(check.kinds)}"
            yield ModelProblem("TP050", (*at, check.kinds[1], KEY), message)
        elif check.network and (not check.targets or "." in (check.reach or "")):
            message = f"`network` has no meaning for `{(*check.kinds, 'ask')[0]}`"
            yield ModelProblem("TP050", (*at, "network", KEY), message)
        network, dot, octet = (check.reach or "").partition(".")
        taken = {ending for endings, *_ in _endings_on(topology, network) for ending in endings}
        if dot and network in topology.networks and f".{int(octet)}" not in taken:
            yield ModelProblem("TP051", (*at, "reach"), f"nothing has .{octet} on {network}")
        for node in _nodes_running(topology, key):
            yield from _out_of_reach(topology, key, check, node)


def _nodes_running(topology: TopologySpec, check: str) -> tuple[str, ...]:
    """The nodes that run a check."""
    users = (i.members for i in topology.instances.values() if check in i.checks)
    return tuple(dict.fromkeys(name for members in users for name in members if name in topology.nodes))


def _out_of_reach(topology: TopologySpec, key: str, check: Check, node: str) -> Iterator[ModelProblem]:
    """Targets of a check that a node cannot ping, and voting without a vote."""
    ours = set(topology.networks_of(node))
    for index, name in enumerate(check.targets):
        loc: Loc = ("checks", key, "quorum", index) if check.quorum else ("checks", key, "reach")
        network, dot, _ = name.partition(".")
        if dot:
            missing = network in topology.networks and network not in ours
        elif name in topology.nodes or name in topology.clients:
            shared = ours & set(topology.networks_of(name))
            network = check.network or ""
            missing = network not in shared if network else not shared
        else:
            continue
        if missing:
            where = f"on {network}" if network else "on one network"
            yield ModelProblem("TP051", loc, f"{node} runs {key}, but {node} and {name} are not both {where}")
    if check.quorum and node not in check.quorum:
        yield ModelProblem("TP053", ("checks", key, "quorum"), f"{node} runs {key} but has no vote in it")


def _double_fences(topology: TopologySpec) -> Iterator[ModelProblem]:
    fenced: dict[str, str] = {}
    for key, instance in topology.instances.items():
        for node in instance.members if instance.fence else ():
            if fenced.setdefault(node, key) != key:
                message = f"{key} and {fenced[node]} both fence the mysqld of {node}"
                yield ModelProblem("TP052", ("instances", key, "fence"), message)


def _unfit_services(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Demands on nodes that run no such service."""
    source = topology.replication.source
    if source in topology.nodes and topology.nodes[source].service != "mysql":
        yield ModelProblem("TP025", ("replication", "source"), f"{source} has no mysqld to replicate from")
    hosts = {name for name, node in topology.nodes.items() if node.service == "host"}
    for key, instance in topology.instances.items():
        for name in hosts & instance.members.keys():
            message = f"{name} is a host and does not run keepalived, so it cannot be a member of {key}"
            yield ModelProblem("TP025", ("instances", key, "members", name, KEY), message)
        for name in instance.members if instance.fence else ():
            if name in topology.nodes and topology.nodes[name].service == "router":
                message = f"{name} is a router: it has no mysqld that {key} could fence"
                yield ModelProblem("TP025", ("instances", key, "fence"), message)
    for key, node in topology.nodes.items():
        if node.conf is not None and key in hosts:
            yield ModelProblem(
                "TP025", ("nodes", key, "conf"), f"{key} is a host and does not run keepalived"
            )
        if node.files and key in hosts:
            message = f"{key} is a host: `files` are only for nodes that run keepalived"
            yield ModelProblem("TP025", ("nodes", key, "files"), message)
        router = topology.nodes.get(node.gateway or "")
        if router and (router.service != "router" or node.gateway == key):
            message = f"{node.gateway} is not a router, so it cannot be the gateway of {key}"
            yield ModelProblem("TP025", ("nodes", key, "gateway"), message)
        elif node.gateway and not router and key not in hosts:
            message = f"{key} is no host: its `gateway` is a router's name"
            yield ModelProblem("TP025", ("nodes", key, "gateway"), message)
    for key in topology.sql:
        if key in topology.nodes and topology.nodes[key].service != "mysql":
            message = f"{key} is a {topology.nodes[key].service}: it does not run mysqld"
            yield ModelProblem("TP025", ("sql", key, KEY), message)
    for key, client in topology.clients.items():
        if client.probe and client.probe.ping in topology.nodes.keys() - hosts:
            message = f"{key} pings {client.probe.ping}, which is not a host"
            yield ModelProblem("TP025", ("clients", key, "probe", "ping"), message)
        if client.probe and client.writes:
            message = f"{key} only pings, so it has no server to write rows to"
            yield ModelProblem("TP026", ("clients", key, "writes"), message)


def _large_files(topology: TopologySpec) -> Iterator[ModelProblem]:
    for key, node in topology.nodes.items():
        size = sum(len(file.content.encode()) for file in node.files.values())
        if size > MOST_FILE_BYTES:
            message = f"the files of {key} have {size} bytes in all, more than {MOST_FILE_BYTES}"
            yield ModelProblem("TP012", ("nodes", key, "files"), message)


def _misplaced_ipv6(topology: TopologySpec) -> Iterator[ModelProblem]:
    """What cannot be had with IPv6: version 2, and a gateway that is a virtual address."""
    six = {key for key, instance in topology.instances.items() if instance.family == "ipv6"}
    for key in six:
        if topology.instances[key].version == 2:
            message = f"{key} uses IPv6, which VRRP version 2 does not support"
            yield ModelProblem("TP029", ("instances", key, "version"), message)
    for key, node in topology.nodes.items():
        if node.gateway in six:
            message = f"{key} has {node.gateway} as its gateway, which uses IPv6"
            yield ModelProblem("TP029", ("nodes", key, "gateway"), message)
    for key, client in topology.clients.items():
        if client.probe and client.target in six:
            message = f"{key} pings through {client.target}, which uses IPv6"
            yield ModelProblem("TP029", ("clients", key, "target"), message)


def _bad_faults(topology: TopologySpec) -> Iterator[ModelProblem]:
    """Initial faults that are no action, or none that a lab can begin with."""
    names = _Names(topology)
    for number, line in enumerate(topology.faults):
        try:
            verb = parse(line, names).verb
            message = f"{verb!r} is not a fault" + _INSTEAD[verb] if verb in _INSTEAD else ""
            if verb not in VERBS.own:
                message = f"{verb!r} is an extension's; a lab begins with actions of hatlab's own"
        except ActionError as error:
            message = error.message + (f": {error.hint}" if error.hint else "")
        if message:
            yield ModelProblem("TP028", ("faults", number), message)


class _Names:
    """The names in actions, before there are subnets: a virtual address by its end (`.100`, `::100`)."""

    def __init__(self, topology: TopologySpec) -> None:
        self.node_names = tuple(topology.nodes)
        self.client_names = tuple(topology.clients)
        self.network_names = tuple(topology.networks)
        self.vip_addresses = tuple(
            instance.ending(octet)
            for instance in topology.instances.values()
            for octets in instance.addresses.values()
            for octet in octets
        )
        self.services, self.ping_target = topology.services, topology.ping_target
