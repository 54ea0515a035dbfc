"""The contents of a topology file: networks, nodes, virtual routers, checks, clients. Data only.

Nothing here can become shell or configuration syntax, but for what a node brings itself (`conf`, `files`):
names and texts match patterns that are safe in both.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hatlab.topology.node_file import MOST_FILES, FilePath, NodeFile, text_to_file
from hatlab.util.text import one_line

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}$")]
"""A name of a node, network, instance or check: safe in a shell, a host name and keepalived.conf."""
Octet = Annotated[int, Field(ge=2, le=254)]
Priority = Annotated[int, Field(ge=1, le=255)]
PlainText = Annotated[str, Field(pattern=r"""^[^\x00-\x1f{}"'\\!#`$]*$""", max_length=200)]
"""Text that ends up inside quotes of a configuration file: no quote, brace, comment sign or control byte."""

Sql = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
"""One statement; it is sent to mysqld as it is and reaches nothing else."""
FaultLine = Annotated[str, Field(min_length=1, max_length=200)]
"""An action as in scripts, without a time."""

CHECK_KINDS = ("ask", "tcp", "process", "reach", "quorum")
PING_WAIT = 0.5
"""Seconds that the checks `reach` and `quorum` wait for an answer; compose/quorum has it too."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def names_to_mapping(value: Any) -> Any:
    """Take `[lan, heartbeat]` for `{lan: {}, heartbeat: {}}`."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    if isinstance(value, dict):
        return {k: {} if v is None else v for k, v in value.items()}
    return value


def short_form(key: str) -> BeforeValidator:
    """Take a bare number in a mapping's values for `{key: number}`."""

    def widen(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: {key: v} if isinstance(v, int) else v for k, v in value.items()}
        return value

    return BeforeValidator(widen)


class NetworkSpec(_Part):
    """A layer-2 network: one bridge, one /24, and a /64 if something on it speaks IPv6."""


Family = Literal["ipv4", "ipv6"]
"""The kind of addresses that a virtual router has, and of its adverts."""
Service = Literal["mysql", "router", "host"]
"""The job of a node."""
PROGRAMS: dict[Service, tuple[str, ...]] = {
    "mysql": ("mysqld", "keepalived"),
    "router": ("keepalived",),
    "host": (),
}
"""The services (processes) that run on each kind of node."""


class NodeSpec(_Part):
    """A machine. `networks` defaults to all.

    `service` says what the node is for: `mysql` runs mysqld and keepalived; `router` forwards between its
    networks and runs only keepalived; `host` runs neither and answers ping. `gateway` is the router by
    which the node reaches networks that it is not on, or for a host an instance with its virtual address.
    `conf` is a keepalived.conf instead of the generated one; it runs in the node's container like any
    that a learner writes there. In it, networks stand for interfaces, `NETWORK.OCTET` for IPv4 addresses
    and `NETWORK::OCTET` for IPv6 addresses. `files` are other files on its disk.
    """

    octet: Octet
    """Last octet of its address on each of its networks, 2 to 254."""
    service: Service = "mysql"
    """mysql runs mysqld and keepalived. router forwards between its networks and runs only keepalived. host
    runs neither and answers ping."""
    networks: tuple[Name, ...] | None = None
    """The networks it is on; all if not given."""
    gateway: Name | None = None
    """How it reaches networks that it is not on: the name of a router or, for a host, of an instance of
    routers, whose virtual address it uses."""
    conf: Annotated[str, Field(min_length=1, max_length=65_536)] | None = None
    """Its keepalived.conf, instead of the generated one: networks stand for interfaces, NETWORK.OCTET for
    IPv4 addresses and NETWORK::OCTET for IPv6 addresses."""
    files: Annotated[
        dict[FilePath, NodeFile], BeforeValidator(text_to_file), Field(max_length=MOST_FILES)
    ] = {}
    """Files on its disk before keepalived starts, such as scripts that `conf` names: absolute path → the
    text, or more settings of that file."""


