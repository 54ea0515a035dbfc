"""What the network does not carry."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.data import replica
from hatlab.drills.causes.split import (
    both_advertise,
    equal_adverts,
    has_split,
    hears_lower,
    hears_nobody,
    two_owners,
)
from hatlab.drills.causes.status import link, states
from hatlab.drills.model import Cause, Kind, Sign, Symptom, Written
from hatlab.drills.places import shell
from hatlab.drills.roles import Roles


def network_causes(lab: Roles) -> Iterator[Cause]:
    """Cuts and losses between the servers, of labs whose checks do not notice them."""
    if lab.pings:
        return
    yield _deaf(lab)
    yield _lossy(lab)
    if len(lab.members) == 2:
        yield _cut(lab)
    if _stops_replication(lab):
        yield _deaf_master(lab)
        if lab.network != lab.service_network:
            yield _next_without_link(lab)


def drop_rule(lab: Roles, node: str, share: str) -> Sign:
    """What the packet filter of a node does on the heartbeat: `nothing`, `all` or `part` is dropped."""
    place = shell(node, "nft list ruleset")
    rule = r"(ip|ip6|ether) saddr .*"
    match share:
        case "all":
            shows = f"A rule on {node} drops everything the other server sends on {lab.network}."
            return Sign(place, "filter", shows, has=(rf"{rule}drop",), lacks=("numgen",))
        case "part":
            shows = f"A rule on {node} drops most of what the other server sends on {lab.network}, at random."
            return Sign(place, "filter", shows, has=("numgen random",))
        case _:
            shows = f"No rule on {node} drops anything that the other server sends."
            return Sign(place, "filter", shows, lacks=(rf"{rule}drop", "numgen random"))


def _stops_replication(lab: Roles) -> bool:
    """True if replication travels with the adverts."""
    return lab.replicates and lab.topology.replication.network == lab.network


def _fits(lab: Roles) -> tuple[Symptom, ...]:
    return (Symptom.SPLIT, Symptom.STALE) if _stops_replication(lab) else (Symptom.SPLIT,)


def _stalled(lab: Roles) -> list[Written]:
    """What holds once a replica has noticed that nothing arrives."""
    return [{"not": f"replicates {lab.next}"}] if _stops_replication(lab) else []


def _stalled_signs(lab: Roles) -> list[Sign]:
    return [replica(lab.next, "cut off")] if _stops_replication(lab) else []


def _deaf(lab: Roles) -> Cause:
    node = lab.next
    return Cause(
        id="deaf",
        kind=Kind.NETWORK,
        level=1,
        touches_data=True,
        fits=_fits(lab),
        name=f"{node} hears nothing on {lab.network}",
        begin=(f"cut {lab.network} {node}",),
        until=has_split(lab, *_stalled(lab)),
        signs=(
            two_owners(lab),
            both_advertise(lab),
            equal_adverts(lab),
            hears_lower(lab),
            hears_nobody(node),
            *_stalled_signs(lab),
            drop_rule(lab, node, "all"),
        ),
        cure=(f"heal {lab.network}",),
        gone={"not": f"cut {lab.network} {node}"},
        advice=f"Nothing that is sent to {node} on {lab.network} arrives. Fix the network, not a file.",
        harm=(f"stop keepalived {node}",),
        because="one owner is left, but without a Backup, and the network is still broken",
    )


def _deaf_master(lab: Roles) -> Cause:
    """The Master need not hear anybody: only replication stops."""
    node = lab.best
    return Cause(
        id="deaf-master",
        kind=Kind.NETWORK,
        level=2,
        touches_data=True,
        fits=(Symptom.STALE,),
        name=f"{node} hears nothing on {lab.network}",
        begin=(f"cut {lab.network} {node}",),
        until=[f"owner {node} {lab.vip}", *({"not": f"replicates {other}"} for other in lab.members)],
        signs=(
            states(lab, "MASTER", "BACKUP"),
            replica(lab.next, "cut off"),
            replica(node, "cut off"),
            drop_rule(lab, node, "all"),
            drop_rule(lab, lab.next, "none"),
        ),
        cure=(f"heal {lab.network}",),
        gone={"not": f"cut {lab.network} {node}"},
        advice=f"Nothing that is sent to {node} on {lab.network} arrives. Fix the network, not a replica.",
        harm=(f'sql {node} "START REPLICA"', f'sql {lab.next} "START REPLICA"'),
        because="the replicas try to connect all the time anyway",
    )


def _next_without_link(lab: Roles) -> Cause:
    node = lab.next
    return Cause(
        id="no-link",
        kind=Kind.NETWORK,
        level=1,
        touches_data=True,
        fits=(Symptom.STALE,),
        name=f"{node} has no link on {lab.network}",
        begin=(f"link down {lab.network} {node}",),
        until=[
            f"owner {lab.best} {lab.vip}",
            f"state {node} FAULT {lab.instance}",
            {"not": f"replicates {node}"},
        ],
        signs=(
            states(lab, "MASTER", "FAULT"),
            replica(node, "cut off"),
            link(node),
        ),
        cure=(f"link up {lab.network} {node}",),
        gone=f"state {node} BACKUP {lab.instance}",
        advice=f"One of {node}'s cables is out.",
        harm=(f'sql {node} "START REPLICA"',),
        because="the interface is still down",
    )


def _cut(lab: Roles) -> Cause:
    return Cause(
        id="cut",
        kind=Kind.NETWORK,
        level=1,
        touches_data=True,
        fits=_fits(lab),
        name=f"{lab.network} carries nothing between the servers",
        begin=(f"cut {lab.network}",),
        until=has_split(lab, *_stalled(lab)),
        signs=(
            two_owners(lab),
            both_advertise(lab),
            equal_adverts(lab),
            hears_nobody(lab.best),
            *_stalled_signs(lab),
            drop_rule(lab, lab.best, "all"),
            drop_rule(lab, lab.next, "all"),
        ),
        cure=(f"heal {lab.network}",),
        gone={"not": f"cut {lab.network}"},
        advice=f"No advert arrives at either server. Fix {lab.network}, not a file.",
        harm=(f"reload {lab.best}", f"reload {lab.next}"),
        because="no file is wrong, so reading it again changes nothing",
    )


def _lossy(lab: Roles) -> Cause:
    node = lab.next
    return Cause(
        id="loss",
        kind=Kind.NETWORK,
        level=2,
        touches_data=True,
        fits=(Symptom.SPLIT,),
        name=f"{node} loses most of what it is sent on {lab.network}",
        begin=(f"loss {lab.network} 98 {node}",),
        until=has_split(lab),
        signs=(
            two_owners(lab),
            both_advertise(lab),
            equal_adverts(lab),
            hears_lower(lab),
            drop_rule(lab, node, "part"),
        ),
        cure=(f"heal {lab.network}",),
        gone="healthy",
        advice=f"Now and then an advert does arrive at {node}. Fix {lab.network}, not a file.",
        harm=(f"reload {node}",),
        because="no file is wrong, so reading it again changes nothing",
    )
