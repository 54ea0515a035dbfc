"""What can be measured in a lab: a number or a word, or None while it cannot be told.

A measure sees the state now and what happened since the task began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from hatlab import events as e
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.conditions.vocabulary import FIELDS, Entry, WordKind, entries_by_name
from hatlab.state.model import InstanceState, LabState, NodeState
from hatlab.state.table_diff import missing_rows
from hatlab.util.ranges import count_numbers
from hatlab.vrrp.timers import master_down_interval, skew_time

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a condition or measure looks at."""

    state: LabState
    trace: Trace


Measure = Callable[[Observation], Value]


def parse_number(word: str) -> float | str:
    """A word as a number if it is a finite one."""
    try:
        found = float(word)
    except ValueError:
        return word
    return found if isfinite(found) else word


_VIP, _NODE, _INSTANCE = WordKind.VIP, WordKind.NODE, WordKind.INSTANCE


NOBODY = "nobody"


def join_nodes(nodes: frozenset[str] | set[str]) -> str:
    """`db1`, `db1 and db2`, `nobody`."""
    return " and ".join(sorted(nodes)) or NOBODY


def instance_of(node: NodeState, name: str | None) -> InstanceState | None:
    """A node's instance by name; its first one without."""
    return node.instances.get(name) if name else next(iter(node.instances.values()), None)


def owners(seen: Observation, vip: str | None) -> frozenset[str]:
    """Who holds a virtual address; the lab's first one without."""
    address = vip or next((a for _, a, _ in seen.state.vips()), "")
    return seen.state.owners(address)


def masters(state: LabState, instance: str | None) -> frozenset[str]:
    """Nodes whose keepalived reports Master of an instance; of their first one without."""
    return frozenset(
        node.name
        for node in state.nodes.values()
        if (found := instance_of(node, instance)) is not None and found.reported == "MASTER"
    )


def _owner(vip: str | None) -> Measure:
    return lambda seen: join_nodes(owners(seen, vip))


def _master(instance: str | None) -> Measure:
    return lambda seen: join_nodes(masters(seen.state, instance))


def _outage(client: str | None) -> Measure:
    def measure(seen: Observation) -> Value:
        own = [o.seconds for o in seen.trace.outages if client in (None, o.client)]
        return own[-1] if own else None

    return measure


def _unanswered(client: str | None) -> Measure:
    """Outages that ended, and the one that lasts."""

    def measure(seen: Observation) -> Value:
        own = [o.seconds for o in seen.trace.outages if client in (None, o.client)]
        lasting = [c.cut_off or 0.0 for name, c in seen.state.clients.items() if client in (None, name)]
        return max([0.0, *own, *lasting])

    return measure


def _takeover(node: str, instance: str | None) -> Measure:
    def measure(seen: Observation) -> Value:
        turns = [t for t in seen.trace.turns if (t.node, t.now) == (node, "MASTER")]
        own = [t.waited for t in turns if instance in (None, t.instance)]
        return own[-1] if own else None

    return measure


def _setting(key: Callable[[InstanceState], Value]) -> Callable[[str, str | None], Measure]:
    """A measure of one instance of a node."""

    def make(node: str, instance: str | None) -> Measure:
        def measure(seen: Observation) -> Value:
            found = instance_of(seen.state.nodes[node], instance)
            return None if found is None else key(found)

        return measure

    return make


def _handovers(instance: str | None) -> Measure:
    """Each node that became Master counts, also one that did so beside another."""
    return lambda seen: float(
        sum(turn.now == "MASTER" and instance in (None, turn.instance) for turn in seen.trace.turns)
    )


def _skew(instance: InstanceState) -> Value:
    conf = instance.settings
    return None if conf is None else skew_time(conf.version, instance.priority, conf.interval)


def _master_down(instance: InstanceState) -> Value:
    conf = instance.settings
    return None if conf is None else master_down_interval(conf.version, instance.priority, conf.interval)


def _adverts(node: str, priority: float | None) -> Measure:
    def measure(seen: Observation) -> Value:
        sent = seen.trace.sent.get(node, {})
        return float(sum(sent.values()) if priority is None else sent.get(int(priority), 0))

    return measure


def _received(node: str, sender: str) -> Measure:
    return lambda seen: float(sum(seen.trace.heard.get((node, sender), {}).values()))


def _field(node: str, name: str) -> Measure:
    """A field of a node's last advert; of the last it sent before the task, if none since."""

    def measure(seen: Observation) -> Value:
        advert = seen.trace.last.get(node)
        return None if advert is None else _of_advert(advert, name)

    return measure


def _of_advert(advert: e.Advert, name: str) -> Value:
    match name:
        case "ttl":
            return float(int(advert.frame[44:46], 16)) if len(advert.frame) > 46 else None
        case "address":
            return ", ".join(advert.addresses)
        case "source" | "destination" | "auth":
            return str(getattr(advert, name) or "none")
        case "priority" | "vrid" | "version" | "interval":
            value = getattr(advert, name)
            return None if value is None else float(value)
        case _:
            return None


