"""keepalived and mysqld: killed, stopped or frozen; machines without power."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.split import one_voice, two_owners
from hatlab.drills.causes.status import (
    answered_by,
    keepalived_process,
    link,
    mysqld_process,
    no_answer,
    power,
    states,
)
from hatlab.drills.model import Cause, Kind, Symptom
from hatlab.drills.roles import Roles


def process_causes(lab: Roles) -> Iterator[Cause]:
    """Processes that do not do their work, and machines that are off."""
    yield _frozen_keepalived(lab)
    yield _killed_keepalived(lab)
    yield _stopped_keepalived(lab)
    yield _power_off(lab)
    if len(lab.members) == 2:
        yield _no_keepalived(lab)
    if lab.check:
        yield _killed_mysqld(lab)
        yield _frozen_mysqld(lab)
        if len(lab.members) == 2:
            yield _no_mysqld(lab)


def _frozen_keepalived(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="frozen-keepalived",
        kind=Kind.PROCESS,
        level=1,
        fits=(Symptom.SPLIT,),
        name=f"keepalived on {node} is frozen",
        begin=(f"freeze keepalived {node}",),
        until=[f"owners 2 {lab.vip}", f"state {lab.next} MASTER {lab.instance}"],
        signs=(two_owners(lab), one_voice(lab), keepalived_process(node, "frozen")),
        cure=(f"thaw keepalived {node}",),
        gone=f"process keepalived {node} up",
        advice=f"The process on {node} is there, but stopped. It only has to continue.",
        harm=(f"kill keepalived {node}",),
        because="frozen or dead, it takes no address off the interface",
    )


def _killed_keepalived(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="killed-keepalived",
        kind=Kind.PROCESS,
        level=1,
        fits=(Symptom.SPLIT,),
        name=f"keepalived on {node} was killed",
        begin=(f"kill keepalived {node}",),
        until=[f"owners 2 {lab.vip}", f"state {lab.next} MASTER {lab.instance}"],
        signs=(two_owners(lab), one_voice(lab), keepalived_process(node, "down")),
        cure=(f"start keepalived {node}",),
        gone=f"process keepalived {node} up",
        advice=f"No keepalived runs on {node}, and the address is still on its interface. Start it.",
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
        until=_next_answers(lab, f"state {node} STOPPED {lab.instance}"),
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
        until=_next_answers(lab, f"power {node} off"),
        signs=(answered_by(lab, lab.next), states(lab, "STOPPED", "MASTER"), power(node, "off")),
        cure=(f"power on {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"Switch {node} on again.",
        harm=(f"stop keepalived {lab.next}",),
        because="now nobody holds the address",
    )


def _killed_mysqld(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="killed-mysqld",
        kind=Kind.PROCESS,
        level=1,
        touches_data=True,
        fits=(Symptom.WRONG_SERVER,),
        name=f"mysqld on {node} was killed",
        begin=(f"kill mysqld {node}",),
        until=_next_answers(lab, f"state {node} FAULT {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "FAULT", "MASTER"),
            link(node, up=True),
            mysqld_process(node, "down"),
        ),
        cure=(f"start mysqld {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"keepalived on {node} is right to hold back: start what it asks.",
        harm=(f"reload {node}",),
        because="the check fails again, as there is still nobody to answer it",
    )


def _frozen_mysqld(lab: Roles) -> Cause:
    node = lab.best
    return Cause(
        id="frozen-mysqld",
        kind=Kind.PROCESS,
        level=1,
        touches_data=True,
        fits=(Symptom.WRONG_SERVER,),
        name=f"mysqld on {node} is frozen",
        begin=(f"freeze mysqld {node}",),
        until=_next_answers(lab, f"state {node} FAULT {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "FAULT", "MASTER"),
            link(node, up=True),
            mysqld_process(node, "frozen"),
        ),
        cure=(f"thaw mysqld {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"mysqld is there on {node}, but stopped. It only has to continue.",
        harm=(f"reload {node}",),
        because="the check fails again, as mysqld still does not answer it",
    )


def _no_mysqld(lab: Roles) -> Cause:
    best, second = lab.best, lab.next
    return Cause(
        id="no-mysqld",
        kind=Kind.PROCESS,
        level=1,
        touches_data=True,
        fits=(Symptom.NO_ORDERS,),
        name="mysqld runs on neither server",
        begin=(f"kill mysqld {best}", f"kill mysqld {second}"),
        until=["cut_off", f"owners 0 {lab.vip}", f"state {second} FAULT {lab.instance}"],
        signs=(
            no_answer(lab),
            states(lab, "FAULT", "FAULT"),
            mysqld_process(best, "down"),
            mysqld_process(second, "down"),
        ),
        cure=(f"start mysqld {best}", f"start mysqld {second}"),
        gone=f"owner {best} {lab.vip}",
        advice="keepalived is right to hold back on both servers: start what it asks.",
        harm=(f"start mysqld {second}",),
        because="clients are answered again, but nobody stands in",
    )


def _no_keepalived(lab: Roles) -> Cause:
    best, second = lab.best, lab.next
    return Cause(
        id="no-keepalived",
        kind=Kind.PROCESS,
        level=1,
        fits=(Symptom.NO_ORDERS,),
        name="keepalived runs on neither server",
        begin=(f"stop keepalived {best}", f"stop keepalived {second}"),
        until=["cut_off", f"owners 0 {lab.vip}"],
        signs=(
            no_answer(lab),
            states(lab, "STOPPED", "STOPPED"),
            keepalived_process(best, "down"),
            keepalived_process(second, "down"),
        ),
        cure=(f"start keepalived {best}", f"start keepalived {second}"),
        gone=f"owner {best} {lab.vip}",
        advice="Nobody holds the address, as nobody runs keepalived.",
        harm=(f"start keepalived {second}",),
        because="clients are answered again, but nobody stands in",
    )


def _next_answers(lab: Roles, *more: str) -> list[str]:
    """What holds once the next server has taken over."""
    return [f"owner {lab.next} {lab.vip}", f"answered {lab.next} {lab.client}", *more]