class Garp(_Part):
    """When a Master announces its addresses: keepalived's settings without `garp_`, in seconds and frames.

    Without them keepalived sends 5 frames at once and 5 more after 5 s, repeats nothing, and does the same
    whenever it hears a lower priority.
    """

    master_delay: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Seconds from becoming Master to the second announcement; 0: none. keepalived: 5."""
    master_repeat: Annotated[int, Field(ge=1, le=100)] | None = None
    """Gratuitous ARPs in each announcement. keepalived: 5."""
    master_refresh: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Seconds from one refresh to the next; 0: none. keepalived: 0."""
    master_refresh_repeat: Annotated[int, Field(ge=1, le=100)] | None = None
    """Gratuitous ARPs in each refresh. keepalived: 1."""
    lower_prio_delay: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Seconds to the second announcement after a lower priority. keepalived: 5."""
    lower_prio_repeat: Annotated[int, Field(ge=0, le=100)] | None = None
    """Gratuitous ARPs after hearing a lower priority; 0: none. keepalived: 5."""

    def as_keywords(self) -> dict[str, int]:
        """The settings that the file has, by keepalived's keywords."""
        return {f"garp_{key}": value for key, value in self if value is not None}


CheckName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@:+-]{1,64}$")]
"""The name of a vrrp_script in someone's file."""
Assumption = Literal["ok", "fail", "mysqld"]
"""What a check is taken to do: it passes, it fails, or it asks mysqld."""
Peers = Literal["multicast", "unicast"]
"""How adverts travel: to the group 224.0.0.18 (ff02::12 in IPv6), or to each of the other members by its own
address."""


class Member(_Part):
    """One node's part in an instance."""

    priority: Priority
    """1 to 255; the highest becomes Master."""
    state: Literal["MASTER", "BACKUP"] = "BACKUP"
    """How keepalived starts: BACKUP. MASTER only clears nopreempt and preempt_delay."""
    nopreempt: bool = False
    """Do not take over from a living Master of lower priority."""
    preempt_delay: Annotated[float, Field(ge=0, le=1000)] = 0
    """Seconds to wait before taking over from a lower priority."""
    auth_pass: PlainText | None = None
    """This member's own password, to show a mismatch."""
    interval: Annotated[float, Field(gt=0, le=255)] | None = None
    """This member's own interval, to show a mismatch."""
    peers: Peers | None = None
    """multicast or unicast for this member only, to show a mismatch."""
    network: Name | None = None
    """Where it takes part, if not on the instance's own network. Then a router joins the two networks, and
    only unicast adverts arrive."""


class Check(_Part):
    """A vrrp_script of one kind. Without a kind it asks the node's mysqld `SELECT 1`.

    `ask` is a question to the node's own mysqld. `tcp` is a port of the node that must accept a connection.
    `process` is a process that must exist. `reach` is a node, client or NETWORK.OCTET that must answer a
    ping. `quorum` lists voters, of which more than half must answer a ping, the node itself included.
    `network` is where `reach` and `quorum` ask. The other keys are seconds, counts of runs and a weight.
    """

    ask: PlainText | None = None
    """A SQL question to the node's own mysqld; an error or no answer counts as a failure. A check without
    a kind asks SELECT 1."""
    tcp: Annotated[int, Field(ge=1, le=65535)] | None = None
    """A port of the node that must accept a connection; the check asks nothing there."""
    process: Literal["mysqld"] | None = None
    """A process of the node that must exist, alive or frozen."""
    reach: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}(\.[0-9]{1,3})?$")] | None = None
    """A node, a client or NETWORK.OCTET that must answer a ping."""
    quorum: Annotated[tuple[Name, ...], Field(min_length=2, max_length=32)] | None = None
    """Voters, by name: more than half must answer a ping, the node itself included. A witness is a voter that
    is not a member of the instance. Use an odd number of voters."""
    network: Name | None = None
    """Where `reach` and `quorum` ask; the first common network if not given."""
    interval: Annotated[int, Field(ge=1, le=3600)] = 2
    """Seconds from one run to the next."""
    timeout: Annotated[int, Field(ge=1, le=3600)] = 2
    """Seconds until a hanging run counts as failed."""
    fall: Annotated[int, Field(ge=1, le=100)] = 2
    """Failed runs until it counts as down."""
    rise: Annotated[int, Field(ge=1, le=100)] = 2
    """Good runs until it counts as up again."""
    weight: Annotated[int, Field(ge=-253, le=253)] = 0
    """A positive weight is added to the priority while the check passes; a negative one is subtracted while
    it fails. With 0, a failure means FAULT."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that it has: one or none, unless the topology is wrong."""
        return tuple(kind for kind in CHECK_KINDS if getattr(self, kind) is not None)

    @property
    def targets(self) -> tuple[str, ...]:
        """The hosts that it pings: names, or NETWORK.OCTET."""
        return self.quorum or ((self.reach,) if self.reach else ())


