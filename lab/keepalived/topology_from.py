"""Makes a topology of real keepalived.conf files, one a node.

What a generated configuration can say the same way becomes settings of the topology; a node whose file says
more keeps it whole, with its interfaces and addresses turned into the lab's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain, count
from typing import Any

from pydantic import ValidationError

from lab.errors import UserError
from lab.keepalived.diagnose.conf import Conf, listed
from lab.keepalived.places import interface_words, replace_words
from lab.keepalived.settings import Script, Settings, scripts, settings
from lab.keepalived.syntax import Statement, read
from lab.keepalived.topology_text import YAML_WORDS, lines
from lab.keepalived.write import write
from lab.topology import Garp, Layout, Topology

_MOST_NODES = 16
_FIRST_NODE, _FIRST_VIP, _CLIENT = 11, 100, 50
_PASSWORD = re.compile(r"[A-Za-z0-9._-]{1,8}")
_ASKS = re.compile(r"\S*/?mysql\s.*?(?:--execute|-e)[ =]?\s*'?([^'\"]+)'?\s*$")
_PLAIN = re.compile(r"[^\x00-\x1f{}\"'\\!#`$]{1,200}")
_GARP = {f"garp_{key}": key for key in Garp.model_fields}
_SAYABLE = {
    "": {"global_defs", "vrrp_script", "vrrp_instance", "vrrp_sync_group"},
    "global_defs": {
        "router_id",
        "script_user",
        "enable_script_security",
        "vrrp_version",
        "notification_email",
    }
    | {"notification_email_from", "smtp_server", "smtp_connect_timeout", "vrrp_garp_master_refresh"}
    | {"vrrp_notify_fifo", "vrrp_notify_priority_changes"},
    "vrrp_script": {"script", "interval", "timeout", "fall", "rise", "weight"},
    "vrrp_instance": {
        "state",
        "interface",
        "virtual_router_id",
        "priority",
        "advert_int",
        "version",
        "nopreempt",
    }
    | {"preempt_delay", "authentication", "virtual_ipaddress", "track_script"}
    | {"unicast_src_ip", "unicast_peer", *_GARP},
    "vrrp_sync_group": {"group"},
}
"""Blocks → keywords that a generated configuration can express."""


@dataclass
class _Plan:
    """What the topology will say, as it grows."""

    nodes: dict[str, Conf]
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
            self.networks[interface] = _name(f"net-{interface}", self.networks.values(), "net")
        return self.networks[interface]

    def common(self, node: str, interface: str) -> str:
        """What the first node calls this interface."""
        return self.aliases.get((node, interface), interface)


def topology_from(confs: Sequence[tuple[str, str]]) -> str:
    """A topology file (YAML) that runs these configurations.

    Args:
        confs: (name of the node, its keepalived.conf), one to sixteen.

    Raises:
        UserError: there is nothing to run in them.
    """
    if not 1 <= len(confs) <= _MOST_NODES:
        raise UserError(f"{len(confs)} configurations cannot be one lab", f"give 1 to {_MOST_NODES}")
    nodes: dict[str, Conf] = {}
    for name, text in confs:
        nodes[_name(name, nodes, "node")] = Conf(read(text.replace("\r\n", "\n")))
    for name, conf in nodes.items():
        if not conf.members:
            raise UserError(
                f"{name}: there is no vrrp_instance in it", "give the nodes' keepalived.conf files"
            )
    plan = _Plan(nodes)
    _same_networks(plan)
    _name_networks(plan)
    _octets(plan)
    for node, conf in nodes.items():
        for block, own in conf.members:
            _member(plan, node, conf, block, own)
    return _yaml(plan)


def _source(plan: _Plan, node: str, block: Statement, own: Settings) -> str:
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


def _same_networks(plan: _Plan) -> None:
    """The interfaces of one virtual router are on one network, whatever each node calls its own."""
    first: dict[int | None, str] = {}
    for node, conf in plan.nodes.items():
        for _, own in conf.members:
            interface = first.setdefault(own.vrid, own.interface)
            if interface != own.interface:
                plan.aliases[node, own.interface] = interface


def _name_networks(plan: _Plan) -> None:
    """One that carries the virtual addresses is the lan, one for adverts alone the heartbeat."""
    members = [(node, *member) for node, conf in plan.nodes.items() for member in conf.members]
    adverts = {plan.common(node, own.interface) for node, _, own in members}
    entries = [(n, own, e) for n, block, own in members for e in listed(block, "virtual_ipaddress")]
    held = {plan.common(node, _device(own, entry)) for node, own, entry in entries}
    for name, found in (("lan", held or adverts), ("heartbeat", adverts - held if held else set())):
        if len(found) == 1:
            plan.networks[found.pop()] = name


def _device(own: Settings, entry: Statement) -> str:
    words = [word.text for word in entry.words]
    return words[words.index("dev") + 1] if "dev" in words[:-1] else own.interface


def _octets(plan: _Plan) -> None:
    taken: set[int] = {_CLIENT}
    for node, conf in plan.nodes.items():
        sources = {block.value(): _source(plan, node, block, own) for block, own in conf.members}
        own = next((o for s in sources.values() if (o := _octet(s)) and o not in taken), 0)
        plan.octets[node] = own or next(o for o in range(_FIRST_NODE, 255) if o not in taken)
        taken.add(plan.octets[node])
        for name, source in sources.items():
            if source:
                network = plan.network(node, conf.settings[name].interface)
                plan.addresses[source] = (network, plan.octets[node])


def _octet(address: str) -> int:
    """The last octet of an IPv4 address if the lab can use it, else 0."""
    try:
        octet = int(ip_address(address.partition("/")[0]).packed[-1]) if ":" not in address else 0
    except ValueError:
        return 0
    return octet if 2 <= octet <= 254 else 0


def _member(plan: _Plan, node: str, conf: Conf, block: Statement, own: Settings) -> None:
    name = _known_as(plan, own) or _name(own.instance, plan.instances, "VI")
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
    garp = {key: int(s.value()) for word, key in _GARP.items() if (s := block.last(word)) and _fits(key, s)}
    if not spec["members"]:
        spec |= {"peers": kind} if own.unicast_peers else {}
        spec |= {"garp": garp} if garp else {}
    if own.sync_group:
        group = plan.sync_groups.setdefault(_name(own.sync_group, (), "VG"), [])
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
    for entry in listed(block, "virtual_ipaddress"):
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


def _known_as(plan: _Plan, own: Settings) -> str:
    same = [n for n, spec in plan.instances.items() if spec["vrid"] == own.vrid]
    return same[0] if same else own.instance if own.instance in plan.instances else ""


def _virtual_address(plan: _Plan, node: str, own: Settings, spec: dict[str, Any], entry: Statement) -> None:
    address = entry.keyword.partition("/")[0]
    octet = _octet(address)
    if not octet:
        return
    network = plan.network(node, _device(own, entry))
    if address not in plan.addresses:
        taken = {*plan.octets.values(), _CLIENT, *(o for _, o in plan.addresses.values())}
        free = (o for o in (octet, *range(_FIRST_VIP, 255), *range(2, _FIRST_VIP)) if o not in taken)
        plan.addresses[address] = (network, next(free, octet))
    octets = spec["addresses"].setdefault(network, [])
    if plan.addresses[address][1] not in octets:
        octets.append(plan.addresses[address][1])


def _check(plan: _Plan, conf: Conf, spec: dict[str, Any], name: str) -> None:
    script = conf.scripts.get(name)
    if script is None or not _question(script) or _name(name, (), "c") != name:
        return
    if all(float(value).is_integer() and 1 <= value <= 3600 for value in (script.interval, script.timeout)):
        plan.checks.setdefault(
            name,
            {
                "ask": _question(script),
                "interval": int(script.interval),
                "timeout": int(script.timeout),
                "fall": min(script.fall, 100),
                "rise": min(script.rise, 100),
                "weight": script.weight,
            },
        )
        if name not in spec["checks"]:
            spec["checks"].append(name)


def _yaml(plan: _Plan) -> str:
    data = _data(plan)
    layout = Layout.numbered("lab", Topology.model_validate(data))
    interfaces = {network: network for network in layout.network_names}
    own = {
        node: _raw(plan, node, conf)
        for node, conf in plan.nodes.items()
        if not _sayable(conf.root) or not _says_the_same(plan, node, conf, write(layout, node, interfaces))
    }
    return "".join(line + "\n" for line in lines(data, own))


def _data(plan: _Plan) -> dict[str, Any]:
    for spec in plan.instances.values():
        if not spec["addresses"]:
            taken = {*plan.octets.values(), *(o for _, o in plan.addresses.values())}
            spec["addresses"] = {spec["network"]: [next(o for o in range(_FIRST_VIP, 255) if o not in taken)]}
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
        "clients": {"client": {"network": next(iter(first["addresses"])), "octet": _CLIENT, "target": name}},
    }


def _sayable(root: Statement) -> bool:
    """Whether a generated configuration has a word for everything in this one."""
    for block in root.body or ():
        if block.keyword not in _SAYABLE[""]:
            return False
        if any(inner.keyword not in _SAYABLE[block.keyword] for inner in block.body or ()):
            return False
    return True


def _says_the_same(plan: _Plan, node: str, conf: Conf, generated: str) -> bool:
    theirs, wanted = settings(generated), dict(conf.settings)
    by_vrid = {own.vrid: own for own in theirs.values()}
    for own in wanted.values():
        other = by_vrid.get(own.vrid)
        if other is None or _essence(own) != _essence(other):
            return False
        for mine_of, theirs_of in (
            (own.addresses, other.addresses),
            (own.unicast_peers, other.unicast_peers),
        ):
            octets = [plan.addresses.get(address, ("", 0))[1] for address in mine_of]
            if octets != [_octet(address) for address in theirs_of]:
                return False
        if plan.network(node, own.interface) != other.interface:
            return False
    mine, made = dict(conf.scripts), scripts(generated)
    return len(theirs) == len(wanted) and all(
        name in made and _essence_of(script) == _essence_of(made[name])
        for name, script in mine.items()
        if any(name in own.track_scripts for own in wanted.values())
    )


def _essence(own: Settings) -> tuple[object, ...]:
    return (
        own.priority,
        own.interval,
        own.version,
        own.state,
        own.nopreempt,
        own.preempt_delay,
        own.auth_pass,
        own.garp,
        own.sync_group,
    )


def _essence_of(script: Script) -> tuple[object, ...]:
    times = (script.interval, script.timeout, script.fall, script.rise, script.weight)
    return (*times, _question(script))


def _question(script: Script) -> str:
    """The SQL that a script asks mysqld, empty if it does something else."""
    found = _ASKS.fullmatch(script.command)
    return found[1].strip() if found and _PLAIN.fullmatch(found[1]) else ""


def _raw(plan: _Plan, node: str, conf: Conf) -> str:
    """A node's own configuration, with networks for its interfaces and `NETWORK.OCTET` for the lab's "
    "addresses."""
    text = replace_words(
        conf.document.texts[""], interface_words(conf.root), lambda interface: plan.network(node, interface)
    )

    def address(found: re.Match[str]) -> str:
        network, octet = plan.addresses.get(found[0], ("", 0))
        return f"{network}.{octet}" if network else found[0]

    return re.sub(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", address, text)


def _name(wanted: str, taken: Any, fallback: str) -> str:
    """A name that a topology allows and that is not taken yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:17].strip("-")
    if not base[:1].isalpha() or base.lower() in YAML_WORDS:
        base = f"{fallback}{base}"[:17]
    used = set(taken)
    return next(n for n in chain([base], (f"{base}-{k}" for k in count(2))) if n not in used)
