"""The topology file's model: what should exist. Data only; nothing here can become shell or configuration.

`Topology` is what a person writes (YAML, version 1), `Layout` is a topology with subnets: the names and
addresses of one running lab. Last octets are the file's, so prose and screen agree in every run.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from lab.actions import Action, from_words, parse, resolve
from lab.errors import ActionError

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}$")]
"""A name of a node, network, instance or check: safe in a shell, a host name and keepalived.conf."""
Octet = Annotated[int, Field(ge=2, le=254)]
Priority = Annotated[int, Field(ge=1, le=255)]
PlainText = Annotated[str, Field(pattern=r"^[^\x00-\x1f{}\"'\\!#`$]*$", max_length=200)]
"""Text that ends up inside quotes of a configuration file: no quote, brace, comment sign or control byte."""

Sql = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
"""One statement; it is sent to mysqld as it is and reaches nothing else."""
Fault = Annotated[str, Field(min_length=1, max_length=200)]
"""An action as in scripts, without a time."""
_INSTEAD = {
    "sql": ": write it under `sql`",
    "edit": ": write it under `conf` of the node",
    "reset": "",
    "end": "",
}
"""Verbs that cannot be faults, and what to do instead."""

Loc = tuple[str | int, ...]
"""The way to a part of the file: keys and indices, as pydantic gives them."""
KEY = "[key]"
"""Ends a Loc that means a key itself."""
CHECK_KINDS = ("ask", "tcp", "process", "reach", "quorum")
PING_WAIT = 0.5
"""Seconds that the checks `reach` and `quorum` wait for an answer; compose/quorum has it too."""
COLLECT = {"collect": True}
"""A validation context: leave contradictions to `Topology.problems` instead of raising."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A contradiction, with its code (docs/checks.md) and where it stands.

    `kind` and `name` say what is missing, if something is.
    """

    code: str
    loc: Loc
    message: str
    kind: str = ""
    name: str = ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _names_to_mapping(value: Any) -> Any:
    """`[lan, heartbeat]` is short for `{lan: {}, heartbeat: {}}`."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    if isinstance(value, dict):
        return {k: {} if v is None else v for k, v in value.items()}
    return value


def _short(key: str) -> BeforeValidator:
    """A bare number in a mapping's values is short for `{key: number}`."""

    def widen(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: {key: v} if isinstance(v, int) else v for k, v in value.items()}
        return value

    return BeforeValidator(widen)


class NetworkSpec(_Part):
    """A layer-2 network: one bridge, one /24."""


Service = Literal["mysql", "router", "host"]
"""What a node is there for."""
PROGRAMS: dict[Service, tuple[str, ...]] = {
    "mysql": ("mysqld", "keepalived"),
    "router": ("keepalived",),
    "host": (),
}
"""The services (processes) that run on each kind of node."""


class NodeSpec(_Part):
    """A machine. `networks` defaults to all.

    `service` says what it is there for: `mysql` runs mysqld and keepalived; a `router` forwards between its
    networks and runs keepalived alone; a `host` runs neither, it answers ping. `gateway` is the instance by
    whose virtual address a host reaches networks that it is not on. `conf` is a keepalived.conf in place of
    the generated one; it runs in the node's container like any that a learner writes there. Networks stand
    for interfaces in it, `NETWORK.OCTET` for addresses.
    """

    octet: Octet
    service: Service = "mysql"
    networks: tuple[Name, ...] | None = None
    gateway: Name | None = None
    conf: Annotated[str, Field(min_length=1, max_length=65_536)] | None = None


