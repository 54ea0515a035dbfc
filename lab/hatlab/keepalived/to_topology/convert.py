"""Makes a topology of real keepalived.conf files, one a node.

What a generated configuration can say the same way becomes settings of the topology; a node whose file says
more keeps it whole, with its interfaces and addresses turned into the lab's. Scripts and other files that lie
beside it come along. What cannot be as it was is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from hatlab.errors import UserError
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile
from hatlab.keepalived.parser import Statement, parse_document
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.carried import carry_files
from hatlab.keepalived.to_topology.equivalence import GARP_KEYS, check_of, is_fencing, says_the_same
from hatlab.keepalived.to_topology.lab_text import lab_conf
from hatlab.keepalived.to_topology.names import free_name
from hatlab.keepalived.to_topology.plan import Plan, make_plan
from hatlab.keepalived.to_topology.routers import Router
from hatlab.keepalived.to_topology.yaml_text import topology_lines
from hatlab.keepalived.write import write_config
from hatlab.topology import Garp, Layout, Topology
from hatlab.topology.file import parse_topology

_MOST_NODES = 16
_MOST_NETWORKS = 8
_MOST_CHARACTERS = 65_536
_PASSWORD = re.compile(r"[A-Za-z0-9._-]{1,8}")


@dataclass(frozen=True)
class NodeInput:
    """What somebody brings of a node."""

    name: str
    text: str
    """Its keepalived.conf, with what it includes in the place of each `include`, and lines for it alone."""
    files: Mapping[str, ScriptFile] = field(default_factory=dict)
    """Absolute path → a file that lies beside it, such as a script that it names."""
    missing: Sequence[str] = ()
    """Programs that it names, and that are not beside it."""


@dataclass(frozen=True)
class Conversion:
    """A topology, and what in it is not as in the files."""

    text: str
    """The topology file (YAML)."""
    notes: tuple[str, ...]
    """A sentence each."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Real address → its place in the topology: `lan.100`, `lan::100`."""
    instances: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Node → what its file calls a vrrp_instance → what the topology does."""


def topology_from(inputs: Sequence[NodeInput]) -> Conversion:
    """Make a topology that runs these configurations.

    Raises:
        UserError: there is nothing to run in them, or more than a lab can have.
    """
    if not 1 <= len(inputs) <= _MOST_NODES:
        raise UserError(f"{len(inputs)} configurations cannot be one lab", f"give 1 to {_MOST_NODES}")
    given: dict[str, NodeInput] = {}
    for each in inputs:
        given[free_name(each.name, given, "node")] = each
    nodes = {name: Configuration(parse_document(each.text)) for name, each in given.items()}
    for name, conf in nodes.items():
        if not conf.members:
            raise UserError(
                f"{name}: there is no vrrp_instance in it", "give the nodes' keepalived.conf files"
            )
    plan = make_plan(nodes)
    if len(plan.networks.names) > _MOST_NETWORKS:
        raise UserError(
            f"these configurations use {len(plan.networks.names)} interfaces",
            f"a lab has at most {_MOST_NETWORKS} networks",
        )
    text = "".join(line + "\n" for line in _topology_lines(plan, given))
    for finding in parse_topology(text.encode("utf-8", "replace")).findings:
        if finding.severity == "error":
            raise UserError(
                f"no lab can be made from these files: {finding.message}",
                "run them through `hatlab check`; if that finds nothing, please report this",
            )
    places = {address: str(place) for address, place in plan.addresses.places.items()}
    instances: dict[str, dict[str, str]] = {node: {} for node in nodes}
    for router in plan.routers:
        for node, (_, settings) in router.members.items():
            instances[node][settings.instance] = router.name
    return Conversion(text, plan.sentences(), places, instances)


def _topology_lines(plan: Plan, given: Mapping[str, NodeInput]) -> Sequence[str]:
    data = _topology_data(plan)
    layout = Layout.numbered("lab", Topology.model_validate(data))
    interfaces = {network: network for network in layout.network_names}
    own: dict[str, dict[str, Any]] = {node: {} for node in data["nodes"]}
    for node, conf in plan.nodes.items():
        files = carry_files(plan, node, given[node].files, given[node].missing)
        text = lab_conf(plan, node, files.moved)
        if len(text) > _MOST_CHARACTERS:
            raise UserError(
                f"{node}: its configuration is too large", "a node's configuration may have at most 64 KB"
            )
        generated = write_config(layout, node, interfaces)
        is_same = not files.moved and says_the_same(plan, node, conf, generated)
        own[node] = {} if is_same else {"conf": text}
        own[node] |= {"files": files.files} if files.files else {}
    for address, place in plan.addresses.changed().items():
        plan.note(f"{address} is {place} here: its own last octet is taken in the lab, or not possible.")
    return list(topology_lines(data, own))


def _topology_data(plan: Plan) -> dict[str, Any]:
    """The plan as a topology file's data."""
    instances: dict[str, dict[str, Any]] = {}
    checks: dict[str, dict[str, Any]] = {}
    sync_groups: dict[str, list[str]] = {}
    for router in plan.routers:
        instances[router.name] = _instance_data(plan, router)
        for node, (_, settings) in router.members.items():
            for check in settings.track_scripts:
                _add_check(plan.nodes[node], checks, instances[router.name]["checks"], check)
            if settings.sync_group:
                group = sync_groups.setdefault(free_name(settings.sync_group, (), "VG"), [])
                group += [] if router.name in group else [router.name]
    fencing = [r.name for r in plan.routers if any(is_fencing(block) for block, _ in r.members.values())]
    if fencing:
        instances[fencing[0]]["fence"] = "super_read_only"
    target, first = next(iter(instances.items()))
    client = {"network": next(iter(first["addresses"])), "octet": plan.client_octet, "target": target}
    return {
        "version": 1,
        "title": f"From {', '.join(plan.nodes)}"[:120],
        "networks": list(plan.networks.names),
        "nodes": _nodes_data(plan, instances),
        "instances": {
            name: {key: value for key, value in spec.items() if value not in ([], {})}
            for name, spec in instances.items()
        },
        "sync_groups": {name: group for name, group in sync_groups.items() if len(group) > 1},
        "checks": checks,
        "replication": {"kind": "two-sources" if len(plan.nodes) == 2 and not plan.gateway else "none"},
        "clients": {"client": client},
    }


