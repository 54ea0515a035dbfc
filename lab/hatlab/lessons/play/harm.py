"""Needless harm in a drill: what a learner broke besides what was broken for them to find.

An outage counts as the learner's if it began within `BLAME_SECONDS` of something they changed, unless the
client still asks the wrong server after a split. The time of one handover is free, as many a repair moves the
address. A daemon counts if it ran, and if neither the fault nor its cure has to do with it. A row counts if a
client got it acknowledged and no server has it at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hatlab import events as e
from hatlab.actions import Action, ArgKind
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.solution import CompiledStep, EditStep
from hatlab.state.model import LabState
from hatlab.state.steps import Step
from hatlab.state.table_diff import missing_rows
from hatlab.util.ranges import count_numbers

BLAME_SECONDS = 5.0
"""An outage that begins so soon after a change is that change's."""
FREE_OUTAGE = 3.0
"""Seconds of outage that cost nothing: about one failover."""
_CHANGES = e.Action | e.Process | e.Node | e.Link | e.Filter | e.Conf
"""Events that come of something a learner did."""

Daemon = tuple[str, str]
"""A service and its node."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What a learner broke without need."""

    outage: float = 0.0
    """Seconds for which clients were cut off by what the learner did, all of them."""
    daemons: tuple[str, ...] = ()
    """Healthy daemons that were killed, stopped, frozen or restarted, and machines switched off, as
    `mysqld on db2`, once for each time."""
    rows: int = 0
    """Acknowledged rows that no server has at the end."""

    @property
    def counted_outage(self) -> float:
        """Seconds of outage that count."""
        return max(0.0, self.outage - FREE_OUTAGE)


@dataclass(frozen=True, slots=True)
class HarmWatch:
    """Harm so far, and what it takes to tell more."""

    concerned: frozenset[Daemon]
    """Daemons that the fault or its cure has to do with."""
    lost_before: int
    """Rows that no server had when the drill began."""
    harm: Harm = Harm()
    changed: tuple[float, ...] = ()
    """When the learner changed something, s of the lab."""
    misdirected_at: float = -1.0
    """When a client was last found to ask the wrong server, s of the lab."""

    def follow(self, step: Step) -> HarmWatch:
        """Return what is known after one more event."""
        event, watch = step.event, self
        if isinstance(event, _CHANGES):
            watch = replace(watch, changed=(*watch.changed[-20:], event.at))
        match event:
            case e.Condition(name="misdirected"):
                return replace(watch, misdirected_at=event.at)
            case e.Outage() if watch._is_blamed_for(event):
                return watch._add(outage=watch.harm.outage + event.seconds)
            case e.Node(node=node) if event.state != "on" and step.before.nodes[node].power == "on":
                return watch._add(daemons=(*watch.harm.daemons, node))
            case e.Process(service=service, node=node) if event.state != "up":
                ran = step.before.nodes[node].service(service).state == "up"
                if ran and step.after.nodes[node].power == "on" and (service, node) not in self.concerned:
                    return watch._add(daemons=(*watch.harm.daemons, f"{service} on {node}"))
        return watch

    def at_end(self, state: LabState) -> Harm:
        """Return the harm, with the rows that are lost now."""
        return replace(self.harm, rows=max(0, lost_rows(state) - self.lost_before))

    def _is_blamed_for(self, outage: e.Outage) -> bool:
        """True if it began soon after a change, and the client was not misdirected by an earlier split."""
        soon = any(0.0 <= outage.began - at + 0.1 <= BLAME_SECONDS for at in self.changed)
        return soon and self.misdirected_at < outage.began

    def _add(self, **changes: object) -> HarmWatch:
        return replace(self, harm=replace(self.harm, **changes))  # type: ignore[arg-type]


def watch_harm(compiled: CompiledLesson, state: LabState) -> HarmWatch:
    """Return the watch at the beginning of a drill."""
    (task,) = (compiled.tasks[task.id] for _, task in compiled.lesson.tasks())
    steps = (*compiled.setups[0].steps, *task.solution)
    return HarmWatch(frozenset(_daemons_in(steps)), lost_rows(state))


def _daemons_in(steps: Iterable[CompiledStep]) -> Iterable[Daemon]:
    """Yield the daemons that steps act on."""
    for step in steps:
        if isinstance(step, EditStep):
            yield "keepalived", step.node
        elif isinstance(step, Action) and (node := step.get(ArgKind.NODE)) is not None:
            service = step.get(ArgKind.SERVICE)
            if service is not None:
                yield service, node
            elif step.verb in {"set", "edit", "reload"}:
                yield "keepalived", node
            elif step.verb == "sql":
                yield "mysqld", node


def lost_rows(state: LabState) -> int:
    """Return how many acknowledged rows even the server that has most of them does not have."""
    counts = [
        sum(map(count_numbers, missing_rows(state, node).values()))
        for node in state.nodes.values()
        if node.written is not None
    ]
    return min(counts, default=0)
