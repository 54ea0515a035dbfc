"""A run as a report tells it: transitions and why, outages, actions, conditions, and who was what when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from hatlab import events as e
from hatlab.describe import time_of
from hatlab.state.model import IMPORTED, LabState
from hatlab.state.steps import Step
from hatlab.state.timeline import TimelineModel

MAX_ADVERTS = 4000
"""Adverts remembered for a drawing; with more they could not be told apart."""
OF_OWNERS = {"split_brain", "no_owner"}
"""Conditions that are as old as an address's owners, whenever they are noticed."""
_NEAR = 8
"""How many transitions back the one may be that an explanation belongs to."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A node's part in a virtual router changed its state."""

    at: float
    node: str
    instance: str
    from_: str
    to: str
    why: e.Why | None = None
    about: float = 0.0
    """How exactly `at` is known, s: as of the event."""
    evidence: str = ""
    """Where it stands in what was imported."""


@dataclass(frozen=True, slots=True)
class ActionSpan:
    """An action from beginning to end."""

    at: float
    ended: float
    words: str
    """As `hatlab do` takes it."""
    phase: str
    """`done`, `failed`, or `started` if the recording does not say how it ended."""
    effect: str
    definite: bool
    """True if a failed action certainly did not happen."""


@dataclass(frozen=True, slots=True)
class ConditionSpan:
    """A condition from beginning to end."""

    name: str
    detail: str
    began: float
    ended: float | None
    """None if it held to the end of the run."""
    about: float = 0.0
    """How exactly both are known, s."""


@dataclass(frozen=True, slots=True)
class OutageSpan:
    """A client's outage, and where its seconds went."""

    outage: e.Outage
    why: e.Why | None = None


@dataclass(slots=True)
class RunReport:
    """A whole run."""

    lab: e.Lab | None = None
    ends: float = 0.0
    ready: float | None = None
    ending: str | None = None
    """Why it ended, if that was recorded."""
    missed: int = 0
    """Events that were lost, or could not be read."""
    transitions: list[Transition] = field(default_factory=list)
    outages: list[OutageSpan] = field(default_factory=list)
    actions: list[ActionSpan] = field(default_factory=list)
    conditions: list[ConditionSpan] = field(default_factory=list)
    standstills: list[e.Why] = field(default_factory=list)
    """Why a node stayed what it was: they explain what did not come."""
    timeline: TimelineModel = field(default_factory=TimelineModel)
    """Who was what when."""
    adverts: dict[str, list[float]] = field(default_factory=dict)
    """Node → moments at which it sent an advert; at most `MAX_ADVERTS` together."""

    @property
    def is_known(self) -> bool:
        """False for an incident that was imported: what no fact says is not known there."""
        return self.lab is None or self.lab.engine != IMPORTED


def build_report(steps: Iterable[Step]) -> RunReport:
    """Read a run to its end."""
    builder = _Builder()
    for step in steps:
        builder.add(step)
    return builder.report


def _began(event: e.Condition, state: LabState) -> float:
    """When a condition began: in an incident nothing ticks, so what has no owner, or two, is noticed late."""
    if not state.is_imported or event.name not in OF_OWNERS:
        return event.at
    several = event.name == "split_brain"
    odd = (since for owners, since in state.owned.values() if (len(owners) > 1 if several else not owners))
    return min(odd, default=event.at)


class _Builder:
    def __init__(self) -> None:
        self.report = RunReport()
        self._advert_count = 0
        self._open: dict[str, int] = {}
        """Actions and conditions that have not ended → their numbers in the report."""

    def add(self, step: Step) -> None:
        event, before, after = step
        report = self.report
        report.ends = max(report.ends, after.at)
        report.transitions += _transitions(event, before, after)
        if isinstance(event, e.Probe):  # an answer counts from when it came, as in an outage
            report.timeline.feed([replace(event, at=time_of(event))])
        else:
            report.timeline.feed([event])
        match event:
            case e.Lab():
                report.lab = event
            case e.Phase(name="ready", done=True) if report.ready is None:
                report.ready = event.at
            case e.Phase(name="stopping"):
                report.ending = event.detail or report.ending or ""
            case e.Advert(direction="sent") if self._advert_count < MAX_ADVERTS:
                self._advert_count += 1
                report.adverts.setdefault(event.node, []).append(event.at)
            case e.Why():
                self._add_explanation(event)
            case e.Outage():
                report.outages.append(OutageSpan(event))
            case e.Action():
                self._add_action(event)
            case e.Condition():
                self._add_condition(event, after)
            case e.Dropped():
                report.missed += event.count

    def _add_action(self, event: e.Action) -> None:
        actions = self.report.actions
        words = " ".join([event.name, *event.targets])
        number = self._open.pop(f"action {words}", None) if event.phase != "started" else None
        span = ActionSpan(event.at, event.at, words, event.phase, event.effect, event.definite)
        if number is not None:
            actions[number] = replace(span, at=actions[number].at)
            return
        if event.phase == "started":
            self._open[f"action {words}"] = len(actions)
        actions.append(span)

    def _add_condition(self, event: e.Condition, state: LabState) -> None:
        conditions = self.report.conditions
        if event.present:
            self._open[event.name] = len(conditions)
            began, about = _began(event, state), state.coarse
            conditions.append(ConditionSpan(event.name, event.detail, began, None, about))
        elif (number := self._open.pop(event.name, None)) is not None:
            conditions[number] = replace(conditions[number], ended=event.at)

    def _add_explanation(self, why: e.Why) -> None:
        """Give an explanation to what it explains, which came shortly before it."""
        if why.from_ == why.to:
            self.report.standstills.append(why)
            return
        transitions, outages = self.report.transitions, self.report.outages
        explained = (why.node, why.instance, why.to, None)
        for number in range(len(transitions) - 1, max(-1, len(transitions) - 1 - _NEAR), -1):
            change = transitions[number]
            if (change.node, change.instance, change.to, change.why) == explained:
                transitions[number] = replace(change, why=why)
                return
        if outages and outages[-1].outage.client == why.node and outages[-1].why is None:
            outages[-1] = replace(outages[-1], why=why)


def _transitions(event: e.Event, before: LabState, after: LabState) -> Iterator[Transition]:
    """Yield the changes of state that an event made on its node."""
    node = getattr(event, "node", "")
    old_node, new_node = before.nodes.get(node), after.nodes.get(node)
    if old_node is None or new_node is None or old_node.instances is new_node.instances:
        return
    for name, part in new_node.instances.items():
        old_part = old_node.instances.get(name)
        if old_part is not None and old_part.reported != part.reported:
            change = Transition(event.at, node, name, old_part.reported, part.reported)
            yield replace(change, about=event.about, evidence=event.evidence)