class Garp(_Part):
    """When a Master announces its addresses: keepalived's settings, `garp_` left out. Seconds and frames.

    What is not given stays as keepalived has it: 5 frames at once and 5 more after 5 s, no refresh, and the
    same again whenever a lower priority is heard.
    """

    master_delay: Annotated[int, Field(ge=0, le=3600)] | None = None
    master_repeat: Annotated[int, Field(ge=1, le=100)] | None = None
    master_refresh: Annotated[int, Field(ge=0, le=3600)] | None = None
    master_refresh_repeat: Annotated[int, Field(ge=1, le=100)] | None = None
    lower_prio_delay: Annotated[int, Field(ge=0, le=3600)] | None = None
    lower_prio_repeat: Annotated[int, Field(ge=0, le=100)] | None = None

    def given(self) -> dict[str, int]:
        """What the file gives, by keepalived's keywords."""
        return {f"garp_{key}": value for key, value in self if value is not None}


Peers = Literal["multicast", "unicast"]
"""How adverts travel: to the group 224.0.0.18, or to each of the other members by its own address."""


class Member(_Part):
    """One node's part in an instance."""

    priority: Priority
    state: Literal["MASTER", "BACKUP"] = "BACKUP"
    nopreempt: bool = False
    preempt_delay: Annotated[float, Field(ge=0, le=1000)] = 0
    auth_pass: PlainText | None = None
    interval: Annotated[float, Field(gt=0, le=255)] | None = None
    peers: Peers | None = None


class Check(_Part):
    """A vrrp_script of one kind; of none it asks the node's mysqld `SELECT 1`.

    `ask` is a question to the node's own mysqld, `tcp` a port of the node that accepts a connection,
    `process` one that exists, `reach` a node, client or NETWORK.OCTET that answers a ping, `quorum` the
    voters of whom more than half must answer one, the node itself included. `network` is where the last two
    ask. Seconds, counts of runs, a weight (0: FAULT).
    """

    ask: PlainText | None = None
    tcp: Annotated[int, Field(ge=1, le=65535)] | None = None
    process: Literal["mysqld"] | None = None
    reach: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}(\.[0-9]{1,3})?$")] | None = None
    quorum: Annotated[tuple[Name, ...], Field(min_length=2, max_length=32)] | None = None
    network: Name | None = None
    interval: Annotated[int, Field(ge=1, le=3600)] = 2
    timeout: Annotated[int, Field(ge=1, le=3600)] = 2
    fall: Annotated[int, Field(ge=1, le=100)] = 2
    rise: Annotated[int, Field(ge=1, le=100)] = 2
    weight: Annotated[int, Field(ge=-253, le=253)] = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are given: one, or none."""
        return tuple(kind for kind in CHECK_KINDS if getattr(self, kind) is not None)

    @property
    def asked(self) -> tuple[str, ...]:
        """Whom it pings: names, or NETWORK.OCTET."""
        return self.quorum or ((self.reach,) if self.reach else ())


class Instance(_Part):
    """A virtual router: who takes part, where its adverts travel, which addresses it owns.

    `addresses` maps a network to last octets; `track` names other networks whose interface must be up;
    `fence` is how the mysqld of a node that is not Master is kept from being written to.
    """

    network: Name
    vrid: Annotated[int, Field(ge=1, le=255)]
    members: Annotated[dict[Name, Member], _short("priority"), Field(min_length=1, max_length=16)]
    addresses: Annotated[dict[Name, tuple[Octet, ...]], Field(min_length=1)]
    version: Literal[2, 3] = 2
    interval: Annotated[float, Field(gt=0, le=255)] = 1
    auth_pass: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,8}$")] | None = None
    checks: tuple[Name, ...] = ()
    track: tuple[Name, ...] = ()
    peers: Peers = "multicast"
    garp: Garp = Garp()
    fence: Literal["super_read_only"] | None = None

    def unicast(self, node: str) -> bool:
        """Whether a member sends its adverts to each peer's own address."""
        return (self.members[node].peers or self.peers) == "unicast"


class ReplicationSpec(_Part):
    """Who replicates from whom, and over which network.

    `source` is who is written to if the kind is `source-replica`; the first MySQL server if not given.
    """

    kind: Literal["two-sources", "source-replica", "none"] = "none"
    source: Name | None = None
    network: Name | None = None


