"""keepalived and mysqld: killed, stopped or frozen; machines without power."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.split import one_voice, two_owners
from hatlab.drills.model import Cause, Kind, Sign, Symptom
from hatlab.drills.places import shell
from hatlab.drills.roles import Roles


def process_causes(lab: Roles) -> Iterator[Cause]:
    """Processes that do not do their work."""
    yield _frozen_keepalived(lab)
    yield _killed_keepalived(lab)


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
        advice=f"The process on {node} is there, but stopped. It only has to go on.",
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
        harm=(f"address delete {node} {lab.vip}",),
        because="one owner is left, but without a Backup",
    )


def keepalived_process(node: str, state: str) -> Sign:
    """What `ps` says of a node's keepalived: it is up, down or frozen."""
    place = shell(node, "ps -C keepalived -o stat,args")
    match state:
        case "frozen":
            shows = f"keepalived is there on {node}, but its state is T: stopped."
            return Sign(place, "process", shows, has=(r"^T\S*\s.*keepalived",))
        case "down":
            return Sign(place, "process", f"No keepalived runs on {node}.", lacks=(r"^\S+\s.*keepalived",))
        case _:
            return Sign(place, "process", f"keepalived runs on {node}.", has=(r"^[SRD]\S*\s.*keepalived",))
