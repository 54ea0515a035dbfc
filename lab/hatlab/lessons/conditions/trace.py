"""Collects what happened since a moment: a second pure fold, for conditions and measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hatlab import events as e
from hatlab.state.derive import outage_ended_by
from hatlab.state.model import InstanceState, LabState, NodeState

Value = float | str | None
"""What a measure says: a number, a word, or None while it cannot be told."""
K = TypeVar("K")

MOST = 256
"""How many transitions, processes, actions and outages a trace keeps, of each."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An instance went over to another state."""

    at: float
    node: str
    instance: str
    before: str
    now: str
    waited: float | None = None
    """Seconds since the node's master-down timer was set, None if it did not run."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened since a moment."""

    began: float
    """That moment, s of the lab."""
    sent: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Node → its adverts by priority."""
    heard: Mapping[tuple[str, str], Mapping[int, int]] = field(default_factory=dict)
    """(Node, from) → adverts that arrived, by priority."""
    last: Mapping[str, e.Advert] = field(default_factory=dict)
    """Node → its last advert sent, even before that moment."""
    announced: Mapping[str, int] = field(default_factory=dict)
    """Node → gratuitous ARPs it sent."""
    transitions: tuple[Transition, ...] = ()
    """Those of instances, oldest first."""
    processes: tuple[e.Process, ...] = ()
    """Processes that went up, down or were frozen."""
    actions: tuple[e.Action, ...] = ()
    """What was done through hatlab, finished or failed."""
    outages: tuple[e.Outage, ...] = ()
    """Those that ended."""
    conditions: frozenset[str] = frozenset()
    """Names of conditions that began."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a condition or measure looks at: the state now, and what happened since the task began."""

    state: LabState
    trace: Trace

    def node(self, name: str) -> NodeState:
        return self.state.nodes[name]

    def table(self, node: str, name: str) -> e.Table | None:
        """Return a small table of a node (of the database `lab` if none is named), None if it has none."""
        return self.node(node).tables.get(name if "." in name else f"lab.{name}")


def update(trace: Trace, before: LabState, event: e.Event, after: LabState) -> Trace:
    """Return the trace after one more event, with the state before and after it."""
    if isinstance(event, e.Probe):
        return _add_outage(trace, before, event) if event.ok else trace
    if event.at < trace.began:
        return trace
    match event:
        case e.Advert():
            return _count_advert(trace, before, event)
        case e.Arp(gratuitous=True, direction="sent"):
            count = trace.announced.get(event.node, 0) + 1
            return replace(trace, announced={**trace.announced, event.node: count})
        case e.Vrrp() | e.Node():
            return _add_transitions(trace, before, event.node, after)
        case e.Process():
            trace = replace(trace, processes=(*trace.processes[1 - MOST :], event))
            return _add_transitions(trace, before, event.node, after)
        case e.Action() if event.phase != "started":
            return replace(trace, actions=(*trace.actions[1 - MOST :], event))
        case e.Condition(present=True):
            return replace(trace, conditions=trace.conditions | {event.name})
        case _:
            return trace


def trace_since(trace: Trace, then: Trace, at: float) -> Trace:
    """Return what of a trace happened after a moment at which it was `then`."""
    return Trace(
        at,
        {node: _subtract(counts, then.sent.get(node, {})) for node, counts in trace.sent.items()},
        {pair: _subtract(counts, then.heard.get(pair, {})) for pair, counts in trace.heard.items()},
        trace.last,
        _subtract(trace.announced, then.announced),
        tuple(transition for transition in trace.transitions if transition.at > at),
        tuple(event for event in trace.processes if event.at > at),
        tuple(event for event in trace.actions if event.at > at),
        tuple(event for event in trace.outages if event.at > at),
        trace.conditions - then.conditions,
    )


def _subtract(counts: Mapping[K, int], then: Mapping[K, int]) -> Mapping[K, int]:
    return {key: count - then.get(key, 0) for key, count in counts.items()}


def _count_advert(trace: Trace, before: LabState, event: e.Advert) -> Trace:
    priority = -1 if event.priority is None else event.priority
    if event.direction == "sent":
        sent = _increment(trace.sent, event.node, priority)
        return replace(trace, sent=sent, last={**trace.last, event.node: event})
    sender = (before.layout.owner_of(event.source) if before.layout else None) or event.source
    return replace(trace, heard=_increment(trace.heard, (event.node, sender), priority))


def _increment(counts: Mapping[K, Mapping[int, int]], key: K, priority: int) -> Mapping[K, Mapping[int, int]]:
    by_priority = counts.get(key, {})
    return {**counts, key: {**by_priority, priority: by_priority.get(priority, 0) + 1}}


def _add_outage(trace: Trace, before: LabState, event: e.Probe) -> Trace:
    """Add the outage that an answer ends: an event later, a task that asks for none could have passed.

    The try that is answered may have begun long before.
    """
    outage = outage_ended_by(before, event)
    if outage is None or outage.ended < trace.began:
        return trace
    return replace(trace, outages=(*trace.outages[1 - MOST :], outage))


def _add_transitions(trace: Trace, before: LabState, node: str, after: LabState) -> Trace:
    """Add those of the instances of a node that are in another state than before."""
    if node not in before.nodes or before.nodes[node] is after.nodes[node]:
        return trace
    old = before.nodes[node].instances
    new = [
        Transition(after.at, node, name, old[name].reported, now.reported, _timer_age(old[name], after.at))
        for name, now in after.nodes[node].instances.items()
        if name in old and old[name].reported != now.reported
    ]
    return replace(trace, transitions=(*trace.transitions[len(new) - MOST :], *new)) if new else trace


def _timer_age(instance: InstanceState, at: float) -> float | None:
    return None if instance.armed is None else at - instance.armed
