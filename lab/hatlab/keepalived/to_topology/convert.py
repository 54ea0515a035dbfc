"""Makes a topology of real keepalived.conf files, one a node.

What a generated configuration can say the same way becomes settings of the topology; a node whose file says
more keeps it whole, with its interfaces and addresses turned into the lab's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from hatlab.errors import UserError
from hatlab.keepalived.diagnose.conf import Configuration, Member, list_entries
from hatlab.keepalived.localize import interface_words
from hatlab.keepalived.parser import Statement, parse_document
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.equivalence import GARP_KEYS, check_of, is_fencing, own_conf
from hatlab.keepalived.to_topology.plan import (
    CLIENT_OCTET,
    FIRST_VIP_OCTET,
    Plan,
    assign_octets,
    device_of,
    free_name,
    match_interfaces,
    name_networks,
    octet_of,
)
from hatlab.keepalived.to_topology.yaml_text import topology_lines
from hatlab.keepalived.write import write_config
from hatlab.topology import Garp, Layout, Topology

_MOST_NODES = 16
_PASSWORD = re.compile(r"[A-Za-z0-9._-]{1,8}")


def topology_from(confs: Sequence[tuple[str, str]]) -> str:
    """Make a topology file (YAML) that runs these configurations.

    Args:
        confs: (name of the node, its keepalived.conf), one to sixteen.

    Raises:
        UserError: there is nothing to run in them.
    """
    if not 1 <= len(confs) <= _MOST_NODES:
        raise UserError(f"{len(confs)} configurations cannot be one lab", f"give 1 to {_MOST_NODES}")
    nodes: dict[str, Configuration] = {}
    for name, text in confs:
        nodes[free_name(name, nodes, "node")] = Configuration(parse_document(text.replace("\r\n", "\n")))
    for name, conf in nodes.items():
        if not conf.members:
            raise UserError(
                f"{name}: there is no vrrp_instance in it", "give the nodes' keepalived.conf files"
            )
    plan = Plan(nodes)
    match_interfaces(plan)
    name_networks(plan)
    assign_octets(plan)
    for node, conf in nodes.items():
        for member in conf.members:
            _add_member(plan, node, conf, member)
    return _to_yaml(plan)


def _add_member(plan: Plan, node: str, conf: Configuration, instance: Member) -> None:
    """Add a node's part in a virtual router; the first member also says what all of them share."""
    block, settings = instance
    name = _name_in_plan(plan, settings) or free_name(settings.instance, plan.instances, "VI")
    spec = plan.instances.setdefault(
        name,
        {
            "network": plan.network(node, settings.interface),
            "vrid": settings.vrid or 51,
            "members": {},
            "addresses": {},
            "checks": [],
        },
    )
    if settings.version == 3:
        spec["version"] = 3
    if settings.interval != 1:
        spec.setdefault("interval", settings.interval)
    if settings.auth_pass and _PASSWORD.fullmatch(settings.auth_pass):
        spec.setdefault("auth_pass", settings.auth_pass)
    peers = "unicast" if settings.unicast_peers else "multicast"
    if not spec["members"]:
        garp = _garp(block)
        spec |= {"peers": peers} if settings.unicast_peers else {}
        spec |= {"garp": garp} if garp else {}
    if settings.sync_group:
        group = plan.sync_groups.setdefault(free_name(settings.sync_group, (), "VG"), [])
        group += [] if name in group else [name]
    member: dict[str, Any] = {"priority": settings.priority}
    if peers != spec.get("peers", "multicast"):
        member["peers"] = peers
    if settings.state == "MASTER":
        member["state"] = "MASTER"
    if settings.nopreempt:
        member["nopreempt"] = True
    if settings.preempt_delay:
        member["preempt_delay"] = settings.preempt_delay
    spec["members"][node] = member
    if is_fencing(block) and not any("fence" in other for other in plan.instances.values()):
        spec["fence"] = "super_read_only"
    for entry in list_entries(block, "virtual_ipaddress"):
        _add_virtual_address(plan, node, settings, spec, entry)
    for check in settings.track_scripts:
        _add_check(plan, conf, spec, check)


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


def _name_in_plan(plan: Plan, settings: InstanceSettings) -> str:
    """The name of the virtual router that other nodes have brought already; empty if there is none."""
    names = (name for name, spec in plan.instances.items() if spec["vrid"] == settings.vrid)
    return next(names, settings.instance if settings.instance in plan.instances else "")


def _add_virtual_address(
    plan: Plan, node: str, settings: InstanceSettings, spec: dict[str, Any], entry: Statement
) -> None:
    address = entry.keyword.partition("/")[0]
    octet = octet_of(address)
    if not octet:
        return
    network = plan.network(node, device_of(settings, entry))
    if address not in plan.addresses:
        taken = plan.taken_octets()
        candidates = (octet, *range(FIRST_VIP_OCTET, 255), *range(2, FIRST_VIP_OCTET))
        free = (candidate for candidate in candidates if candidate not in taken)
        plan.addresses[address] = (network, next(free, octet))
    octets = spec["addresses"].setdefault(network, [])
    if plan.addresses[address][1] not in octets:
        octets.append(plan.addresses[address][1])


def _add_check(plan: Plan, conf: Configuration, spec: dict[str, Any], name: str) -> None:
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
    plan.checks.setdefault(name, {**kind, **times, **counts, "weight": script.weight})
    if name not in spec["checks"]:
        spec["checks"].append(name)


def _to_yaml(plan: Plan) -> str:
    data = _topology_data(plan)
    layout = Layout.numbered("lab", Topology.model_validate(data))
    interfaces = {network: network for network in layout.network_names}
    confs = {
        node: text
        for node, conf in plan.nodes.items()
        if (text := own_conf(plan, node, conf, write_config(layout, node, interfaces)))
    }
    return "".join(line + "\n" for line in topology_lines(data, confs))


def _topology_data(plan: Plan) -> dict[str, Any]:
    """The plan as a topology file's data.

    Raises:
        UserError: it has more networks than a lab can have.
    """
    for spec in plan.instances.values():
        if not spec["addresses"]:
            taken = plan.taken_octets()
            free = next(octet for octet in range(FIRST_VIP_OCTET, 255) if octet not in taken)
            spec["addresses"] = {spec["network"]: [free]}
    for node, conf in plan.nodes.items():
        for word in interface_words(conf.root):
            plan.network(node, word.text)
    target, first = next(iter(plan.instances.items()))
    client = {"network": next(iter(first["addresses"])), "octet": CLIENT_OCTET, "target": target}
    if len(plan.networks) > 8:
        raise UserError(
            f"these configurations use {len(plan.networks)} interfaces", "a lab has at most 8 networks"
        )
    return {
        "version": 1,
        "title": f"From {', '.join(plan.nodes)}"[:120],
        "networks": list(plan.networks.values()),
        "nodes": dict(plan.octets),
        "instances": {
            name: {key: value for key, value in spec.items() if value not in ([], {})}
            for name, spec in plan.instances.items()
        },
        "sync_groups": {name: group for name, group in plan.sync_groups.items() if len(group) > 1},
        "checks": plan.checks,
        "replication": {"kind": "two-sources" if len(plan.nodes) == 2 else "none"},
        "clients": {"client": client},
    }
