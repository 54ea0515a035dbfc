"""The virtual address itself: another one in a file, refused by a rule, or on an interface that is down."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.status import answered_by, link, mysqld_process, next_answers, no_answer, states
from hatlab.drills.model import Cause, Kind, Sign, Symptom
from hatlab.drills.places import STATUS, conf, shell
from hatlab.drills.roles import Roles
from hatlab.drills.steps import change

OTHER = 9
"""Added to the last octet of the address."""


def address_causes(lab: Roles) -> Iterator[Cause]:
    """What is wrong with the address or its interface."""
    if lab.is_pair and lab.router.family == "ipv4" and len(lab.router.addresses) == 1:
        yield _wrong_address(lab)
        yield _strict(lab)
    if len(lab.members) == 2:
        yield _link_down(lab, lab.network)
        if lab.service_network != lab.network:
            yield _link_down(lab, lab.service_network)


def _wrong_address(lab: Roles) -> Cause:
    node, octet = lab.best, lab.octet
    right, wrong = f".{octet}/", f".{octet + OTHER}/"
    return Cause(
        id="wrong-address",
        kind=Kind.ADDRESS,
        level=2,
        fits=(Symptom.NO_ORDERS,),
        name=f"{node} holds another virtual address",
        begin=(change(node, (right, wrong)), f"reload {node}"),
        until=["cut_off", f"owners 0 {lab.vip}", f"state {node} MASTER {lab.instance}"],
        signs=(
            no_answer(lab),
            states(lab, "MASTER", "BACKUP"),
            Sign(STATUS, "owners", "Nobody holds {vip}.", has=(r"^{vip}: nobody$",)),
            Sign(
                conf(node),
                "address",
                f"{node}'s virtual_ipaddress ends in .{octet + OTHER}.",
                has=(rf"\.{octet + OTHER}/",),
            ),
        ),
        cure=(change(node, (wrong, right)), f"reload {node}"),
        gone=f"owner {node} {lab.vip}",
        advice="There is a Master, and it holds an address. Is it the one that clients ask for?",
        harm=(f"reload {node}",),
        because="it reads the same address again",
    )


def _strict(lab: Roles) -> Cause:
    best, second = lab.best, lab.next
    head = "global_defs {\n"
    make, undo = (head, f"{head}    vrrp_strict\n"), ("    vrrp_strict\n", "")
    corrected = (change(best, undo), change(second, undo))
    place = shell(best, "nft list ruleset")
    return Cause(
        id="strict",
        kind=Kind.ADDRESS,
        level=2,
        fits=(Symptom.NO_ORDERS,),
        name="keepalived's strict mode drops every packet to the address",
        begin=(change(best, make), change(second, make), f"reload {second}", f"reload {best}"),
        until=["cut_off", f"holds {best} {lab.vip}", "condition address_refused"],
        signs=(
            no_answer(lab),
            Sign(STATUS, "owners", f"{best} holds {{vip}}.", has=(rf"^{{vip}}: {best}$",)),
            mysqld_process(best, "up"),
            Sign(
                place,
                "own rules",
                f"keepalived on {best} has a rule of its own: ip daddr @vips drop.",
                has=("ip daddr @vips drop",),
            ),
        ),
        cure=(*corrected, f"reload {second}", f"stop keepalived {best}", f"start keepalived {best}"),
        gone={"not": "condition address_refused"},
        advice=(
            "One word in global_defs makes keepalived write firewall rules. Without the word it touches no "
            "rule, not even that one: stop keepalived before it reads the new file, or delete the table."
        ),
        harm=(*corrected, f"reload {second}", f"reload {best}"),
        because="a keepalived that needs no rule any more leaves the old one where it is",
    )


def _link_down(lab: Roles, network: str) -> Cause:
    node = lab.best
    return Cause(
        id=f"link-down-{'heartbeat' if network == lab.network else 'service'}",
        kind=Kind.NETWORK,
        level=1,
        touches_data=True,
        fits=(Symptom.WRONG_SERVER,),
        name=f"{node} has no link on {network}",
        begin=(f"link down {network} {node}",),
        until=next_answers(lab, f"state {node} FAULT {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "FAULT", "MASTER"),
            link(node),
            Sign(
                shell(node, "ip -br address"),
                "interface",
                f"{node}'s interface on {network} is down.",
                has=(rf"DOWN\s.*{{{node}.{network}}}",),
            ),
        ),
        cure=(f"link up {network} {node}",),
        gone=f"owner {node} {lab.vip}",
        advice=f"keepalived on {node} is right to hold back: one of its cables is out.",
        harm=(f"reload {node}",),
        because="the interface is still down",
    )
