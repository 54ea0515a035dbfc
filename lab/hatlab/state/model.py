"""LabState: what is true at one moment. `hatlab.state.fold` makes it from facts.

A VIP's owners are a set: two owners is a split brain, none is an outage. What a node claims (`sent`), what
its keepalived reports (`reported`) and what its interface holds (`addresses`) are kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hatlab import events as e
from hatlab.describe.times import RunClock
from hatlab.keepalived import InstanceSettings, VrrpScript
from hatlab.topology import Layout, Topology
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


IMPORTED = "import"
"""The engine of an incident that was imported."""
KEEP = 64
"""How many explanations, actions and outages a state remembers; the session's history has them all."""
JUST_NOW = 0.5
"""Seconds within which a fact counts as the cause of a transition."""
SILENT_AFTER = 3
"""Adverts missed before a claim is stale (RFC 9568: the master-down interval is 3 advert intervals)."""


def claim_ends(at: float, interval: float) -> float:
    """Return until when an advert of that moment counts as its sender's claim, s, if no other one follows."""
    return at + SILENT_AFTER * interval + 0.5


def layout_of(lab: e.Lab) -> Layout:
    """Return the layout of the lab that an event announces.

    Raises:
        ValueError: its topology is none.
    """
    return Layout(lab.name, Topology.model_validate(lab.topology), lab.subnets, lab.real_addresses)


NOT_SAID = -1
"""The priority of an advert of which an imported log says only that it was heard."""


def run_clock(engine: str, started: str) -> RunClock:
    """Return how the moments of a run are written: an incident's as the time of day, by when it `started`."""
    return RunClock.of_day(started) if engine == IMPORTED else RunClock()


@dataclass(frozen=True, slots=True)
class Claim:
    """One advert as seen at one place: when, from which node, with which priority (or `NOT_SAID`)."""

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
    """One node's part in one virtual router."""

    reported: str = "INIT"
    """keepalived's last word: INIT, BACKUP, MASTER, FAULT, STOPPED; UNKNOWN where nothing says it."""
    priority: int = 100
    """The effective priority as reported, else as configured."""
    since: float = 0.0
    """When `reported` began."""
    settings: InstanceSettings | None = None
    """The instance as keepalived last read it, or will if it does not run."""
    sent: Claim | None = None
    """Its last advert on the wire."""
    heard: Mapping[str, Claim] = field(default_factory=dict)
    """Its last sound received advert of each peer."""
    armed: float | None = None
    """When its master-down timer was last set, None if it does not run."""
    armed_about: float = 0.0
    """How exactly `armed` is known, of an imported event: it was in so many seconds from then on."""
    timeout: float = 0.0
    """Seconds from `armed` to takeover."""
    zero_from: str | None = None
    """Who sent priority 0, if that is what armed the timer."""
    discarded: Claim | None = None
    """The last advert of lower priority, which does not arm the timer."""
    rejected: Rejected | None = None
    """The last advert it had to reject, and why."""
    yielded: Claim | None = None
    """The last advert that outranked this Master."""
    preempt_from: float | None = None
    """Until when it lets a Master of lower priority go on (preempt_delay); None: it hears none."""
    address_removed: float | None = None
    """When keepalived last noticed that somebody took one of its addresses away."""
    fault_reason: str = ""
    """keepalived's words for its last FAULT, if it had any: `interface eth0 down`."""

    def claims(self, now: float) -> bool:
        """True if it has advertised itself as Master within three of its intervals."""
        sent = self.sent
        return sent is not None and sent.priority > 0 and now <= claim_ends(sent.at, sent.interval)

    def takeover_in(self, now: float) -> float | None:
        """Seconds until its timer ends, None if it does not run."""
        return None if self.armed is None else self.armed + self.timeout - now


