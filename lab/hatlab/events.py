"""Events, everything that can be observed: immutable facts, each with a time, a source and its evidence.

The JSON form (one object a line) is a contract with scripts, lessons and recordings: `kind` plus the
fields below, documented in docs/events.md. Names are added, never changed. A trailing underscore is
Python's only (`from_` is written `from`).

Three facts that are never merged: an `Advert` is what a node *claimed*, a `Vrrp` is what its keepalived
*reported*, an `Address` is what its interface *holds*.

`Outage`, `Condition` and `Why` are derived: the session computes them from the others and every engine,
a replay too, gets them the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from hatlab.errors import UserError
from hatlab.util.visible import show_controls, show_surrogates
from hatlab.util.visible import to_json as format_json

FORMAT = 1
"""Version of the JSON form; the first line of a recording carries it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One observed fact. `at` is seconds since the lab began.

    `about` is how exactly that is known: it happened in the `about` seconds from `at` on (0: just then).
    `evidence` says where it stands in what was imported: `db1/messages:812`, `db1/vip.pcap frame 41`.
    """

    kind: ClassVar[str] = ""
    derived: ClassVar[bool] = False
    at: float
    about: float = 0.0
    evidence: str = ""

    def __post_init__(self) -> None:
        """Make text visible where it enters hatlab, whichever engine or recording it comes from."""
        for name, keep in _TEXTS[self.kind]:
            value = getattr(self, name)
            if type(value) is str and value.isascii() and value.isprintable():
                continue
            if value and (shown := _make_visible(value, keep)) != value:
                object.__setattr__(self, name, shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab(Event):
    """The first event: what is about to run. `topology` is the topology as plain data.

    Of an incident that was imported, `sources` are what was brought of each node (`conf`, `log`, `capture`,
    `addresses`): of whatever else happened there nothing is known. `real_addresses` are its addresses and
    their places in the topology: `lan.11`, `lan::11`, or the name of the node of another one of its own.

    `undone`: what was undone when time was set back stands in the file, too; each `Rewound` says what.
    """

    kind: ClassVar[str] = "lab"
    version: int = FORMAT
    name: str
    engine: str
    reason: str = ""
    started: str = ""
    topology: dict[str, Any]
    subnets: dict[str, str]
    sources: dict[str, Any] = field(default_factory=dict)
    real_addresses: dict[str, str] = field(default_factory=dict)
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """Time passed. Lets a fold see silence without a clock."""

    kind: ClassVar[str] = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Event):
    """A step of a lab's life: image, network, nodes, mysql, replication, election, ready, stopping."""

    kind: ClassVar[str] = "phase"
    name: str
    done: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert(Event):
    """A VRRP advertisement captured on `node`. `interval` in seconds; `frame` is the whole frame in hex.

    `defects` names what is unsound (`checksum`, `ttl`, `length` …); empty for a sound one. Fields that could
    not be read are None.
    """

    kind: ClassVar[str] = "advert"
    node: str
    direction: str
    network: str
    source: str
    destination: str
    version: int | None
    vrid: int | None
    priority: int | None
    interval: float | None
    auth: str | None = None
    addresses: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    frame: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arp(Event):
    """An ARP frame captured on `node`: who `mac` says holds `address`.

    Of IPv6 it is a neighbour solicitation (`request`) or advertisement; an unsolicited one is `gratuitous`.
    """

    kind: ClassVar[str] = "arp"
    node: str
    direction: str
    network: str
    gratuitous: bool
    address: str
    mac: str
    target: str = ""
    request: bool = True
    frame: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Event):
    """An address appeared on, or vanished from, an interface of `node`."""

    kind: ClassVar[str] = "address"
    node: str
    network: str
    address: str
    held: bool
    vip: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Event):
    """An interface of `node` went up or down."""

    kind: ClassVar[str] = "link"
    node: str
    network: str
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Event):
    """The packet filter of `node` on `network`, as a whole: an empty `rules` means nothing is dropped.

    `percent` is the share of frames from other servers that is dropped (100 for a cut, 0 for none);
    `rules` are the packet filter's own lines, `delay_ms` a delay added on sending. `refused` are virtual
    addresses to which keepalived's own rule drops every packet, in strict mode or with `no_accept`.
    """

    kind: ClassVar[str] = "filter"
    node: str
    network: str
    percent: float
    rules: tuple[str, ...] = ()
    delay_ms: float = 0.0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Event):
    """A node's power: `on`, `off`, `paused`."""

    kind: ClassVar[str] = "node"
    node: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vrrp(Event):
    """The state of an instance as keepalived reports it: INIT, BACKUP, MASTER, FAULT or STOPPED."""

    kind: ClassVar[str] = "vrrp"
    node: str
    instance: str
    state: str
    priority: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Event):
    """A service's process: `up`, `down` or `frozen`, and why if it is known (`signal 9`, `exit 0`)."""

    kind: ClassVar[str] = "process"
    node: str
    service: str
    state: str
    reason: str = ""
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conf(Event):
    """The text of a node's keepalived.conf, at the start and at each change."""

    kind: ClassVar[str] = "conf"
    node: str
    text: str
    file: str = "/etc/keepalived/keepalived.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication(Event):
    """A replica's threads on `node`, their error and the set of transactions it has."""

    kind: ClassVar[str] = "replication"
    node: str
    receiver: bool
    applier: bool
    errno: int = 0
    error: str = ""
    gtid_executed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Event):
    """A table's content on `node`, whenever it changed; `rows` is None once the table is gone.

    `checksum` can be compared between nodes of one lab. `content` has every row, its values as text, of a
    table of at most 20; else it is empty. `gtid_executed`: the node's transactions when it was looked at.
    """

    kind: ClassVar[str] = "table"
    node: str
    name: str
    rows: int | None
    checksum: str
    gtid_executed: str
    columns: tuple[str, ...] = ()
    content: tuple[tuple[str | None, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnly(Event):
    """The mysqld of `node` refuses writes with error 1290, or no more: clients' (`read_only`), or everyone's.

    Told when it changes; a mysqld that has just started takes writes if nothing else is told.
    """

    kind: ClassVar[str] = "read_only"
    node: str
    read_only: bool
    super_read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Event):
    """The numbered rows that `node` has, all of them: client to ranges of numbers (`1-57,60`)."""

    kind: ClassVar[str] = "written"
    node: str
    sequences: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Event):
    """One try of a client on a new connection to the virtual address. `at` is when it began.

    Of a ping `pinged` is the host that answers, and `server` the router that forwarded the question.
    """

    kind: ClassVar[str] = "probe"
    client: str
    ok: bool
    server: str | None = None
    latency_ms: float | None = None
    error: str = ""
    pinged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Event):
    """A numbered row a client wrote; `ok` means the server acknowledged the commit."""

    kind: ClassVar[str] = "write"
    client: str
    sequence: int
    ok: bool
    server: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Event):
    """Something done to the lab: started, done or failed, with what it changed."""

    kind: ClassVar[str] = "action"
    name: str
    targets: tuple[str, ...] = ()
    phase: str
    definite: bool = True
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Event):
    """One line that a service wrote itself."""

    kind: ClassVar[str] = "log"
    node: str
    service: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped(Event):
    """A reader could not keep up and missed `count` events."""

    kind: ClassVar[str] = "dropped"
    count: int
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner(Event):
    """Something that a learner did in a lesson; only the recording of a lesson has these.

    `facts` and `course` say what of the lab the lesson had followed by then: so many facts of that course of
    events, which a `Rewound` begins. `wall` is the wall-clock time, s since 1970, `steady` a clock of the
    machine that nobody sets, s. `seal` is the beginning of the SHA-256 of the file before this line.
    """

    kind: ClassVar[str] = "learner"
    did: str
    step: int = 0
    item: str = ""
    text: str = ""
    facts: int = 0
    course: int = 0
    wall: float = 0.0
    steady: float = 0.0
    seal: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound(Event):
    """Time was set back to the moment `to`: what stands from line `line` of the file on counts no more.

    Only the recording of a lesson has these, as it keeps what a learner did. Other recordings go back too.
    """

    kind: ClassVar[str] = "rewound"
    to: float
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(Event):
    """A client's outage, once it is over: last good answer to first good answer, in seconds."""

    kind: ClassVar[str] = "outage"
    derived: ClassVar[bool] = True
    client: str
    began: float
    ended: float
    seconds: float
    failed: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Event):
    """A derived condition began or ended: split_brain, no_owner, muted_master, tables_differ …"""

    kind: ClassVar[str] = "condition"
    derived: ClassVar[bool] = True
    name: str
    present: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why(Event):
    """Why a node changed state: cause, rule, the arithmetic with real numbers, the configuration line."""

    kind: ClassVar[str] = "why"
    derived: ClassVar[bool] = True
    node: str
    instance: str
    from_: str
    to: str
    cause: str
    rule: str
    arithmetic: str = ""
    line: str = ""
    text: str


KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        *(Lab, Tick, Phase, Advert, Arp, Address, Link, Filter, Node, Vrrp, Process, Conf, Replication),
        *(
            Table,
            ReadOnly,
            Written,
            Probe,
            Write,
            Action,
            Log,
            Dropped,
            Learner,
            Rewound,
            Outage,
            Condition,
            Why,
        ),
    )
}

_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    kind: tuple((f.name, f.name.rstrip("_")) for f in fields(cls)) for kind, cls in KINDS.items()
}
_REQUIRED: dict[str, frozenset[str]] = {
    kind: frozenset(
        f.name.rstrip("_")
        for f in fields(cls)
        if f.default is f.default_factory  # both MISSING: no default
    )
    for kind, cls in KINDS.items()
}
_EVIDENCE = {("conf", "text"), ("lab", "topology")}
"""Files as they are: what writes and draws them makes them visible."""
_PARAGRAPHS = {"text", "effect", "targets", "reason", "detail", "error", "where", "content", "line"}
"""Fields in which newlines and tabs are at home; each other one is a name, a number or a word."""
_TEXTS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "": (),
    **{
        kind: tuple(
            (f.name, None if (kind, f.name) in _EVIDENCE else "\n\t" if f.name in _PARAGRAPHS else "")
            for f in fields(cls)
            if ("str" in str(f.type) or "Any" in str(f.type))
        )
        for kind, cls in KINDS.items()
    },
}
"""The fields of each kind that hold text, and what belongs into them; None for a file as it is."""
_DIGITS = 6
_LEFT_OUT = {"about", "evidence", "sources", "real_addresses", "undone", "item", "seal", "details"}
"""Fields that are written only where they say something, most of them an imported incident's."""