class Instance(_Part):
    """A virtual router: which nodes take part, where its adverts travel, which addresses it owns.

    `addresses` maps a network to last octets. `track` names other networks whose interface must be up.
    `fence` keeps clients from writing to the mysqld of a node that is not Master. With `family: ipv6` its
    addresses are in the networks' /64, written with the same digits (`::100`), and its adverts travel over
    IPv6, in version 3.
    """

    network: Name
    """Where its adverts travel."""
    vrid: Annotated[int, Field(ge=1, le=255)]
    """The virtual router's number, 1 to 255; no other router on this network may have it."""
    members: Annotated[dict[Name, Member], short_form("priority"), Field(min_length=1, max_length=16)]
    """node → priority (1 to 255); the highest becomes Master. Or more settings of that node."""
    addresses: Annotated[dict[Name, tuple[Octet, ...]], Field(min_length=1)]
    """network → last octets of the virtual addresses that the Master holds there."""
    family: Family = "ipv4"
    """ipv4 or ipv6, for its addresses and its adverts."""
    version: Literal[2, 3] = 2
    """VRRP version 2 or 3; with IPv6 always 3."""
    interval: Annotated[float, Field(gt=0, le=255)] = 1
    """Seconds between adverts: whole seconds in version 2, hundredths in version 3."""
    auth_pass: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,8}$")] | None = None
    """The password in adverts of version 2: at most 8 characters. Anyone on the network can read it."""
    checks: tuple[Name, ...] = ()
    """The checks that it depends on. If one with weight 0 fails, the node is in FAULT."""
    track: tuple[Name, ...] = ()
    """Networks whose interface must be up too."""
    peers: Peers = "multicast"
    """multicast: adverts go to 224.0.0.18, or ff02::12. unicast: to each other member's own address, for
    clouds and switches that drop multicast."""
    garp: Garp = Garp()
    """How often a Master announces its addresses; keepalived's garp_ settings."""
    fence: Literal["super_read_only"] | None = None
    """super_read_only: a node's mysqld takes writes only while it is Master of this instance."""

    @model_validator(mode="before")
    @classmethod
    def _version_of_family(cls, data: Any) -> Any:
        return {"version": 3, **data} if isinstance(data, dict) and data.get("family") == "ipv6" else data

    @property
    def router(self) -> tuple[int, bool]:
        """What its adverts are known by on a network: the VRID, and whether they are of IPv6."""
        return self.vrid, self.family == "ipv6"

    def network_of(self, node: str) -> str:
        """The network on which a node takes part."""
        member = self.members.get(node)
        return (member.network if member else None) or self.network

    def ending(self, octet: int) -> str:
        """How a virtual address ends: `.100`, or `::100` of IPv6."""
        return f"::{octet}" if self.family == "ipv6" else f".{octet}"

    def is_unicast(self, node: str) -> bool:
        """True if a member sends its adverts to each peer's own address."""
        return (self.members[node].peers or self.peers) == "unicast"


class ReplicationSpec(_Part):
    """Which server replicates from which, and over which network.

    With the kind `source-replica`, `source` is the server that takes the writes; by default the first one.
    """

    kind: Literal["two-sources", "source-replica", "none"] = "none"
    """two-sources: each of two nodes replicates from the other. source-replica: one replicates from the other
    and takes no writes."""
    source: Name | None = None
    """With source-replica: the node that takes the writes; by default the first."""
    network: Name | None = None
    """The network that replication uses."""