@dataclass(frozen=True, slots=True)
class ServiceState:
    state: str = "down"
    reason: str = ""
    since: float = 0.0
    pid: int | None = None
    about: float = 0.0
    """How exactly `since` is known: it was in so many seconds from then on."""


@dataclass(frozen=True)
class CheckState:
    """One vrrp_script on one node."""

    ok: bool = True
    """keepalived's verdict."""
    since: float = 0.0
    """When the verdict began."""
    turned: float | None = None
    """When its runs last began to disagree with the verdict, None while they agree."""
    detail: str = ""
    """The daemon's words: `exited with status 1`, `timed out`."""
    decided: bool = False
    """True once there is a verdict."""
    first: bool = False
    """The verdict is the first since keepalived started: one run made it, whatever fall and rise are."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """keepalived's own word that an interface went up or down, and when it came."""

    up: bool
    at: float


@dataclass(frozen=True, slots=True)
class FilterState:
    percent: float = 0.0
    rules: tuple[str, ...] = ()
    delay_ms: float = 0.0
    since: float = 0.0
    refused: tuple[str, ...] = ()
    """Virtual addresses to which keepalived's own rule drops every packet."""


@dataclass(frozen=True)
class NodeState:
    """One node: its power, services, interfaces and addresses, and what is on its disk."""

    name: str
    power: str = "off"
    """on, off or paused; unknown where nothing says it."""
    since: float = 0.0
    """When `power` began."""
    instances: Mapping[str, InstanceState] = field(default_factory=dict)
    addresses: frozenset[tuple[str, str]] = frozenset()
    """(network, address) pairs that its interfaces hold."""
    services: Mapping[str, ServiceState] = field(default_factory=dict)
    checks: Mapping[str, CheckState] = field(default_factory=dict)
    """By the name of the vrrp_script."""
    links: Mapping[str, bool] = field(default_factory=dict)
    """Network → True while its interface there is up."""
    filters: Mapping[str, FilterState] = field(default_factory=dict)
    """Network → what its packet filter does there."""
    replication: e.Replication | None = None
    """The last report; `replica` tells whether it still counts."""
    tables: Mapping[str, e.Table] = field(default_factory=dict)
    """The contents last seen in its MySQL, by name. They, `looked` and `written` stay while mysqld is down:
    they are what is on its disk."""
    looked: str | None = None
    """The transactions it had executed when its tables were last read (None: never)."""
    read_only: bool = False
    """Its mysqld refuses what clients write; the last word of the one that runs."""
    written: Mapping[str, Ranges] | None = None
    """Client → the numbers of its rows in those tables."""
    conf: str = ""
    """The text of its keepalived.conf on its disk."""
    loaded: str = ""
    """The text in force: what keepalived read at its start or last reload, or will read if it does not run.
    `scripts` and the instances' settings are this text's."""
    loaded_at: float | None = None
    """When a running keepalived last read it: at its start, or at a reload."""
    replaced: str = ""
    """The text that was in force before."""
    delayed_until: float = 0.0
    """Until when its instances hold back (vrrp_startup_delay)."""
    link_report: LinkReport | None = None
    """What keepalived last said of an interface: after a thaw long after it went down."""
    removed_checks: Mapping[str, str] = field(default_factory=dict)
    """Checks that keepalived left out, so that nothing is checked → its words."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Checks that need what a lab does not have → what that is."""
    original_conf: str = ""
    """The first text it had in this lab."""
    scripts: Mapping[str, VrrpScript] = field(default_factory=dict)
    sources: frozenset[str] | None = None
    """What an imported incident has of it: conf, log, capture, addresses. None: everything is seen."""
    unknown_addresses: frozenset[str] = frozenset()
    """Virtual addresses of which nothing has said yet whether it holds them."""

    def sees(self, source: str) -> bool:
        """True if such a thing would be known of this node: `capture` for what arrives there."""
        return self.sources is None or source in self.sources

    def service(self, name: str) -> ServiceState:
        return self.services.get(name, ServiceState())

    @property
    def replica(self) -> e.Replication | None:
        """The state of its replica; None where nothing is known, as while its mysqld is down or frozen."""
        return self.replication if self.service("mysqld").state == "up" else None

    @property
    def fenced(self) -> bool:
        """True if its mysqld runs and refuses what clients write (error 1290)."""
        return self.read_only and self.service("mysqld").state == "up"

    def holds(self, address: str) -> bool:
        return any(held == address for _, held in self.addresses)


