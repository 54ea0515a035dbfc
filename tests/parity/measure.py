"""What happened in a run of a scenario, from its events alone, and how far it is from the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hatlab import events as e
from tests.parity.scenarios import TOLERANCE, Move, Scenario, Since


@dataclass(frozen=True, slots=True)
class MeasuredMove:
    """One transition as it came."""

    move: Move
    at: float
    seconds: float
    """From the moment that the move is counted from."""
    difference: float
    """Seconds from the nearest right time."""


def transitions(events: Iterable[e.Event], after: float) -> list[tuple[float, str, str]]:
    """Return (at, node, state) of each change of state that keepalived reported or suffered."""
    changes = []
    last: dict[str, str] = {}
    for event in events:
        match event:
            case e.Vrrp(instance=instance) if instance != "VI_1":
                continue
            case e.Vrrp(node=node, state=state):
                pass
            case e.Process(node=node, service="keepalived", state="down"):
                state = "STOPPED"
            case e.Process(node=node, service="keepalived", state="up") if last.get(event.node) == "STOPPED":
                last[node] = "INIT"
                continue
            case _:
                continue
        if last.get(node) != state or (state == "BACKUP" and _is_restart(event, events)):
            last[node] = state
            if event.at >= after:
                changes.append((event.at, node, state))
    return changes


def _is_restart(event: e.Event, events: Iterable[e.Event]) -> bool:
    """Return whether a BACKUP is a restart, even after BACKUP: the log says so at the same moment."""
    return any(
        isinstance(other, e.Log)
        and abs(other.at - event.at) < 0.02
        and other.node == getattr(event, "node", "")
        and "Entering BACKUP STATE" in other.text
        for other in events
    )


def problems(scenario: Scenario, events: Sequence[e.Event], owners: Iterable[str]) -> list[str]:
    """Say what differs from the scenario; empty if all is as measured on real keepalived."""
    differences: list[str] = []
    began = _start_time(scenario, events)
    came = transitions(events, began)
    wanted = [(m.node, m.to) for m in scenario.moves]
    if _by_node((node, state) for _, node, state in came) != _by_node(wanted):
        changes = ", ".join(f"{node} {state} at {at:.3f}" for at, node, state in came)
        return [f"transitions are {changes or 'none'}, not {wanted}"]
    differences += [
        f"{m.move.node} {m.move.to} came {m.seconds:.3f} s after {m.move.since}, "
        f"{m.difference:.3f} s off {m.move.seconds:g}–{m.move.seconds + m.move.spread:g} s"
        for m in measure(scenario, events)
        if m.difference > TOLERANCE
    ]
    if frozenset(owners) != scenario.owners:
        differences.append(f"owners are {sorted(owners)}, not {sorted(scenario.owners)}")
    sent = [a for a in events if isinstance(a, e.Advert) and a.direction == "sent"]
    zeros = {node: sum(a.node == node and a.priority == 0 for a in sent) for node in ("db1", "db2")}
    if zeros != {"db1": 0, "db2": 0, **scenario.zeros}:
        differences.append(f"adverts of priority 0: {zeros}, not {dict(scenario.zeros)}")
    last_word = {a.node: a.read_only for a in events if isinstance(a, e.ReadOnly)}
    writable = {node for node, read_only in last_word.items() if not read_only}
    if writable != scenario.writable:
        differences.append(f"{sorted(writable)} take writes, not {sorted(scenario.writable)}")
    end = events[-1].at
    lately = {a.node for a in sent if a.at > end - 4}
    if scenario.advertise is not None and lately != scenario.advertise:
        differences.append(f"{sorted(lately)} advertise at the end, not {sorted(scenario.advertise)}")
    return differences


def _by_node(moves: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return each node's states in their order: facts of different nodes may come in any order."""
    states: dict[str, list[str]] = {}
    for node, state in moves:
        states.setdefault(node, []).append(state)
    return states


def measure(scenario: Scenario, events: Sequence[e.Event]) -> list[MeasuredMove]:
    """Measure each move's time from the moment it is counted from."""
    pending = transitions(events, _start_time(scenario, events))
    measured = []
    for move in scenario.moves:
        change = next((c for c in pending if (c[1], c[2]) == (move.node, move.to)), None)
        if change is None:
            continue
        pending.remove(change)
        seconds = change[0] - _reference_time(move.since, move.node, change[0], events)
        off = max(move.seconds - seconds, seconds - move.seconds - move.spread, 0.0)
        measured.append(MeasuredMove(move, change[0], seconds, off))
    return measured


def _start_time(scenario: Scenario, events: Sequence[e.Event]) -> float:
    """Return when the first action that does something began; the beginning of the lab if there is none."""
    if not scenario.acts:
        return 0.0
    return next(a.at for a in events if isinstance(a, e.Action) and a.phase == "started" and a.name != "edit")


def _reference_time(since: Since, node: str, before: float, events: Sequence[e.Event]) -> float:
    """Return the moment before a transition that its time is counted from; -1000 if there was none."""
    moments = [
        event.at for event in events if event.at <= before and _is_reference(since, node, event, before)
    ]
    if since == "zero" and len(moments) > 1 and moments[-1] - moments[-2] < 0.05:
        return moments[-2]  # a Master in FAULT says it twice
    return moments[-1] if moments else -1000.0


def _is_reference(since: Since, node: str, event: e.Event, before: float) -> bool:
    match since, event:
        case "heard", e.Advert(direction="received", priority=int(priority)):
            return event.node == node and priority >= _priority(node) and not event.defects
        case "zero", e.Advert(direction="received", priority=0):
            return event.node == node
        case "wire", e.Advert(direction="received"):
            return event.node == node
        case "start", e.Vrrp(state="BACKUP"):
            return event.node == node and event.at < before
        case "act", e.Action(phase="started"):
            return True
        case "process", e.Process(service="keepalived", state="up"):
            return event.node == node
        case _:
            return False


def _priority(node: str) -> int:
    return {"db1": 150, "db2": 100}[node]
