"""Why the better server is content to be Backup: nopreempt, a delay, priorities, a file that was not read."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.status import answered_by, next_answers, states
from hatlab.drills.model import Cause, Kind, Sign, Symptom
from hatlab.drills.places import conf
from hatlab.drills.roles import Roles
from hatlab.drills.steps import change, wait
from hatlab.lessons.model import SolutionStep

DELAY = 900
"""Seconds of a preempt_delay that nobody waits for."""


def preemption_causes(lab: Roles) -> Iterator[Cause]:
    """Reasons for which the better server does not take over."""
    if len(lab.members) != 2:
        return
    yield _nopreempt(lab)
    yield _preempt_delay(lab)
    yield _lowered(lab)
    yield _raised(lab)
    yield _equal(lab)
    yield _not_read(lab)


def _held_back(
    lab: Roles,
    kind: str,
    name: str,
    begin: tuple[SolutionStep, ...],
    cure: tuple[SolutionStep, ...],
    signs: tuple[Sign, ...],
    advice: str,
    *,
    family: Kind = Kind.PREEMPTION,
) -> Cause:
    return Cause(
        id=kind,
        kind=family,
        level=2,
        fits=(Symptom.WRONG_SERVER,),
        name=name,
        begin=begin,
        until=next_answers(lab, f"state {lab.best} BACKUP {lab.instance}"),
        signs=(answered_by(lab, lab.next), *signs),
        cure=cure,
        gone=f"owner {lab.best} {lab.vip}",
        advice=advice,
        harm=(f"stop keepalived {lab.next}",),
        because=f"{lab.best} takes over only because it is alone now",
    )


def _restart(lab: Roles) -> tuple[SolutionStep, ...]:
    """The better server was away for a while, as for maintenance."""
    return (
        f"stop keepalived {lab.best}",
        wait(f"owner {lab.next} {lab.vip}"),
        f"start keepalived {lab.best}",
    )


def _nopreempt(lab: Roles) -> Cause:
    node = lab.best
    return _held_back(
        lab,
        "nopreempt",
        f"{node} may not preempt",
        (f"set {node} nopreempt on {lab.instance}", *_restart(lab)),
        (f"set {node} nopreempt off {lab.instance}",),
        (
            states(lab, "BACKUP", "MASTER"),
            Sign(conf(node), "preemption", f"{node}'s file says nopreempt.", has=(r"^\s*nopreempt",)),
        ),
        f"It is one word in {node}'s keepalived.conf.",
    )


def _preempt_delay(lab: Roles) -> Cause:
    node = lab.best
    shows = f"{node}'s file says preempt_delay {DELAY}: fifteen minutes."
    return _held_back(
        lab,
        "preempt-delay",
        f"{node} waits too long before it preempts",
        (f"set {node} preempt_delay {DELAY} {lab.instance}", *_restart(lab)),
        (f"set {node} preempt_delay 0 {lab.instance}",),
        (
            states(lab, "BACKUP", "MASTER"),
            Sign(conf(node), "preemption", shows, has=(rf"^\s*preempt_delay {DELAY}",)),
        ),
        f"It is one number in {node}'s keepalived.conf.",
    )


def _lowered(lab: Roles) -> Cause:
    node, priority = lab.best, lab.priority(lab.best)
    low = max(1, lab.priority(lab.next) - 50)
    return _held_back(
        lab,
        "low-priority",
        f"{node}'s priority is too low",
        (f"set {node} priority {low} {lab.instance}",),
        (f"set {node} priority {priority} {lab.instance}",),
        (states(lab, "BACKUP", "MASTER", priority=low), _priority_in_file(node, low)),
        f"Compare the priorities, and then {node}'s file.",
    )


def _raised(lab: Roles) -> Cause:
    node, priority = lab.next, lab.priority(lab.next)
    high = min(254, lab.priority(lab.best) + 50)
    return _held_back(
        lab,
        "high-priority",
        f"{node}'s priority is too high",
        (f"set {node} priority {high} {lab.instance}",),
        (f"set {node} priority {priority} {lab.instance}",),
        (states(lab, "BACKUP", "MASTER", other=high), _priority_in_file(node, high)),
        f"Compare the priorities, and then {node}'s file.",
    )


def _equal(lab: Roles) -> Cause:
    node, priority, other = lab.best, lab.priority(lab.best), lab.priority(lab.next)
    return _held_back(
        lab,
        "equal-priority",
        "both servers have the same priority",
        (f"set {node} priority {other} {lab.instance}", *_restart(lab)),
        (f"set {node} priority {priority} {lab.instance}",),
        (states(lab, "BACKUP", "MASTER", priority=other), _priority_in_file(node, other)),
        "Of two equals, the one that is Master stays Master.",
    )


def _not_read(lab: Roles) -> Cause:
    """The priority was corrected in the file, and keepalived was never told."""
    node, priority = lab.best, lab.priority(lab.best)
    low = max(1, lab.priority(lab.next) - 50)
    right, wrong = f"priority {priority}\n", f"priority {low}\n"
    return _held_back(
        lab,
        "not-reloaded",
        f"keepalived on {node} has not read its file again",
        (
            f"set {node} priority {low} {lab.instance}",
            wait(f"owner {lab.next} {lab.vip}"),
            change(node, (wrong, right)),
        ),
        (f"reload {node}",),
        (states(lab, "BACKUP", "MASTER", priority=low), _priority_in_file(node, priority)),
        f"{node}'s file is right. Does its keepalived know?",
        family=Kind.RELOAD,
    )


def _priority_in_file(node: str, priority: int) -> Sign:
    shows = f"{node}'s file says priority {priority}."
    return Sign(conf(node), f"priority of {node}", shows, has=(rf"^\s*priority {priority}$",))