class ProbeSpec(_Part):
    """What a client tries: `ping` names a host, which it reaches through its target's virtual address."""

    ping: Name
    """The host that it pings through its target's virtual address."""


class ClientSpec(_Part):
    """A client: `rate` tries per second, each a login to `target`'s virtual address unless `probe` differs.

    It also writes `writes` rows per second there; a client that pings writes none. With `workload: update`
    each write also adds 1 to the balance of account 1, in the same transaction. After a split this counter
    is too low, although every row is there.
    """

    network: Name
    """The network it is on."""
    octet: Octet
    """Last octet of its address."""
    target: Name
    """The instance whose virtual address it asks; for a client that pings, its gateway."""
    probe: ProbeSpec | None = None
    """What it tries; by default a login to mysqld."""
    rate: Annotated[float, Field(gt=0, le=100)] = 20
    """Tries per second, each on a new connection."""
    writes: Annotated[float, Field(ge=0, le=100)] = 2
    """Numbered rows written per second; 0 for none, as for a client that pings."""
    workload: Literal["insert", "update"] = "insert"
    """insert: a write is a numbered row. update: it also adds 1 to the balance of account 1."""

    @model_validator(mode="before")
    @classmethod
    def _no_rows_by_ping(cls, data: Any) -> Any:
        return {"writes": 0, **data} if isinstance(data, dict) and data.get("probe") else data


class TopologySpec(_Part):
    """A whole topology file as it is written; `hatlab.topology.Topology` is one without contradictions."""

    version: Literal[1]
    """The version of this format: 1."""
    title: Annotated[str, Field(max_length=120), AfterValidator(one_line)]
    """One line that says what the lab is."""
    description: Annotated[str, Field(max_length=4000)] = ""
    """What the lab shows; hatlab prints it when the lab starts."""
    networks: Annotated[
        dict[Name, NetworkSpec], BeforeValidator(names_to_mapping), Field(min_length=1, max_length=8)
    ]
    """Names of the networks; each gets its own free /24 when the lab starts."""
    nodes: Annotated[dict[Name, NodeSpec], short_form("octet"), Field(min_length=1, max_length=16)]
    """Machines: name → last octet of its address on every network, or more settings of that node."""
    instances: dict[Name, Instance] = {}
    """Virtual routers (keepalived's vrrp_instance), by name."""
    sync_groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=2)]] = {}
    """Instances that change state together (vrrp_sync_group): name → instances."""
    checks: dict[Name, Check] = {}
    """How a node finds out whether it is healthy (vrrp_script), by name."""
    replication: ReplicationSpec = ReplicationSpec()
    """Which server replicates from which."""
    clients: dict[Name, ClientSpec] = {}
    """Programs that use a virtual address and report the results, by name."""
    sql: dict[Name, Annotated[tuple[Sql, ...], Field(max_length=100)]] = {}
    """node → statements that its mysqld runs, in this order, before the lab is ready."""
    assume: dict[CheckName, Assumption] = {}
    """vrrp_script → what it does instead of running a program that a lab does not have: ok, fail, or mysqld
    (ask the node's own mysqld)."""
    faults: Annotated[tuple[FaultLine, ...], Field(max_length=32)] = ()
    """Actions, as in scripts but without a time, done before the lab is ready."""

    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""
        spec = self.nodes.get(node)
        return PROGRAMS[spec.service] if spec else ()

    def ping_target(self, client: str) -> str | None:
        """The host that a client pings; None if it logs in to mysqld, or is no client."""
        spec = self.clients.get(client)
        return spec.probe.ping if spec and spec.probe else None

    def networks_of(self, name: str) -> tuple[str, ...]:
        """The networks a node or client is on."""
        if name in self.clients:
            return (self.clients[name].network,)
        networks = self.nodes[name].networks
        return tuple(self.networks) if networks is None else networks
