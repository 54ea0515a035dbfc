"""The parts of a topology file: networks, nodes, virtual routers, checks, clients. Data only.

Nothing here can become shell or configuration syntax: names and texts match patterns that are safe in both.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}$")]
"""A name of a node, network, instance or check: safe in a shell, a host name and keepalived.conf."""
Octet = Annotated[int, Field(ge=2, le=254)]
Priority = Annotated[int, Field(ge=1, le=255)]
PlainText = Annotated[str, Field(pattern=r"^[^\x00-\x1f{}\"'\\!#`$]*$", max_length=200)]
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
    """`[lan, heartbeat]` is short for `{lan: {}, heartbeat: {}}`."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    if isinstance(value, dict):
        return {k: {} if v is None else v for k, v in value.items()}
    return value


def short(key: str) -> BeforeValidator:
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
    members: Annotated[dict[Name, Member], short("priority"), Field(min_length=1, max_length=16)]
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