class ProbeSpec(_Part):
    """What a client tries: `ping` names a host, which it reaches through its target's virtual address."""

    ping: Name


class ClientSpec(_Part):
    """A client: `rate` tries a second, each a login to `target`'s virtual address unless `probe` says else.

    `writes` rows a second go there, too; a client that pings writes none. With `workload: update` each write
    also adds 1 to the balance of account 1, in the same transaction: a counter that loses what a split
    overwrites, while every row is there.
    """

    network: Name
    octet: Octet
    target: Name
    probe: ProbeSpec | None = None
    rate: Annotated[float, Field(gt=0, le=100)] = 20
    writes: Annotated[float, Field(ge=0, le=100)] = 2
    workload: Literal["insert", "update"] = "insert"

    @model_validator(mode="before")
    @classmethod
    def _no_rows_by_ping(cls, data: Any) -> Any:
        return {"writes": 0, **data} if isinstance(data, dict) and data.get("probe") else data


class Topology(_Part):
    """A whole topology file."""

    version: Literal[1]
    title: Annotated[str, Field(max_length=120)]
    description: Annotated[str, Field(max_length=4000)] = ""
    networks: Annotated[
        dict[Name, NetworkSpec], BeforeValidator(_names_to_mapping), Field(min_length=1, max_length=8)
    ]
    nodes: Annotated[dict[Name, NodeSpec], _short("octet"), Field(min_length=1, max_length=16)]
    instances: dict[Name, Instance] = {}
    sync_groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=2)]] = {}
    checks: dict[Name, Check] = {}
    replication: ReplicationSpec = ReplicationSpec()
    clients: dict[Name, ClientSpec] = {}
    sql: dict[Name, Annotated[tuple[Sql, ...], Field(max_length=100)]] = {}
    faults: Annotated[tuple[Fault, ...], Field(max_length=32)] = ()

    @model_validator(mode="after")
    def _references(self, info: ValidationInfo) -> Self:
        if info.context is not COLLECT and (problems := self.problems()):
            raise ValueError("; ".join(problem.message for problem in problems))
        return self

    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""
        spec = self.nodes.get(node)
        return PROGRAMS[spec.service] if spec else ()

    def pinged(self, client: str) -> str | None:
        """The host that a client pings; None if it logs in to mysqld, or is no client."""
        spec = self.clients.get(client)
        return spec.probe.ping if spec and spec.probe else None

    def problems(self) -> list[Problem]:
        """Where the topology contradicts itself, in no order; empty if it can be laid out."""
        return [
            *(*self._unknown_names(), *self._clashes(), *self._absences()),
            *(*self._checks(), *self._fences(), *self._unfit_services(), *self._faults()),
        ]

    def _unknown_names(self) -> Iterator[Problem]:
        known: dict[str, Mapping[str, object]] = {
            "network": self.networks,
            "node": self.nodes,
            "check": self.checks,
            "instance": self.instances,
            "host": {**self.nodes, **self.clients},
        }
        for kind, name, where, loc in self._uses():
            if name not in known[kind]:
                message = f"{where} names {kind} {name!r}, which is not defined"
                yield Problem("TP020", loc, message, kind, name)

    def _uses(self) -> Iterator[tuple[str, str, str, Loc]]:
        """(kind, name, who uses it, place) of each reference."""
        for key, instance in self.instances.items():
            where, at = f"instance {key}", ("instances", key)
            yield "network", instance.network, where, (*at, "network")
            yield from (("network", n, where, (*at, "track", k)) for k, n in enumerate(instance.track))
            yield from (("network", n, where, (*at, "addresses", n, KEY)) for n in instance.addresses)
            yield from (("node", n, where, (*at, "members", n, KEY)) for n in instance.members)
            yield from (("check", n, where, (*at, "checks", k)) for k, n in enumerate(instance.checks))
        for key, group in self.sync_groups.items():
            for k, name in enumerate(group):
                yield "instance", name, f"sync group {key}", ("sync_groups", key, k)
        for key, client in self.clients.items():
            yield "network", client.network, f"client {key}", ("clients", key, "network")
            yield "instance", client.target, f"client {key}", ("clients", key, "target")
            if client.probe:
                yield "node", client.probe.ping, f"client {key}", ("clients", key, "probe", "ping")
        for key, node in self.nodes.items():
            for k, name in enumerate(node.networks or ()):
                yield "network", name, f"node {key}", ("nodes", key, "networks", k)
            if node.gateway:
                yield "instance", node.gateway, f"node {key}", ("nodes", key, "gateway")
        for key in self.sql:
            yield "node", key, "sql", ("sql", key, KEY)
        if self.replication.network:
            yield "network", self.replication.network, "replication", ("replication", "network")
        if self.replication.source:
            yield "node", self.replication.source, "replication", ("replication", "source")
        for key, check in self.checks.items():
            where, at = f"check {key}", ("checks", key)
            if check.network:
                yield "network", check.network, where, (*at, "network")
            if check.reach:
                name, dot, _ = check.reach.partition(".")
                yield "network" if dot else "host", name, where, (*at, "reach")
            yield from (("host", n, where, (*at, "quorum", k)) for k, n in enumerate(check.quorum or ()))

    def _faults(self) -> Iterator[Problem]:
        """Faults that are no action, or none that a lab can begin with."""
        names = _Names(self)
        for number, line in enumerate(self.faults):
            try:
                verb = parse(line, names).verb
                wrong = f"{verb!r} is no fault" + _INSTEAD[verb] if verb in _INSTEAD else ""
            except ActionError as error:
                wrong = error.message + (f": {error.hint}" if error.hint else "")
            if wrong:
                yield Problem("TP028", ("faults", number), wrong)

    def _clashes(self) -> Iterator[Problem]:
        for name in self.nodes.keys() & self.clients.keys():
            yield Problem("TP022", ("clients", name, KEY), f"{name} is a node and a client")
        for network in self.networks:
            taken: dict[int, str] = {}
            for octet, owner, loc in self._octets(network):
                if octet in taken:
                    message = f"{owner} and {taken[octet]} both use .{octet} on {network}"
                    yield Problem("TP021", loc, message)
                taken[octet] = owner
        grouped: dict[str, str] = {}
        for key, group in self.sync_groups.items():
            for k, name in enumerate(group):
                if name in grouped:
                    message = f"{name} is in sync group {grouped[name]} already"
                    yield Problem("TP027", ("sync_groups", key, k), message)
                grouped[name] = key
        servers = sum(node.service == "mysql" for node in self.nodes.values())
        if self.replication.kind != "none" and servers != 2:
            message = f"replication {self.replication.kind} needs exactly two MySQL servers, not {servers}"
            yield Problem("TP023", ("replication", "kind"), message)

    def _absences(self) -> Iterator[Problem]:
        """Members that are not on a network which their instance needs."""
        for key, instance in self.instances.items():
            needed = dict.fromkeys((instance.network, *instance.addresses, *instance.track))
            for name in instance.members:
                own = self.nodes[name].networks if name in self.nodes else None
                for network in needed:
                    if own is not None and network not in own and network in self.networks:
                        message = f"{name} is a member of {key}, but not on its network {network}"
                        yield Problem("TP024", ("instances", key, "members", name, KEY), message)

    def _checks(self) -> Iterator[Problem]:
        """Checks of no clear kind, and what a check asks for where it cannot be reached."""
        for key, check in self.checks.items():
            at: Loc = ("checks", key)
            if len(check.kinds) > 1:
                message = f"a check is of one kind, and {key} has {' and '.join(check.kinds)}"
                yield Problem("TP050", (*at, check.kinds[1], KEY), message)
            elif check.network and (not check.asked or "." in (check.reach or "")):
                message = f"`network` means nothing for `{(*check.kinds, 'ask')[0]}`"
                yield Problem("TP050", (*at, "network", KEY), message)
            network, dot, octet = (check.reach or "").partition(".")
            if dot and network in self.networks and int(octet) not in {o for o, *_ in self._octets(network)}:
                yield Problem("TP051", (*at, "reach"), f"nothing has .{octet} on {network}")
            for node in self._users(key):
                yield from self._out_of_reach(key, check, node)

    def _users(self, check: str) -> tuple[str, ...]:
        """The nodes that run a check."""
        users = (i.members for i in self.instances.values() if check in i.checks)
        return tuple(dict.fromkeys(name for members in users for name in members if name in self.nodes))

    def _out_of_reach(self, key: str, check: Check, node: str) -> Iterator[Problem]:
        own = self.networks_of(node)
        for k, name in enumerate(check.asked):
            loc: Loc = ("checks", key, "quorum", k) if check.quorum else ("checks", key, "reach")
            network, dot, _ = name.partition(".")
            if dot:
                missing = network in self.networks and network not in own
            elif name in self.nodes or name in self.clients:
                theirs = self.networks_of(name)
                network = check.network or ""
                missing = not {network} <= {*own} & {*theirs} if network else not {*own} & {*theirs}
            else:
                continue
            if missing:
                where = f"on {network}" if network else "on one network"
                yield Problem("TP051", loc, f"{node} runs {key}, but {node} and {name} are not both {where}")
        if check.quorum and node not in check.quorum:
            yield Problem("TP053", ("checks", key, "quorum"), f"{node} runs {key}, but has no vote in it")

    def _fences(self) -> Iterator[Problem]:
        fenced: dict[str, str] = {}
        for key, instance in self.instances.items():
            for node in instance.members if instance.fence else ():
                if fenced.setdefault(node, key) != key:
                    message = f"{key} and {fenced[node]} both fence the mysqld of {node}"
                    yield Problem("TP052", ("instances", key, "fence"), message)

    def networks_of(self, name: str) -> tuple[str, ...]:
        """The networks a node or client is on."""
        if name in self.clients:
            return (self.clients[name].network,)
        own = self.nodes[name].networks
        return tuple(self.networks) if own is None else own

    def _unfit_services(self) -> Iterator[Problem]:
        """What is asked of nodes that run no such service."""
        source = self.replication.source
        if source in self.nodes and self.nodes[source].service != "mysql":
            yield Problem("TP025", ("replication", "source"), f"{source} runs no mysqld to replicate from")
        hosts = {name for name, node in self.nodes.items() if node.service == "host"}
        for key, instance in self.instances.items():
            for name in hosts & instance.members.keys():
                message = f"{name} is a host and runs no keepalived, so it cannot be a member of {key}"
                yield Problem("TP025", ("instances", key, "members", name, KEY), message)
            for name in instance.members if instance.fence else ():
                if name in self.nodes and self.nodes[name].service == "router":
                    message = f"{name} is a router: it has no mysqld that {key} could fence"
                    yield Problem("TP025", ("instances", key, "fence"), message)
        for key, node in self.nodes.items():
            if node.conf is not None and key in hosts:
                yield Problem("TP025", ("nodes", key, "conf"), f"{key} is a host and runs no keepalived")
            if node.gateway and key not in hosts:
                message = f"{key} is no host: `gateway` is for nodes with `service: host`"
                yield Problem("TP025", ("nodes", key, "gateway"), message)
        for key in self.sql:
            if key in self.nodes and self.nodes[key].service != "mysql":
                yield Problem(
                    "TP025", ("sql", key, KEY), f"{key} is a {self.nodes[key].service}: it runs no mysqld"
                )
        for key, client in self.clients.items():
            if client.probe and client.probe.ping in self.nodes.keys() - hosts:
                message = f"{key} pings {client.probe.ping}, which is no host"
                yield Problem("TP025", ("clients", key, "probe", "ping"), message)
            if client.probe and client.writes:
                message = f"{key} pings: it has no server to write rows to"
                yield Problem("TP026", ("clients", key, "writes"), message)

    def _octets(self, network: str) -> Iterator[tuple[int, str, Loc]]:
        for name, spec in self.nodes.items():
            if spec.networks is None or network in spec.networks:
                yield spec.octet, name, ("nodes", name, "octet")
        for name, client in self.clients.items():
            if client.network == network:
                yield client.octet, name, ("clients", name, "octet")
        for name, instance in self.instances.items():
            for k, octet in enumerate(instance.addresses.get(network, ())):
                yield octet, name, ("instances", name, "addresses", network, k)