def _nodes_data(plan: Plan, instances: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The nodes; each on all networks unless a router joins some that it is not on."""
    if plan.gateway is None:
        return {node: {"octet": octet} for node, octet in plan.octets.items()}
    name, router_octet = plan.gateway
    nodes: dict[str, dict[str, Any]] = {}
    for node, octet in plan.octets.items():
        needed = {*plan.networks.joined_by(node)}
        for spec in instances.values():
            if "network" not in spec["members"].get(node, {"network": ""}):
                needed |= {spec["network"], *spec["addresses"]}
        joined = [network for network in plan.networks.names if network in needed]
        nodes[node] = {"octet": octet, "networks": joined, "gateway": name}
    return {**nodes, name: {"octet": router_octet, "service": "router"}}


def _instance_data(plan: Plan, router: Router) -> dict[str, Any]:
    """A virtual router; its first member says what all of them share."""
    node, (block, settings) = next(iter(router.members.items()))
    network = plan.network(node, settings.interface)
    addresses = plan.places_of(router)
    if not addresses:
        octet = plan.addresses.stand_in(network, router.family)
        addresses = {network: [octet]}
        plan.note(f"{router.name} has no virtual address: .{octet} stands in for it, but nobody holds that.")
    spec: dict[str, Any] = {
        "network": network,
        "vrid": settings.vrid or 51,
        "members": {},
        "addresses": addresses,
        "checks": [],
    }
    if router.family == 6:
        spec["family"] = "ipv6"
    elif any(member.version == 3 for _, member in router.members.values()):
        spec["version"] = 3
    intervals = [member.interval for _, member in router.members.values() if member.interval != 1]
    passwords = [member.auth_pass for _, member in router.members.values() if member.auth_pass]
    valid = [password for password in passwords if _PASSWORD.fullmatch(password)]
    garp = _garp(block)
    spec |= {"interval": intervals[0]} if intervals else {}
    spec |= {"auth_pass": valid[0]} if valid else {}
    spec |= {"peers": "unicast"} if settings.unicast_peers else {}
    spec |= {"garp": garp} if garp else {}
    for name, (_, member) in router.members.items():
        spec["members"][name] = _member_data(member, spec)
        home = plan.network(name, member.interface)
        if plan.gateway and home != network:
            spec["members"][name]["network"] = home
    return spec


def _member_data(settings: InstanceSettings, spec: Mapping[str, Any]) -> dict[str, Any]:
    member: dict[str, Any] = {"priority": settings.priority}
    peers = "unicast" if settings.unicast_peers else "multicast"
    member |= {"peers": peers} if peers != spec.get("peers", "multicast") else {}
    member |= {"state": "MASTER"} if settings.state == "MASTER" else {}
    member |= {"nopreempt": True} if settings.nopreempt else {}
    return member | ({"preempt_delay": settings.preempt_delay} if settings.preempt_delay else {})


def _garp(block: Statement) -> dict[str, int]:
    """The garp_ settings of an instance that a topology takes."""
    statements = ((key, block.last(keyword)) for keyword, key in GARP_KEYS.items())
    return {key: int(s.value()) for key, s in statements if s and _is_valid_garp(key, s.value())}


def _is_valid_garp(key: str, value: str) -> bool:
    try:
        Garp.model_validate({key: value})
    except ValidationError:
        return False
    return value.isdecimal()


def _add_check(conf: Configuration, checks: dict[str, dict[str, Any]], used: list[str], name: str) -> None:
    """Add a check that a topology can express; another one stays in the node's own configuration."""
    script = conf.scripts.get(name)
    kind = check_of(script) if script else {}
    if script is None or not kind or free_name(name, (), "c") != name:
        return
    if not all(
        seconds.is_integer() and 1 <= seconds <= 3600 for seconds in (script.interval, script.timeout)
    ):
        return
    times = {"interval": int(script.interval), "timeout": int(script.timeout)}
    counts = {"fall": min(script.fall, 100), "rise": min(script.rise, 100)}
    weight = max(-253, min(script.weight, 253))  # priorities end at 1 and 254, so a greater one adds nothing
    checks.setdefault(name, {**kind, **times, **counts, "weight": weight})
    if name not in used:
        used.append(name)
