"""Members that do not understand each other: one setting that is not the same on both."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.split import (
    both_advertise,
    different_adverts,
    has_split,
    hears_nobody,
    one_voice,
    refuses,
    two_owners,
)
from hatlab.drills.causes.status import keepalived_process
from hatlab.drills.model import Cause, Kind, Sign, Symptom, Written
from hatlab.drills.places import PACKETS, conf
from hatlab.drills.roles import Roles
from hatlab.drills.steps import change
from hatlab.lessons.model import SolutionStep

OTHER_PASSWORD, OTHER_GROUP = "hatlap", {"ipv4": "224.0.0.81", "ipv6": "ff02::81"}


def mismatch_causes(lab: Roles) -> Iterator[Cause]:
    """Settings that must agree, and do not."""
    yield _vrid(lab)
    if lab.has_password:
        yield _password(lab)
    if lab.router.version == 2 and lab.is_alone:
        yield _no_password(lab) if lab.has_password else _one_password(lab)
    if lab.router.version == 2:
        yield _interval(lab)
    if lab.router.family == "ipv4" and lab.is_alone:
        yield _version(lab)
    if lab.is_alone and lab.is_multicast:
        yield _group(lab)
        yield _unicast(lab) if lab.router.family == "ipv4" else _lost_peer(lab)
    if lab.is_alone and not lab.is_multicast:
        yield _peer(lab)


def _mismatch(
    lab: Roles,
    kind: str,
    name: str,
    begin: tuple[SolutionStep, ...],
    cure: tuple[SolutionStep, ...],
    signs: tuple[Sign, ...],
    advice: str,
    gone: Written,
) -> Cause:
    return Cause(
        id=kind,
        kind=Kind.MISMATCH,
        level=2,
        fits=(Symptom.SPLIT,),
        name=name,
        begin=begin,
        until=has_split(lab),
        signs=(two_owners(lab), both_advertise(lab), *signs),
        cure=cure,
        gone=gone,
        advice=advice,
        harm=(f"stop keepalived {lab.next}",),
        because="one owner is left, but without a Backup, and the fault comes back with the next start",
    )


def _vrid(lab: Roles) -> Cause:
    node, vrid = lab.next, lab.router.vrid
    other = vrid + 100 if vrid < 150 else vrid - 100
    shows = f"{lab.best} sends VRID {vrid}, {node} sends VRID {other}."
    return _mismatch(
        lab,
        "vrid",
        "the VRIDs differ",
        (f"set {node} virtual_router_id {other} {lab.instance}",),
        (f"set {node} virtual_router_id {vrid} {lab.instance}",),
        (different_adverts(lab, shows, vrid=f"{other}"), hears_nobody(lab.best)),
        "virtual_router_id is not the same in the two files.",
        "healthy",
    )


def _password(lab: Roles) -> Cause:
    node, password = lab.next, lab.router.auth_pass
    shows = f"{lab.best} sends the password {password}, {node} sends {OTHER_PASSWORD}."
    return _mismatch(
        lab,
        "password",
        "the passwords differ",
        (f"set {node} auth_pass {OTHER_PASSWORD} {lab.instance}",),
        (f"set {node} auth_pass {password} {lab.instance}",),
        (
            different_adverts(lab, shows, password=OTHER_PASSWORD),
            refuses(lab.best, "an invalid password", "invalid passwd"),
        ),
        "auth_pass is not the same in the two files.",
        "healthy",
    )


def _no_password(lab: Roles) -> Cause:
    node, password = lab.next, lab.router.auth_pass
    shows = f"{lab.best} sends the password {password}, {node} sends none."
    block = f"    authentication {{\n        auth_type PASS\n        auth_pass {password}\n    }}\n"
    head = f"vrrp_instance {lab.instance} {{\n"
    return _mismatch(
        lab,
        "no-password",
        f"{node} uses no password",
        (change(node, drop=("authentication",)), f"reload {node}"),
        (change(node, (head, head + block)), f"reload {node}"),
        (
            different_adverts(lab, shows, password="none"),
            refuses(lab.best, "authentication of another type", r"received a 0 auth"),
        ),
        f"{lab.best} has an authentication block, {node} has none.",
        "healthy",
    )


def _one_password(lab: Roles) -> Cause:
    node = lab.next
    shows = f"{node} sends the password {OTHER_PASSWORD}, {lab.best} sends none."
    head = f"vrrp_instance {lab.instance} {{\n"
    block = f"    authentication {{\n        auth_type PASS\n        auth_pass {OTHER_PASSWORD}\n    }}\n"
    return _mismatch(
        lab,
        "one-password",
        f"only {node} uses a password",
        (change(node, (head, head + block)), f"reload {node}"),
        (change(node, drop=("authentication",)), f"reload {node}"),
        (
            different_adverts(lab, shows, password=OTHER_PASSWORD),
            refuses(lab.best, "authentication of another type", r"received a 1 auth"),
        ),
        f"{node} has an authentication block, {lab.best} has none.",
        "healthy",
    )


def _interval(lab: Roles) -> Cause:
    node, interval = lab.next, lab.router.interval
    other = interval + 1
    shows = f"{lab.best} sends an advert every {interval:g} s, {node} every {other:g} s."
    return _mismatch(
        lab,
        "interval",
        "the advert intervals differ",
        (f"set {node} advert_int {other:g} {lab.instance}",),
        (f"set {node} advert_int {interval:g} {lab.instance}",),
        (
            different_adverts(lab, shows, interval=f"{other:g}"),
            refuses(lab.best, "another advert interval", "interval mismatch"),
        ),
        f"advert_int is {interval:g} on {lab.best} and {other:g} on {node}.",
        "healthy",
    )


def _version(lab: Roles) -> Cause:
    node, version = lab.next, lab.router.version
    other = 5 - version
    shows = f"{lab.best} sends version {version}, {node} sends version {other}."
    changed = {"version": f"{other}", "password": ".*", "interval": ".*"}
    line, head = f"    version {other}\n", f"vrrp_instance {lab.instance} {{\n"
    make, undo = (head, head + line), (head + line, head)
    if version == 3:
        make, undo = ("version 3", "version 2"), ("version 2", "version 3")
    return _mismatch(
        lab,
        "version",
        "the VRRP versions differ",
        (change(node, make), f"reload {node}"),
        (change(node, undo), f"reload {node}"),
        (
            different_adverts(lab, shows, **changed),
            refuses(lab.best, "another version of VRRP", "wrong VRRP version"),
        ),
        f"One of the two files says `version {other}`, the other does not.",
        "healthy",
    )


def _group(lab: Roles) -> Cause:
    node, group = lab.next, OTHER_GROUP[lab.router.family]
    shows = f"{lab.best} and {node} send their adverts to different groups, {node} to {group}."
    head = f"vrrp_instance {lab.instance} {{\n"
    line = f"    mcast_dst_ip {group}\n"
    return _mismatch(
        lab,
        "group",
        "the multicast groups differ",
        (change(node, (head, head + line)), f"reload {node}"),
        (change(node, (head + line, head)), f"reload {node}"),
        (different_adverts(lab, shows, to=group), hears_nobody(lab.best)),
        f"{node} has a line mcast_dst_ip, {lab.best} has none.",
        "healthy",
    )


def _unicast(lab: Roles) -> Cause:
    node, best = lab.next, lab.best
    peer = f"{{{best}.{lab.network}}}"
    make, undo = _peers(lab, peer)
    shows = f"{best} sends to the multicast group, {node} straight to {best}."
    return _mismatch(
        lab,
        "unicast",
        f"{node} sends unicast, {best} multicast",
        make,
        undo,
        (different_adverts(lab, shows, to=peer), hears_nobody(best)),
        f"{node} has a block unicast_peer, {best} has none.",
        "healthy",
    )


def _peers(lab: Roles, peer: str) -> tuple[tuple[SolutionStep, ...], tuple[SolutionStep, ...]]:
    """What gives the next server a unicast peer, and what takes it back."""
    node, head = lab.next, f"vrrp_instance {lab.instance} {{\n"
    block = f"    unicast_peer {{\n        {peer}\n    }}\n"
    return (
        (change(node, (head, head + block)), f"reload {node}"),
        (change(node, drop=("unicast_peer",)), f"reload {node}"),
    )


def _lost_peer(lab: Roles) -> Cause:
    """The next one sends to a link-local address that nobody has, and listens to no group."""
    node, best = lab.next, lab.best
    make, undo = _peers(lab, "fe80::99")
    silent = f"Only {best} sends adverts; nothing comes from {node}."
    voices = Sign(PACKETS, "voices", silent, has=(rf"^{best} sent",), lacks=(rf"^{node} sent",))
    return Cause(
        id="unicast",
        kind=Kind.MISMATCH,
        level=2,
        fits=(Symptom.SPLIT,),
        name=f"{node} sends unicast, {best} multicast",
        begin=make,
        until=has_split(lab),
        signs=(
            two_owners(lab),
            voices,
            keepalived_process(node, "up"),
            Sign(conf(node), "peer", f"{node} has a unicast_peer, fe80::99.", has=("unicast_peer",)),
        ),
        cure=undo,
        gone="healthy",
        advice=f"{node} has a block unicast_peer, {best} has none.",
        harm=(f"stop keepalived {node}",),
        because="one owner is left, but without a Backup, and the fault comes back with the next start",
    )


def _peer(lab: Roles) -> Cause:
    """The better one sends its adverts to an address that nobody has: a digit too many."""
    node, best = lab.next, lab.best
    right = f"{{{node}.{lab.network}}}"
    wrong = f"{right}0"
    return Cause(
        id="peer",
        kind=Kind.MISMATCH,
        level=2,
        fits=(Symptom.SPLIT,),
        name=f"{best} sends its adverts to a wrong peer",
        begin=(change(best, (f"        {right}\n", f"        {wrong}\n")), f"reload {best}"),
        until=has_split(lab),
        signs=(
            two_owners(lab),
            one_voice(lab),
            keepalived_process(best, "up"),
            Sign(conf(best), "peer", f"{best}'s unicast_peer is {wrong}.", has=(rf"^ *{wrong}$",)),
        ),
        cure=(change(best, (f"        {wrong}\n", f"        {right}\n")), f"reload {best}"),
        gone="healthy",
        advice=f"Look at unicast_peer on {best}: is that where {node} listens?",
        harm=(f"stop keepalived {node}",),
        because="one owner is left, but without a Backup",
    )
