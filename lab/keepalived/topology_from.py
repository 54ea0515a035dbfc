"""Makes a topology of real keepalived.conf files, one a node.

What a generated configuration can say the same way becomes settings of the topology; a node whose file says
more keeps it whole, with its interfaces and addresses turned into the lab's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain, count
from typing import Any

from lab.errors import UserError
from lab.keepalived.diagnose.conf import Conf, listed
from lab.keepalived.places import interface_words, replace_words
from lab.keepalived.settings import Script, Settings, scripts, settings
from lab.keepalived.syntax import Statement, read
from lab.keepalived.write import write
from lab.topology import Layout, Topology

_MOST_NODES = 16
_FIRST_NODE, _FIRST_VIP, _CLIENT = 11, 100, 50
_PASSWORD = re.compile(r"[A-Za-z0-9._-]{1,8}")
_ASKS = re.compile(r"\S*/?mysql\s.*?(?:--execute|-e)[ =]?\s*'?([^'\"]+)'?\s*$")
_PLAIN = re.compile(r"[^\x00-\x1f{}\"'\\!#`$]{1,200}")
_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
_SAYABLE = {
    "": {"global_defs", "vrrp_script", "vrrp_instance"},
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
    | {"preempt_delay", "authentication", "virtual_ipaddress", "track_script"},
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
        given = [b.last(key) for b, _ in conf.members for key in ("unicast_src_ip", "mcast_src_ip")]
        sources = [statement.value() for statement in given if statement]
        own = next((o for s in sources if (o := _octet(s)) and o not in taken), 0)
        plan.octets[node] = own or next(o for o in range(_FIRST_NODE, 255) if o not in taken)
        taken.add(plan.octets[node])
        for block, _ in conf.members:
            source = block.last("unicast_src_ip") or block.last("mcast_src_ip")
            if source:
                network = plan.network(node, conf.settings[block.value()].interface)
                plan.addresses[source.value()] = (network, plan.octets[node])


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
    member: dict[str, Any] = {"priority": own.priority}
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
    return "".join(line + "\n" for line in _lines(data, own))


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
        octets = [plan.addresses.get(address, ("", 0))[1] for address in own.addresses]
        if octets != [_octet(address) for address in other.addresses]:
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


def _lines(data: Mapping[str, Any], own: Mapping[str, str]) -> Iterator[str]:
    yield f"version: {data['version']}"
    yield f"title: {_flow(data['title'])}"
    yield f"networks: [{', '.join(data['networks'])}]"
    yield ""
    yield "nodes:"
    for node, octet in data["nodes"].items():
        yield f"  {node}:" if node in own else f"  {node}: {octet}"
        if node in own:
            yield f"    octet: {octet}"
            yield from _block(own[node])
    yield ""
    yield "instances:"
    for name, spec in data["instances"].items():
        yield f"  {name}:"
        for key, value in spec.items():
            if key != "members":
                yield f"    {key}: {_flow(value)}"
                continue
            yield "    members:"
            for node, member in value.items():
                yield f"      {node}: {_flow(member if len(member) > 1 else member['priority'])}"
    yield ""
    yield f"replication: {_flow(data['replication'])}"
    for key in ("checks", "clients"):
        if data[key]:
            yield ""
            yield from [f"{key}:", *(f"  {name}: {_flow(value)}" for name, value in data[key].items())]


def _block(text: str) -> Iterator[str]:
    """`conf:` as a literal block where YAML can hold it, else as a quoted string."""
    if all(char.isprintable() or char in "\n\t" for char in text) and "\ufeff" not in text:
        yield "    conf: |2"
        yield from (f"      {line}".rstrip() for line in text.rstrip("\n").split("\n"))
    else:
        yield f"    conf: {_quoted(text)}"


def _quoted(text: str) -> str:
    import yaml

    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return dumped.rstrip("\n")


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case float() if value.is_integer():
            return str(int(value))
        case str() if _UNQUOTED.fullmatch(value) and value.lower() not in _YAML_WORDS:
            return value
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _name(wanted: str, taken: Any, fallback: str) -> str:
    """A name that a topology allows and that is not taken yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:17].strip("-")
    if not base[:1].isalpha() or base.lower() in _YAML_WORDS:
        base = f"{fallback}{base}"[:17]
    used = set(taken)
    return next(n for n in chain([base], (f"{base}-{k}" for k in count(2))) if n not in used)
