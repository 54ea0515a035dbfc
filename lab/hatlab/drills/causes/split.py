"""Signs of a split brain, which its causes share: who advertises, with what, and what each side hears."""

from __future__ import annotations

import re

from hatlab.drills.model import Sign, Written
from hatlab.drills.places import PACKETS, STATUS, log
from hatlab.drills.roles import Roles

_GROUPS = {"ipv4": "224.0.0.18", "ipv6": "ff02::12"}


def has_split(lab: Roles, *more: Written) -> list[Written]:
    """What holds once the next server is Master beside the better one."""
    return [f"owners 2 {lab.vip}", f"state {lab.next} MASTER {lab.instance}", *more]


def two_owners(lab: Roles) -> Sign:
    """Both hold the address: the beginning of every split."""
    both = ", ".join(sorted((lab.best, lab.next)))
    shows = f"{lab.best} and {lab.next} both hold {{vip}}."
    return Sign(STATUS, "owners", shows, has=(rf"^{{vip}}: {both}$",))


def both_advertise(lab: Roles) -> Sign:
    """Both are to be heard on the wire."""
    shows = f"Both {lab.best} and {lab.next} send adverts."
    return Sign(PACKETS, "voices", shows, has=(rf"^{lab.best} sent", rf"^{lab.next} sent"))


def one_voice(lab: Roles) -> Sign:
    """Only the one that took over is to be heard."""
    shows = f"Only {lab.next} sends adverts; {lab.best} has gone silent."
    return Sign(PACKETS, "voices", shows, has=(rf"^{lab.next} sent",), lacks=(rf"^{lab.best} sent",))


def equal_adverts(lab: Roles) -> Sign:
    """What both say is right: nothing that must agree differs."""
    shows = f"The adverts of {lab.best} and {lab.next} agree in everything but the priority."
    return Sign(PACKETS, "fields", shows, has=(advert(lab, lab.best), advert(lab, lab.next)))


def different_adverts(lab: Roles, shows: str, **changed: str) -> Sign:
    """The next one's adverts differ in a field: `vrid="15"`."""
    return Sign(PACKETS, "fields", shows, has=(advert(lab, lab.best), advert(lab, lab.next, **changed)))


def advert(lab: Roles, node: str, **changed: str) -> str:
    """Return a pattern of the line of a node's adverts; fields as the topology has them, unless changed."""
    router = lab.router
    peer = next(other for other in lab.members if other != node)
    field = {
        "version": f"{router.version}",
        "vrid": f"{router.vrid}",
        "priority": f"{lab.priority(node)}",
        "interval": f"{router.interval:g}",
        "password": re.escape(router.auth_pass or "none") if router.version == 2 else "none",
        "to": f"{{{peer}.{lab.network}}}" if router.is_unicast(node) else _GROUPS[router.family],
    } | changed
    return (
        f"^{node} sent: version {field['version']}, VRID {field['vrid']}, priority {field['priority']}, "
        f"every {field['interval']} s, password {field['password']}, to {field['to']}$"
    )


def hears_lower(lab: Roles) -> Sign:
    """The better one hears the other."""
    shows = f"{lab.best} logs a lower priority again and again, so it does hear {lab.next}."
    return Sign(log(lab.best), "hears", shows, has=("lower priority",))


def hears_nobody(node: str) -> Sign:
    """A node hears nobody, and refuses nothing."""
    shows = f"{node} logs neither a refused advert nor a lower priority: it hears nobody."
    return Sign(log(node), "hears", shows, lacks=("lower priority", *REFUSALS))


def refuses(node: str, what: str, pattern: str) -> Sign:
    """A node hears the other, and refuses what it hears."""
    return Sign(log(node), "hears", f"{node} refuses what it hears: {what}.", has=(pattern,))


REFUSALS = (
    "invalid passwd",
    r"received a \d auth",
    "interval mismatch",
    "wrong VRRP version",
    "not a unicast peer",
    "Expected .*cast packet",
)
"""Patterns of what keepalived says of an advert that it refuses."""
