"""What a run comes to: transitions and why, outages, actions, conditions, and who was what when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hatlab import events as e
from hatlab.state.model import LabState
from hatlab.state.steps import Step

TICKS = 4000
"""Adverts remembered for a drawing; beyond that they could not be told apart."""


class Span(NamedTuple):
    """Something that held from one moment to another (s)."""

    began: float
    ended: float
    what: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A node's part in a virtual router changed its state."""

    at: float
    node: str
    instance: str
    from_: str
    to: str
    why: e.Why | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """An action from beginning to end; `phase` is `started` if the recording does not tell how it ended."""

    at: float
    ended: float
    words: str
    phase: str
    effect: str
    definite: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A condition; `ended` is None if it held to the end."""

    name: str
    detail: str
    began: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A client's outage and where its seconds went."""

    outage: e.Outage
    why: e.Why | None = None


@dataclass(slots=True)
class Story:
    """The whole run.

    Attributes:
        lanes: (node, instance) → its states as reported.
        owners: virtual address → who held it: names joined by ` + `, empty for nobody.
        clients: client → who answered; empty for nobody.
        adverts: node → moments at which it sent one; at most `TICKS` together.
    """

    lab: e.Lab | None = None
    ends: float = 0.0
    ready: float | None = None
    ending: str | None = None
    missed: int = 0
    transitions: list[Transition] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    conditions: list[Held] = field(default_factory=list)
    lanes: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    owners: dict[str, list[Span]] = field(default_factory=dict)
    clients: dict[str, list[Span]] = field(default_factory=dict)
    adverts: dict[str, list[float]] = field(default_factory=dict)


def story(steps: Iterable[Step]) -> Story:
    """Reads a run to its end."""
    found, teller = Story(), _Teller()
    for step in steps:
        teller.take(found, step)
    for spans in (*found.lanes.values(), *found.owners.values(), *found.clients.values()):
        spans[-1] = spans[-1]._replace(ended=found.ends)
    return found


@dataclass(slots=True)
class _Teller:
    """What is under way while a story is read."""

    ticks: int = 0
    open: dict[str, int] = field(default_factory=dict)

    def take(self, found: Story, step: Step) -> None:
        event, before, after = step
        found.ends = max(found.ends, after.at)
        for transition in _transitions(event, before, after):
            found.transitions.append(transition)
            _span(found.lanes.setdefault((transition.node, transition.instance), []), event.at, transition.to)
        if after.owned is not before.owned:
            for address, (names, _) in after.owned.items():
                _span(found.owners.setdefault(address, []), event.at, " + ".join(sorted(names)))
        match event:
            case e.Lab():
                found.lab = event
                for node in after.nodes.values():
                    for name, part in node.instances.items():
                        found.lanes[node.name, name] = [Span(event.at, event.at, part.reported)]
            case e.Phase(name="ready", done=True) if found.ready is None:
                found.ready = event.at
            case e.Phase(name="stopping"):
                found.ending = event.detail or found.ending or ""
            case e.Probe():
                at = event.at if not event.ok else event.at + (event.latency_ms or 0) / 1000
                who = (event.server or "?") if event.ok else ""
                _span(found.clients.setdefault(event.client, []), at, who)
            case e.Advert(direction="sent") if self.ticks < TICKS:
                self.ticks += 1
                found.adverts.setdefault(event.node, []).append(event.at)
            case e.Why():
                _explain(found, event)
            case e.Outage():
                found.cuts.append(Cut(event))
            case e.Action():
                self._deed(found, event)
            case e.Condition():
                self._condition(found, event)
            case e.Dropped():
                found.missed += event.count

    def _deed(self, found: Story, event: e.Action) -> None:
        words = " ".join([event.name, *event.targets])
        begun = self.open.pop(f"action {words}", None) if event.phase != "started" else None
        deed = Deed(event.at, event.at, words, event.phase, event.effect, event.definite)
        if begun is not None:
            found.deeds[begun] = replace(deed, at=found.deeds[begun].at)
            return
        if event.phase == "started":
            self.open[f"action {words}"] = len(found.deeds)
        found.deeds.append(deed)

    def _condition(self, found: Story, event: e.Condition) -> None:
        if event.present:
            self.open[event.name] = len(found.conditions)
            found.conditions.append(Held(event.name, event.detail, event.at, None))
        elif (begun := self.open.pop(event.name, None)) is not None:
            found.conditions[begun] = replace(found.conditions[begun], ended=event.at)


def _transitions(event: e.Event, before: LabState, after: LabState) -> Iterator[Transition]:
    """The parts of the event's node that changed their state by it."""
    name = getattr(event, "node", "")
    was, now = before.nodes.get(name), after.nodes.get(name)
    if was is None or now is None or was.instances is now.instances:
        return
    for instance, part in now.instances.items():
        old = was.instances.get(instance)
        if old is not None and old.reported != part.reported:
            yield Transition(event.at, name, instance, old.reported, part.reported)


def _explain(found: Story, why: e.Why) -> None:
    """Gives an explanation to what it explains, which came shortly before it."""
    for k in range(len(found.transitions) - 1, max(-1, len(found.transitions) - 9), -1):
        one = found.transitions[k]
        if (one.node, one.instance, one.to) == (why.node, why.instance, why.to) and one.why is None:
            found.transitions[k] = replace(one, why=why)
            return
    if found.cuts and found.cuts[-1].outage.client == why.node and found.cuts[-1].why is None:
        found.cuts[-1] = replace(found.cuts[-1], why=why)


def _span(spans: list[Span], at: float, what: str) -> None:
    """Ends the last span and begins another, if it differs."""
    if spans and spans[-1].what == what:
        return
    if spans:
        spans[-1] = spans[-1]._replace(ended=at)
    spans.append(Span(at, at, what))