class _Names:
    """What a fault may name, before there are subnets: a virtual address by its last octet (`.100`)."""

    def __init__(self, topology: Topology) -> None:
        self.node_names = tuple(topology.nodes)
        self.client_names = tuple(topology.clients)
        self.network_names = tuple(topology.networks)
        octets = (o for spec in topology.instances.values() for each in spec.addresses.values() for o in each)
        self.vip_addresses = tuple(f".{octet}" for octet in octets)
        self.services, self.pinged = topology.services, topology.pinged


class Layout:
    """A topology with subnets: every name and address of one running lab.

    Args:
        name: the topology's short name, from its file's.
        topology: what should exist.
        subnets: network name → CIDR (a /24).
    """

    def __init__(self, name: str, topology: Topology, subnets: dict[str, str]) -> None:
        self.name = name
        self.topology = topology
        self.subnets = {n: IPv4Network(cidr) for n, cidr in subnets.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layout):
            return NotImplemented
        return (self.name, self.topology, self.subnets) == (other.name, other.topology, other.subnets)

    def __hash__(self) -> int:
        return hash((self.name, *self.subnets.values()))

    @classmethod
    def numbered(cls, name: str, topology: Topology, first: int = 0) -> Layout:
        """Subnets 198.18.first.0/24 and on, one a network (RFC 2544's range, never routed)."""
        subnets = {n: f"198.18.{first + k}.0/24" for k, n in enumerate(topology.networks)}
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
    def vip_addresses(self) -> tuple[str, ...]:
        """Every virtual address, in the file's order."""
        return tuple(a for i in self.topology.instances for a, _ in self.vips(i))

    def source_of(self, node: str) -> str | None:
        """The node whose mysqld this node's replicates from; None if from none."""
        replication, names = self.topology.replication, self.mysql_names
        if replication.kind == "none" or node not in names:
            return None
        source = replication.source or names[0]
        if replication.kind == "source-replica":
            return None if node == source else source
        return next(name for name in names if name != node)

    def begins_read_only(self, node: str) -> bool:
        """Whether the node's mysqld starts with super_read_only: a replica, or one that is fenced."""
        replica = self.topology.replication.kind == "source-replica" and self.source_of(node) is not None
        return replica or self.fences(node)

    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""
        return self.topology.services(node)

    def pinged(self, client: str) -> str | None:
        """The host that a client pings; None if it logs in to mysqld, or is no client."""
        return self.topology.pinged(client)

    def target(self, client: str) -> str:
        """The virtual address a client uses: its target's first one on the client's own network, if any."""
        spec = self.topology.clients[client]
        return self._on_network(spec.target, spec.network) or self.vips(spec.target)[0][0]

    def pinged_address(self, client: str) -> str | None:
        """The address that a client pings: the host's first on a network that the client is not on."""
        host = self.pinged(client)
        if host is None:
            return None
        own, networks = self.networks_of(client), self.networks_of(host)
        return self.address(host, next((n for n in networks if n not in own), networks[0]))

    def way(self, name: str) -> tuple[str, str] | None:
        """(network, virtual address) by which a host or a pinging client reaches networks it is not on.

        None if it has no gateway, or that has no address on a network of its own.
        """
        node, client = self.topology.nodes.get(name), self.topology.clients.get(name)
        gateway = node.gateway if node else client.target if client and client.probe else None
        if gateway is None:
            return None
        ways = ((n, self._on_network(gateway, n)) for n in self.networks_of(name))
        return next(((network, address) for network, address in ways if address), None)

    def routes(self, name: str) -> dict[str, str]:
        """CIDR → virtual address of its gateway, for each of the lab's networks that a node is not on."""
        way = self.way(name)
        own = self.networks_of(name)
        return {str(c): way[1] for n, c in self.subnets.items() if n not in own} if way else {}

    def _on_network(self, instance: str, network: str) -> str | None:
        """An instance's first virtual address on a network."""
        return next((address for address, n in self.vips(instance) if n == network), None)

    def networks_of(self, node: str) -> tuple[str, ...]:
        """The networks a node or client is on."""
        return self.topology.networks_of(node)

    def address(self, node: str, network: str) -> str:
        """A node's or client's own address on a network, without prefix length."""
        spec = self.topology.nodes.get(node) or self.topology.clients[node]
        return self._host(network, spec.octet)

    def seen_by(self, node: str, check: Check) -> tuple[str, ...]:
        """The addresses that a check of a node's pings: never its own, as it needs no ping to see itself."""
        found = []
        for name in check.asked:
            network, dot, octet = name.partition(".")
            if dot:
                found.append(self._host(network, int(octet)))
            elif name != node:
                shared = (n for n in self.networks_of(node) if n in self.networks_of(name))
                found.append(self.address(name, check.network or next(shared)))
            elif check.reach:
                found.append(self.address(node, check.network or self.networks_of(node)[0]))
        return tuple(found)

    def fences(self, node: str) -> bool:
        """Whether the node's mysqld may be written to only while it is Master."""
        return any(self.topology.instances[name].fence for name in self.instances_of(node))

    def vips(self, instance: str) -> tuple[tuple[str, str], ...]:
        """(address, network) of each virtual address of an instance."""
        spec = self.topology.instances[instance].addresses
        return tuple(
            (self._host(network, octet), network) for network, octets in spec.items() for octet in octets
        )

    def sync_groups_of(self, node: str) -> dict[str, tuple[str, ...]]:
        """The sync groups on a node: name → those of its instances that the node takes part in."""
        own = self.instances_of(node)
        found = {n: tuple(i for i in g if i in own) for n, g in self.topology.sync_groups.items()}
        return {name: instances for name, instances in found.items() if instances}

    def members_peers(self, instance: str, node: str) -> tuple[str, ...]:
        """Addresses of an instance's other members, on the network of its adverts."""
        spec = self.topology.instances[instance]
        return tuple(self.address(n, spec.network) for n in spec.members if n != node)

    def instances_of(self, node: str) -> tuple[str, ...]:
        """The instances a node takes part in."""
        return tuple(n for n, i in self.topology.instances.items() if node in i.members)

    def peers(self, node: str, network: str) -> tuple[str, ...]:
        """Addresses of the other servers on a network."""
        return tuple(
            self.address(n, network)
            for n in self.server_names
            if n != node and network in self.networks_of(n)
        )

    def faults(self) -> tuple[Action, ...]:
        """The faults that the lab begins with."""
        return tuple(from_words(resolve(shlex.split(line), self), self) for line in self.topology.faults)

    def owner_of(self, address: str) -> str | None:
        """The node or client whose own address this is, None for a virtual or unknown one."""
        return self._by_address.get(address)

    @cached_property
    def _by_address(self) -> dict[str, str]:
        names = (*self.node_names, *self.client_names)
        return {self.address(n, net): n for n in names for net in self.networks_of(n)}

    def _host(self, network: str, octet: int) -> str:
        return str(self.subnets[network].network_address + octet)

    def to_data(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Plain data of the topology and its subnets, as the `lab` event carries them."""
        data = self.topology.model_dump(mode="json", exclude_defaults=True)
        return {**data, "version": self.topology.version}, {n: str(s) for n, s in self.subnets.items()}
