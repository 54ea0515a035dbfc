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
from hatlab.keepalived.diagnose.conf import Configuration, list_entries
from hatlab.keepalived.localize import interface_words
from hatlab.keepalived.parser import Statement, parse_document
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.to_topology.equivalence import GARP, fences, own_text, what_it_checks
from hatlab.keepalived.to_topology.plan import (
    CLIENT,
    FIRST_VIP,
    Plan,
    device_of,
    give_octets,
    name_for,
    name_networks,
    octet_of,
    same_networks,
)
from hatlab.keepalived.to_topology.yaml_text import lines
from hatlab.keepalived.write import write_config
from hatlab.topology import Garp, Layout, Topology

_MOST_NODES = 16
_PASSWORD = re.compile(r"[A-Za-z0-9._-]{1,8}")


def topology_from(confs: Sequence[tuple[str, str]]) -> str:
    """A topology file (YAML) that runs these configurations.

    Args:
        confs: (name of the node, its keepalived.conf), one to sixteen.

    Raises:
        UserError: there is nothing to run in them.
    """
    if not 1 <= len(confs) <= _MOST_NODES:
        raise UserError(f"{len(confs)} configurations cannot be one lab", f"give 1 to {_MOST_NODES}")
    nodes: dict[str, Configuration] = {}
    for name, text in confs:
        nodes[name_for(name, nodes, "node")] = Configuration(parse_document(text.replace("\r\n", "\n")))
    for name, conf in nodes.items():
        if not conf.members:
            raise UserError(
                f"{name}: there is no vrrp_instance in it", "give the nodes' keepalived.conf files"
            )
    plan = Plan(nodes)
    same_networks(plan)
    name_networks(plan)
    give_octets(plan)
    for node, conf in nodes.items():
        for block, own in conf.members:
            _member(plan, node, conf, block, own)
    return _yaml(plan)


def _member(plan: Plan, node: str, conf: Configuration, block: Statement, own: InstanceSettings) -> None:
    name = _known_as(plan, own) or name_for(own.instance, plan.instances, "VI")
    network = plan.network(node, own.interface)
    spec = plan.instances.setdefault(
        name, {"network": network, "vrid": own.vrid or 51, "members": {}, "addresses": {}, "checks": []}
    )
    if own.version == 3:
        spec["version"] = 3
    if own.interval != 1:
        spec.setdefault("interval", own.interval)
    if own.auth_pass and _PASSWORD.fullmatch(own.auth_pass):
        spec.setdefault("auth_pass", own.auth_pass)
    kind = "unicast" if own.unicast_peers else "multicast"
    garp = {key: int(s.value()) for word, key in GARP.items() if (s := block.last(word)) and _fits(key, s)}
    if not spec["members"]:
        spec |= {"peers": kind} if own.unicast_peers else {}
        spec |= {"garp": garp} if garp else {}
    if own.sync_group:
        group = plan.sync_groups.setdefault(name_for(own.sync_group, (), "VG"), [])
        group += [] if name in group else [name]
    member: dict[str, Any] = {"priority": own.priority}
    if kind != spec.get("peers", "multicast"):
        member["peers"] = kind
    if own.state == "MASTER":
        member["state"] = "MASTER"
    if own.nopreempt:
        member["nopreempt"] = True
    if own.preempt_delay:
        member["preempt_delay"] = own.preempt_delay
    spec["members"][node] = member
    if fences(block) and not any("fence" in other for other in plan.instances.values()):
        spec["fence"] = "super_read_only"
    for entry in list_entries(block, "virtual_ipaddress"):
        _virtual_address(plan, node, own, spec, entry)
    for check in own.track_scripts:
        _check(plan, conf, spec, check)


def _fits(key: str, statement: Statement) -> bool:
    """Whether a topology takes this value."""
    try:
        Garp.model_validate({key: statement.value()})
    except ValidationError:
        return False
    return statement.value().isdecimal()


def _known_as(plan: Plan, own: InstanceSettings) -> str:
    same = [n for n, spec in plan.instances.items() if spec["vrid"] == own.vrid]
    return same[0] if same else own.instance if own.instance in plan.instances else ""


def _virtual_address(
    plan: Plan, node: str, own: InstanceSettings, spec: dict[str, Any], entry: Statement
) -> None:
    address = entry.keyword.partition("/")[0]
    octet = octet_of(address)
    if not octet:
        return
    network = plan.network(node, device_of(own, entry))
    if address not in plan.addresses:
        taken = {*plan.octets.values(), CLIENT, *(o for _, o in plan.addresses.values())}
        free = (o for o in (octet, *range(FIRST_VIP, 255), *range(2, FIRST_VIP)) if o not in taken)
        plan.addresses[address] = (network, next(free, octet))
    octets = spec["addresses"].setdefault(network, [])
    if plan.addresses[address][1] not in octets:
        octets.append(plan.addresses[address][1])


def _check(plan: Plan, conf: Configuration, spec: dict[str, Any], name: str) -> None:
    script = conf.scripts.get(name)
    kind = what_it_checks(script) if script else {}
    if script is None or not kind or name_for(name, (), "c") != name:
        return
    if all(float(value).is_integer() and 1 <= value <= 3600 for value in (script.interval, script.timeout)):
        plan.checks.setdefault(
            name,
            {
                **kind,
                "interval": int(script.interval),
                "timeout": int(script.timeout),
                "fall": min(script.fall, 100),
                "rise": min(script.rise, 100),
                "weight": script.weight,
            },
        )
        if name not in spec["checks"]:
            spec["checks"].append(name)


def _yaml(plan: Plan) -> str:
    data = _data(plan)
    layout = Layout.numbered("lab", Topology.model_validate(data))
    interfaces = {network: network for network in layout.network_names}
    own = {
        node: text
        for node, conf in plan.nodes.items()
        if (text := own_text(plan, node, conf, write_config(layout, node, interfaces)))
    }
    return "".join(line + "\n" for line in lines(data, own))


def _data(plan: Plan) -> dict[str, Any]:
    for spec in plan.instances.values():
        if not spec["addresses"]:
            taken = {*plan.octets.values(), *(o for _, o in plan.addresses.values())}
            spec["addresses"] = {spec["network"]: [next(o for o in range(FIRST_VIP, 255) if o not in taken)]}
    for node, conf in plan.nodes.items():
        for word in interface_words(conf.root):
            plan.network(node, word.text)
    name, first = next(iter(plan.instances.items()))
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
        "clients": {"client": {"network": next(iter(first["addresses"])), "octet": CLIENT, "target": name}},
    }