def _make_visible(value: Any, keep: str | None) -> Any:
    match value:
        case str():
            return show_surrogates(value) if keep is None else show_controls(value, keep)
        case tuple() | list():
            return type(value)(_make_visible(part, keep) for part in value)
        case dict():
            return {_make_visible(key, keep): _make_visible(part, keep) for key, part in value.items()}
    return value


def to_dict(event: Event) -> dict[str, Any]:
    """The JSON form of an event: `at` and `kind` first, times rounded to a microsecond."""
    out: dict[str, Any] = {"at": round(event.at, _DIGITS), "kind": event.kind}
    for name, key in _FIELDS[event.kind]:
        if name != "at":
            value = getattr(event, name)
            if value or name not in _LEFT_OUT:
                out[key] = round(value, _DIGITS) if isinstance(value, float) else value
    return out


def to_json(event: Event) -> str:
    """One line of JSON, without the newline."""
    return format_json(to_dict(event), separators=(",", ":"))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def from_dict(data: dict[str, Any]) -> Event:
    """The event that `to_dict` wrote. Unknown fields are ignored (a newer minor writer).

    Raises:
        UserError: no such kind, or a field is missing.
    """
    kind = data.get("kind")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise UserError(f"unknown event kind {kind!r}", "perhaps a newer hatlab wrote this")
    missing = _REQUIRED[cls.kind] - data.keys()
    if missing:
        raise UserError(f"event {kind!r} lacks {', '.join(sorted(missing))}")
    values: dict[str, Any] = {
        name: _tuples(value) if type(value := data[key]) is list else value
        for name, key in _FIELDS[cls.kind]
        if key in data
    }
    return cls(**values)
