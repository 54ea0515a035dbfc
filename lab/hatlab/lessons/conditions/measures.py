"""What can be measured in a lab: a number or a word, or None while it cannot be told.

A measure sees the state now and what happened since the task began.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from hatlab import events as e
from hatlab.keepalived import parse_config
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.conditions.vocabulary import FIELDS, Vocabulary, parse_number
from hatlab.state.model import ClientState, InstanceState
from hatlab.state.table_diff import missing_rows
from hatlab.util.ranges import count_numbers
from hatlab.vrrp import codec
from hatlab.vrrp.timers import master_down_interval, skew_time

MEASURES: Vocabulary[Value] = Vocabulary("measure")
_define = MEASURES.define
WORD_MEASURES = frozenset({"owner", "master", "answered"})
"""Measures whose value is a word: nodes' names, or nobody."""
MIXED_MEASURES = frozenset({"field", "setting", "value"})
"""Measures whose value is a word or a number; all others are numbers."""
NOBODY = "nobody"


def join_nodes(nodes: frozenset[str] | set[str]) -> str:
    """Return `db1`, `db1 and db2` or `nobody`."""
    return " and ".join(sorted(nodes)) or NOBODY


def instance_of(seen: Observation, node: str, name: str | None) -> InstanceState | None:
    """Return a node's instance by name; its first one without."""
    instances = seen.node(node).instances
    return instances.get(name) if name else next(iter(instances.values()), None)


def owners(seen: Observation, vip: str | None) -> frozenset[str]:
    """Return the nodes that hold a virtual address; the lab's first one without."""
    address = vip or next((address for _, address, _ in seen.state.vips()), "")
    return seen.state.owners(address)


def masters(seen: Observation, instance: str | None) -> frozenset[str]:
    """Return the nodes whose keepalived reports Master of an instance; of their first one without."""
    instances = {node: instance_of(seen, node, instance) for node in seen.state.nodes}
    return frozenset(node for node, state in instances.items() if state and state.reported == "MASTER")


def clients(seen: Observation, name: str | None) -> list[ClientState]:
    """Return the client of a name; all without."""
    return [client for client in seen.state.clients.values() if name in (None, client.name)]


@_define("owner [VIP]", "the node that holds the virtual address", "owner")
def _owner(seen: Observation, vip: str | None) -> Value:
    return join_nodes(owners(seen, vip))


@_define("master [INSTANCE]", "the node whose keepalived reports Master", "master")
def _master(seen: Observation, instance: str | None) -> Value:
    return join_nodes(masters(seen, instance))


@_define("outage [CLIENT]", "the length of the last outage", "outage client", unit="s", history=True)
def _outage(seen: Observation, client: str | None) -> Value:
    return next((outage.seconds for outage in _latest_outages(seen, client)), None)


@_define(
    "unanswered [CLIENT]",
    "the longest time without an answer so far, 0 if none",
    "unanswered client",
    unit="s",
    history=True,
)
def _unanswered(seen: Observation, client: str | None) -> Value:
    ended = [outage.seconds for outage in _latest_outages(seen, client)]
    return max([0.0, *ended, *(each.cut_off or 0.0 for each in clients(seen, client))])


@_define("failed [CLIENT]", "failed tries in the last outage", "failed client", history=True)
def _failed(seen: Observation, client: str | None) -> Value:
    return next((float(outage.failed) for outage in _latest_outages(seen, client)), None)


def _latest_outages(seen: Observation, client: str | None) -> Iterator[e.Outage]:
    return (outage for outage in reversed(seen.trace.outages) if client in (None, outage.client))


@_define("answered [CLIENT]", "the server that answered last", "answered")
def _answered(seen: Observation, client: str | None) -> Value:
    last = next((each.last for each in clients(seen, client)), None)
    return None if last is None else (last.server or NOBODY) if last.ok else NOBODY


@_define(
    "takeover NODE [INSTANCE]",
    "from the last advert a Backup accepted until it became Master",
    "takeover db2",
    unit="s",
    history=True,
)
def _takeover(seen: Observation, node: str, instance: str | None) -> Value:
    for transition in reversed(seen.trace.transitions):
        if (transition.node, transition.now) == (node, "MASTER") and instance in (None, transition.instance):
            return transition.waited
    return None


@_define("handovers [INSTANCE]", "how many times a node became Master since the task began", "handovers")
def _handovers(seen: Observation, instance: str | None) -> Value:
    """Each node that became Master counts, also one that did so beside another."""
    became = [each.instance for each in seen.trace.transitions if each.now == "MASTER"]
    return float(len(became) if instance is None else became.count(instance))


