"""LabState: what is true at one moment, and what follows from it. `hatlab.state.fold` makes it from facts.

A VIP's owners are a set: two owners is split-brain, none is an outage. What a node claims (`sent`), what its
keepalived reports (`reported`) and what its interface holds (`addresses`) are kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hatlab import events as e
from hatlab.keepalived import InstanceSettings, VrrpScript
from hatlab.topology import Layout
from hatlab.util.ranges import Ranges

K = TypeVar("K")
V = TypeVar("V")
S = TypeVar("S", "InstanceState", "CheckState", "NodeState", "ClientState", "LabState")


def evolve(state: S, **changes: object) -> S:
    """`dataclasses.replace` for the states, eight times as fast: a fold spends its time on little else.

    That is why they have no slots. Raises AttributeError for a field there is not.
    """
    new: S = object.__new__(type(state))
    fields = new.__dict__
    fields.update(state.__dict__)
    known = len(fields)
    fields.update(changes)
    if len(fields) != known:
        raise AttributeError(f"{type(state).__name__} has not all of {', '.join(changes)}")
    return new


def with_entry(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """A copy of a mapping with one entry changed."""
    return {**mapping, key: value}


KEEP = 64
"""How many explanations, actions and outages a state remembers; the session's history has them all."""
SILENT_AFTER = 3
"""Adverts missed before a claim is stale (RFC 9568: the master-down interval is 3 advert intervals)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One advert as seen at one place: when, from which node, with which priority."""

    at: float
    node: str
    priority: int
    interval: float
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An advert that keepalived refuses, and the reason in words."""

    at: float
    node: str
    reason: str


@dataclass(frozen=True)
class InstanceState:
    """One node's part in one virtual router.

    Attributes:
        reported: keepalived's last word: INIT, BACKUP, MASTER, FAULT, STOPPED.
        priority: effective priority as reported, else as configured.
        since: when `reported` began.
        settings: the instance as keepalived last read it, or will if it does not run.
        sent: its last advert on the wire.
        heard: its last sound received advert of each peer.
        armed: when its master-down timer was last set, None if it does not run.
        timeout: seconds from `armed` to takeover.
        zero_from: who said priority 0, if that is what armed the timer.
        discarded: the last advert of lower priority, which does not arm the timer.
        rejected: the last advert it had to reject, and why.
        yielded: the last advert that outranked this Master.
    """

    reported: str = "INIT"
    priority: int = 100
    since: float = 0.0
    settings: InstanceSettings | None = None
    sent: Claim | None = None
    heard: Mapping[str, Claim] = field(default_factory=dict)
    armed: float | None = None
    timeout: float = 0.0
    zero_from: str | None = None
    discarded: Claim | None = None
    rejected: Rejected | None = None
    yielded: Claim | None = None

    def claims(self, now: float) -> bool:
        """Whether it has advertised itself as Master within three of its intervals."""
        sent = self.sent
        return sent is not None and sent.priority > 0 and now - sent.at <= SILENT_AFTER * sent.interval + 0.5

    def takeover_in(self, now: float) -> float | None:
        """Seconds until its timer ends, None if it does not run."""
        return None if self.armed is None else self.armed + self.timeout - now


@dataclass(frozen=True, slots=True)
class ServiceState:
    state: str = "down"
    reason: str = ""
    since: float = 0.0
    pid: int | None = None


@dataclass(frozen=True)
class CheckState:
    """A vrrp_script: `ok` is keepalived's verdict, `turned` when its runs last began to disagree with it.

    `detail` is what the daemon said: `exited with status 1`, `timed out`.
    """

    ok: bool = True
    since: float = 0.0
    turned: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FilterState:
    percent: float = 0.0
    rules: tuple[str, ...] = ()
    delay_ms: float = 0.0
    since: float = 0.0


@dataclass(frozen=True)
class NodeState:
    """What is known of one node.

    Attributes:
        addresses: (network, address) pairs that its interfaces hold.
        tables: the contents last seen in its MySQL, by name.
        looked: the transactions it had executed then (None: never seen).
        written: the numbered rows of each client among them. All three stay while mysqld is down: they are
            what is on its disk.
        conf: the text of its keepalived.conf on its disk.
        loaded: the text in force: what keepalived read at its start or last reload, or will read if it does
            not run. `scripts` and the instances' settings are this text's.
        read_only: whether its mysqld refuses what clients write; the last word of the one that runs.
    """

    name: str
    power: str = "off"
    since: float = 0.0
    instances: Mapping[str, InstanceState] = field(default_factory=dict)
    addresses: frozenset[tuple[str, str]] = frozenset()
    services: Mapping[str, ServiceState] = field(default_factory=dict)
    checks: Mapping[str, CheckState] = field(default_factory=dict)
    links: Mapping[str, bool] = field(default_factory=dict)
    filters: Mapping[str, FilterState] = field(default_factory=dict)
    replication: e.Replication | None = None
    tables: Mapping[str, e.Table] = field(default_factory=dict)
    looked: str | None = None
    read_only: bool = False
    written: Mapping[str, Ranges] | None = None
    conf: str = ""
    loaded: str = ""
    original_conf: str = ""
    scripts: Mapping[str, VrrpScript] = field(default_factory=dict)

    def service(self, name: str) -> ServiceState:
        return self.services.get(name, ServiceState())

    @property
    def replica(self) -> e.Replication | None:
        """What its replica does; None where nothing is known, as while its mysqld is down or frozen."""
        return self.replication if self.service("mysqld").state == "up" else None

    @property
    def fenced(self) -> bool:
        """Whether its mysqld runs and refuses what clients write (error 1290)."""
        return self.read_only and self.service("mysqld").state == "up"

    def holds(self, address: str) -> bool:
        return any(held == address for _, held in self.addresses)


@dataclass(frozen=True)
class ClientState:
    """A client's experience: its last probe, its outage so far, its acknowledged writes per server.

    `kept` are the numbers of all rows that were acknowledged, `fresh` the last of them with their times.
    """

    name: str
    last: e.Probe | None = None
    server: str | None = None
    good_at: float | None = None
    failed: int = 0
    write: e.Write | None = None
    acknowledged: Mapping[str, int] = field(default_factory=dict)
    kept: Ranges = ()
    fresh: tuple[tuple[float, int], ...] = ()
    refused: int = 0
    outages: tuple[e.Outage, ...] = ()

    @property
    def cut_off(self) -> float | None:
        """Seconds from its last answer to the last try known to have failed; None while it is answered.

        Tries that hang are told half a second late: counted up to now, an outage would seem to be longer
        while it lasts than it is found to have been.
        """
        if not self.failed or self.last is None or self.good_at is None:
            return None
        return max(0.0, self.last.at - self.good_at)


@dataclass(frozen=True)
class LabState:
    """Everything a screen or a check needs to know about one moment.

    `phases` maps a phase to (done, at, detail); `arp` an address to the MACs that announced it and when;
    `announcers` an address to the node that announced it last;
    `owned` a virtual address to its owners and since when; `conditions` a name to the event that began it;
    `differing` a table that two servers hold differently, with nothing outstanding, to when that was found.
    """

    at: float = 0.0
    engine: str = ""
    reason: str = ""
    name: str = ""
    started: str = ""
    layout: Layout | None = None
    phases: Mapping[str, tuple[bool, float, str]] = field(default_factory=dict)
    nodes: Mapping[str, NodeState] = field(default_factory=dict)
    clients: Mapping[str, ClientState] = field(default_factory=dict)
    arp: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    announcers: Mapping[str, str] = field(default_factory=dict)
    owned: Mapping[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    conditions: Mapping[str, e.Condition] = field(default_factory=dict)
    differing: Mapping[str, float] = field(default_factory=dict)
    action: e.Action | None = None
    actions: tuple[e.Action, ...] = ()
    whys: tuple[e.Why, ...] = ()

    @property
    def ready(self) -> bool:
        return self.phases.get("ready", (False, 0.0, ""))[0]

    @property
    def stopping(self) -> str | None:
        """Why the lab is ending, None while it runs."""
        phase = self.phases.get("stopping")
        return phase[2] if phase else None

    def owners(self, address: str) -> frozenset[str]:
        """The nodes that hold an address on an interface: two are split-brain, none an outage."""
        return frozenset(n.name for n in self.nodes.values() if n.power != "off" and n.holds(address))

    def vips(self) -> tuple[tuple[str, str, str], ...]:
        """(instance, address, network) of every virtual address."""
        if self.layout is None:
            return ()
        return tuple(
            (name, address, network)
            for name in self.layout.topology.instances
            for address, network in self.layout.vips(name)
        )
