"""keepalived and mysqld: killed, stopped or frozen; machines without power."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.split import has_split, one_voice, two_owners
from hatlab.drills.causes.status import (
    answered_by,
    keepalived_process,
    link,
    mysqld_process,
    next_answers,
    no_answer,
    power,
    service_process,
    states,
)
from hatlab.drills.model import Cause, Kind, Symptom
from hatlab.drills.roles import Roles

_DONE = {"kill": ("down", "was killed", "start"), "freeze": ("frozen", "is frozen", "thaw")}
"""What is done to a process → its state, that in words, and what takes it back."""


def process_causes(lab: Roles) -> Iterator[Cause]:
    """Processes that do not do their work, and machines that are off."""
    yield _zombie(
        lab,
        "frozen-keepalived",
        "freeze",
        f"The process on {lab.best} is there, but stopped. It only has to continue.",
    )
    yield _zombie(
        lab,
        "killed-keepalived",
        "kill",
        f"No keepalived runs on {lab.best}, and the address is still on its interface. Start it.",
    )
    yield _stopped_keepalived(lab)
    yield _power_off(lab)
    if len(lab.members) == 2:
        yield _runs_nowhere(lab, "keepalived", "stop", "STOPPED")
    if lab.check:
        yield _fault(
            lab,
            "killed-mysqld",
            "kill",
            f"keepalived on {lab.best} is right to hold back: start what it asks.",
        )
        yield _fault(
            lab,
            "frozen-mysqld",
            "freeze",
            f"mysqld is there on {lab.best}, but stopped. It only has to continue.",
        )
        if len(lab.members) == 2:
            yield _runs_nowhere(lab, "mysqld", "kill", "FAULT")


def _zombie(lab: Roles, kind: str, verb: str, advice: str) -> Cause:
    """A keepalived that ended, or stands still, without taking its address off."""
    node, (state, words, undo) = lab.best, _DONE[verb]
    return Cause(
        id=kind,
        kind=Kind.PROCESS,
        level=1,
        fits=(Symptom.SPLIT,),
        name=f"keepalived on {node} {words}",
        begin=(f"{verb} keepalived {node}",),
        until=has_split(lab),
        signs=(two_owners(lab), one_voice(lab), keepalived_process(node, state)),
        cure=(f"{undo} keepalived {node}",),
        gone=f"process keepalived {node} up",
        advice=advice,
        harm=(f"reload {lab.next}",),
        because=f"{lab.next} does what it should; the extra address is on {node}",
    )


def _stopped_keepalived(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="stopped-keepalived",
        kind=Kind.PROCESS,
        level=1,
        fits=(Symptom.WRONG_SERVER,),
        name=f"keepalived on {node} was stopped",
        begin=(f"stop keepalived {node}",),
        until=next_answers(lab, f"state {node} STOPPED {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "STOPPED", "MASTER"),
            power(node, "on"),
            keepalived_process(node, "down"),
        ),
        cure=(f"start keepalived {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"No keepalived runs on {node}.",
        harm=(f"stop keepalived {lab.next}",),
        because="now nobody holds the address",
    )


def _power_off(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="power-off",
        kind=Kind.PROCESS,
        level=1,
        touches_data=True,
        fits=(Symptom.WRONG_SERVER,),
        name=f"{node} has no power",
        begin=(f"power off {node}",),
        until=next_answers(lab, f"power {node} off"),
        signs=(answered_by(lab, lab.next), states(lab, "STOPPED", "MASTER"), power(node, "off")),
        cure=(f"power on {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"Switch {node} on again.",
        harm=(f"stop keepalived {lab.next}",),
        because="now nobody holds the address",
    )


def _fault(lab: Roles, kind: str, verb: str, advice: str) -> Cause:
    """A mysqld that does not answer, so that keepalived is in FAULT."""
    node, (state, words, undo) = lab.best, _DONE[verb]
    return Cause(
        id=kind,
        kind=Kind.PROCESS,
        level=1,
        touches_data=True,
        fits=(Symptom.WRONG_SERVER,),
        name=f"mysqld on {node} {words}",
        begin=(f"{verb} mysqld {node}",),
        until=next_answers(lab, f"state {node} FAULT {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "FAULT", "MASTER"),
            link(node, up=True),
            mysqld_process(node, state),
        ),
        cure=(f"{undo} mysqld {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=advice,
        harm=(f"reload {node}",),
        because="the check fails again, as mysqld still does not answer it",
    )


def _runs_nowhere(lab: Roles, service: str, verb: str, state: str) -> Cause:
    """A service that runs on neither server."""
    best, second = lab.best, lab.next
    reason = "nobody runs keepalived" if service == "keepalived" else "no mysqld answers the check"
    return Cause(
        id=f"no-{service}",
        kind=Kind.PROCESS,
        level=1,
        touches_data=service == "mysqld",
        fits=(Symptom.NO_ORDERS,),
        name=f"{service} runs on neither server",
        begin=(f"{verb} {service} {best}", f"{verb} {service} {second}"),
        until=["cut_off", f"owners 0 {lab.vip}", f"state {second} {state} {lab.instance}"],
        signs=(
            no_answer(lab),
            states(lab, state, state),
            service_process(best, service, "down"),
            service_process(second, service, "down"),
        ),
        cure=(f"start {service} {best}", f"start {service} {second}"),
        gone=f"owner {best} {lab.vip}",
        advice=f"Nobody holds the address, because {reason}.",
        harm=(f"start {service} {second}",),
        because="clients are answered again, but nobody stands in",
    )