@dataclass(frozen=True)
class ClientState:
    """A client's experience: its last probe, its outage so far, its acknowledged writes."""

    name: str
    last: e.Probe | None = None
    server: str | None = None
    """Who answered last."""
    good_at: float | None = None
    """When that answer came."""
    failed: int = 0
    """Tries that failed since."""
    write: e.Write | None = None
    """The last one."""
    acknowledged: Mapping[str, int] = field(default_factory=dict)
    """Server → rows that it acknowledged."""
    kept: Ranges = ()
    """The numbers of all rows that were acknowledged."""
    fresh: tuple[tuple[float, int], ...] = ()
    """(time, number) of the latest of them."""
    refused: int = 0
    """Writes that were refused."""
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
    """Everything a screen or a check needs to know about one moment."""

    at: float = 0.0
    """Seconds since the lab began."""
    engine: str = ""
    reason: str = ""
    """Why this engine was chosen."""
    name: str = ""
    """The topology's."""
    started: str = ""
    """Wall-clock time of the beginning, ISO 8601; empty in a lab without one."""
    layout: Layout | None = None
    """None until the first event."""
    phases: Mapping[str, tuple[bool, float, str]] = field(default_factory=dict)
    """Phase → (done, at, detail)."""
    nodes: Mapping[str, NodeState] = field(default_factory=dict)
    clients: Mapping[str, ClientState] = field(default_factory=dict)
    arp: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Address → the MACs that announced it, and when each last did."""
    announcers: Mapping[str, str] = field(default_factory=dict)
    """Address → the node that announced it last."""
    owned: Mapping[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    """Virtual address → its owners, and since when they are."""
    conditions: Mapping[str, e.Condition] = field(default_factory=dict)
    """Name → the event that began it."""
    differing: Mapping[str, float] = field(default_factory=dict)
    """Table that two servers hold differently with nothing outstanding → when that was found."""
    coarse: float = 0.0
    """Seconds by which an imported log's times of addresses may be late."""
    action: e.Action | None = None
    """The latest, perhaps still under way."""
    actions: tuple[e.Action, ...] = ()
    """The latest that ended, oldest first."""
    whys: tuple[e.Why, ...] = ()
    """The latest explanations, oldest first."""

    @property
    def ready(self) -> bool:
        return self.phases.get("ready", (False, 0.0, ""))[0]

    @property
    def stopping(self) -> str | None:
        """Why the lab is ending, None while it runs."""
        phase = self.phases.get("stopping")
        return phase[2] if phase else None

    def owners(self, address: str) -> frozenset[str]:
        """The nodes that hold an address on an interface: two are a split brain, none an outage."""
        return frozenset(n.name for n in self.nodes.values() if n.power != "off" and n.holds(address))

    def possible_owners(self, address: str) -> frozenset[str]:
        """The nodes that may hold an address, for all that is known of them; none in a lab."""
        return frozenset(n.name for n in self.nodes.values() if address in n.unknown_addresses)

    @property
    def is_imported(self) -> bool:
        """True for an incident that was imported: what has no event is not known."""
        return self.engine == IMPORTED

    @property
    def clock(self) -> RunClock:
        """How its moments are written: an incident's as the time of day."""
        return run_clock(self.engine, self.started)

    def vips(self) -> tuple[tuple[str, str, str], ...]:
        """(instance, address, network) of every virtual address."""
        return self.layout.all_vips if self.layout is not None else ()