@_define("skew NODE [INSTANCE]", "its skew, calculated from its settings", "skew db2", unit="s")
def _skew(seen: Observation, node: str, instance: str | None) -> Value:
    state = instance_of(seen, node, instance)
    if state is None or state.settings is None:
        return None
    return skew_time(state.settings.version, state.priority, state.settings.interval)


@_define(
    "master_down NODE [INSTANCE]",
    "its master-down interval, calculated from its settings: 3 × advert_int + skew",
    "master_down db2",
    unit="s",
)
def _master_down(seen: Observation, node: str, instance: str | None) -> Value:
    state = instance_of(seen, node, instance)
    if state is None or state.settings is None:
        return None
    conf = state.settings
    return master_down_interval(conf.version, state.priority, conf.interval, conf.down_adverts)


@_define("priority NODE [INSTANCE]", "its current priority", "priority db1")
def _priority(seen: Observation, node: str, instance: str | None) -> Value:
    state = instance_of(seen, node, instance)
    return None if state is None else float(state.priority)


@_define("interval NODE [INSTANCE]", "its advert interval in its settings", "interval db1", unit="s")
def _interval(seen: Observation, node: str, instance: str | None) -> Value:
    state = instance_of(seen, node, instance)
    return None if state is None or state.settings is None else state.settings.interval


@_define(
    "setting NODE WORD", "the value of a keyword in the file that its keepalived has read", "setting db1 fall"
)
def _setting(seen: Observation, node: str, keyword: str) -> Value:
    """The last such line's value; None without one."""
    return _value_of(seen.node(node).loaded, keyword)


@lru_cache(256)
def _value_of(conf: str, keyword: str) -> Value:
    found: Value = None
    blocks = [parse_config(conf)]
    while blocks:
        statement = blocks.pop(0)
        if statement.keyword == keyword:
            found = parse_number(statement.value())
        blocks += statement.body or ()
    return found


@_define(
    "adverts NODE [NUMBER]",
    "adverts that a node sent since the task began (of one priority, if given)",
    "adverts db1",
    history=True,
)
def _adverts(seen: Observation, node: str, priority: float | None) -> Value:
    sent = seen.trace.sent.get(node, {})
    return float(sum(sent.values()) if priority is None else sent.get(int(priority), 0))


@_define(
    "received NODE NODE",
    "adverts that reached the first node from the second",
    "received db2 db1",
    history=True,
)
def _received(seen: Observation, node: str, sender: str) -> Value:
    return float(sum(seen.trace.heard.get((node, sender), {}).values()))


@_define(
    "field NODE FIELD",
    f"a field of the last advert that a node sent: {', '.join(FIELDS)}",
    "field db1 priority",
)
def _field(seen: Observation, node: str, name: str) -> Value:
    """A field of a node's last advert; of the last it sent before the task, if none since."""
    advert = seen.trace.last.get(node)
    if advert is None:
        return None
    match name:
        case "ttl":
            packet = codec.decode(bytes.fromhex(advert.frame))
            return float(packet.ttl) if packet else None
        case "address":
            return ", ".join(advert.addresses)
        case "source" | "destination" | "auth":
            return str(getattr(advert, name) or "none")
        case _:
            value = getattr(advert, name)
            return None if value is None else float(value)


@_define("acknowledged NODE", "rows that a server acknowledged to clients", "acknowledged db1")
def _acknowledged(seen: Observation, node: str) -> Value:
    return float(sum(client.acknowledged.get(node, 0) for client in seen.state.clients.values()))


@_define(
    "missing NODE",
    "rows that were acknowledged to clients but are missing on a server now",
    "missing db2",
)
def _missing(seen: Observation, node: str) -> Value:
    state = seen.node(node)
    if state.written is None:
        return None
    return float(sum(map(count_numbers, missing_rows(seen.state, state).values())))


@_define(
    "value NODE WORD WORD WORD",
    "a value in a small table on a node: table, first column of the row, column",
    "value db1 accounts 1 balance",
)
def _value(seen: Observation, node: str, name: str, key: str, column: str) -> Value:
    """A number where the text is one."""
    table = seen.table(node, name)
    if table is None or column not in table.columns:
        return None
    row = next((row for row in table.content if row[0] == key), None)
    text = row[table.columns.index(column)] if row else None
    return None if text is None else parse_number(text)


@_define("errno NODE", "its replication error number, 0 for none", "errno db2")
def _errno(seen: Observation, node: str) -> Value:
    replica = seen.node(node).replica
    return None if replica is None else float(replica.errno)