def _failed(client: str | None) -> Measure:
    def measure(seen: Observation) -> Value:
        own = [o.failed for o in seen.trace.outages if client in (None, o.client)]
        return float(own[-1]) if own else None

    return measure


def _answered(client: str | None) -> Measure:
    def measure(seen: Observation) -> Value:
        found = [c for c in seen.state.clients.values() if client in (None, c.name)]
        last = found[0].last if found else None
        return None if last is None else (last.server or NOBODY) if last.ok else NOBODY

    return measure


def _acknowledged(node: str) -> Measure:
    return lambda seen: float(sum(c.acknowledged.get(node, 0) for c in seen.state.clients.values()))


def _missing(node: str) -> Measure:
    def measure(seen: Observation) -> Value:
        found = seen.state.nodes[node]
        if found.written is None:
            return None
        return float(sum(map(count_numbers, missing_rows(seen.state, found).values())))

    return measure


def _value(node: str, name: str, key: str, column: str) -> Measure:
    """What a node's table holds in one row, found by its first column; a number where it is one."""

    def measure(seen: Observation) -> Value:
        table = seen.state.nodes[node].tables.get(name if "." in name else f"lab.{name}")
        if table is None or column not in table.columns:
            return None
        row = next((row for row in table.content if row[0] == key), None)
        text = row[table.columns.index(column)] if row else None
        return None if text is None else parse_number(text)

    return measure


def _errno(node: str) -> Measure:
    def measure(seen: Observation) -> Value:
        replica = seen.state.nodes[node].replica
        return None if replica is None else float(replica.errno)

    return measure


_ANY_INSTANCE: tuple[WordKind, ...] = (_NODE, _INSTANCE)

MEASURES: dict[str, Entry[Measure]] = entries_by_name(
    [
        Entry("owner", (_VIP,), "who holds the virtual address", "owner", _owner, 1),
        Entry("master", (_INSTANCE,), "whose keepalived reports Master", "master", _master, 1),
        Entry(
            "outage",
            (WordKind.CLIENT,),
            "the last outage that ended",
            "outage client",
            _outage,
            1,
            "s",
            history=True,
        ),
        Entry(
            "unanswered",
            (WordKind.CLIENT,),
            "the longest that it was cut off so far, 0 if never",
            "unanswered client",
            _unanswered,
            1,
            "s",
            history=True,
        ),
        Entry(
            "failed",
            (WordKind.CLIENT,),
            "tries that failed in it",
            "failed client",
            _failed,
            1,
            history=True,
        ),
        Entry("answered", (WordKind.CLIENT,), "which server answered last", "answered", _answered, 1),
        Entry(
            "takeover",
            _ANY_INSTANCE,
            "from the last advert a Backup accepted to its becoming Master",
            "takeover db2",
            _takeover,
            1,
            "s",
            history=True,
        ),
        Entry(
            "handovers",
            (_INSTANCE,),
            "how often a node became Master since the task began",
            "handovers",
            _handovers,
            1,
        ),
        Entry("skew", _ANY_INSTANCE, "its skew, by its settings", "skew db2", _setting(_skew), 1, "s"),
        Entry(
            "master_down",
            _ANY_INSTANCE,
            "its master-down interval, by its settings: 3 × advert_int + skew",
            "master_down db2",
            _setting(_master_down),
            1,
            "s",
        ),
        Entry(
            "priority",
            _ANY_INSTANCE,
            "its priority in effect",
            "priority db1",
            _setting(lambda i: float(i.priority)),
            1,
        ),
        Entry(
            "interval",
            _ANY_INSTANCE,
            "its advert interval, by its settings",
            "interval db1",
            _setting(lambda i: None if i.settings is None else i.settings.interval),
            1,
            "s",
        ),
        Entry(
            "adverts",
            (_NODE, WordKind.NUMBER),
            "adverts a node sent since the task began; of one priority, if given",
            "adverts db1",
            _adverts,
            1,
            history=True,
        ),
        Entry(
            "received",
            (_NODE, _NODE),
            "adverts that reached a node from one",
            "received db2 db1",
            _received,
            history=True,
        ),
        Entry(
            "field",
            (_NODE, WordKind.FIELD),
            f"a field of the last advert a node sent: {', '.join(FIELDS)}",
            "field db1 priority",
            _field,
        ),
        Entry(
            "acknowledged",
            (_NODE,),
            "rows whose commit a server acknowledged to clients",
            "acknowledged db1",
            _acknowledged,
        ),
        Entry(
            "missing",
            (_NODE,),
            "rows that were acknowledged to clients and that a server does not have, now",
            "missing db2",
            _missing,
        ),
        Entry(
            "value",
            (_NODE, WordKind.WORD, WordKind.WORD, WordKind.WORD),
            "what a small table holds on a node: table, the row's first column, the column",
            "value db1 accounts 1 balance",
            _value,
        ),
        Entry("errno", (_NODE,), "the error number of its replica, 0 for none", "errno db2", _errno),
    ]
)
WORD_MEASURES = frozenset({"owner", "master", "answered"})
"""Measures whose value is a word: nodes' names, or nobody."""
MIXED_MEASURES = frozenset({"field", "value"})
"""Measures whose value is a word or a number; all others are numbers."""
