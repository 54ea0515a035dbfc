"""Why an instance became Backup."""

from __future__ import annotations

from hatlab.state.explain.reload import why_reloaded
from hatlab.state.explain.transition import Cause, Transition
from hatlab.state.model import NOT_SAID

_STRANGER = (
    " But {other} advertises other addresses: it belongs to another virtual router that also uses VRID "
    "{vrid} on this network."
)


def why_backup(m: Transition) -> Cause:
    """The cause of a transition to BACKUP."""
    match m.old.reported:
        case "MASTER":
            return _why_master_yielded(m)
        case "FAULT":
            return why_reloaded(m) or _why_recovered(m)
        case _:
            return _why_started(m)


def _why_started(m: Transition) -> Cause:
    node, timeout = m.node.name, m.new.timeout
    sums = f"{m.timer_terms(timeout)} = {timeout:.3f} s"
    delay = m.node.delayed_until - m.event.at
    if delay > 0:
        return Cause(
            "keepalived started",
            "keepalived: with vrrp_startup_delay an instance does nothing until the delay is over",
            f"{node} starts as Backup, waits {delay:.2f} s (vrrp_startup_delay), and then listens "
            f"for {timeout:.2f} s before it would take over.",
            sums,
            "state",
        )
    return Cause(
        "keepalived started",
        f"{m.rfc} §6.4.1: below priority 255 an instance starts as Backup",
        f"{node} starts as Backup and listens for {timeout:.2f} s before it would take over.",
        sums,
        "state",
    )


def _why_recovered(m: Transition) -> Cause:
    node = m.node.name
    rule = "keepalived: after FAULT an instance becomes Backup and waits a full master-down interval"
    succeeded = [name for name, check in m.node.checks.items() if check.ok and m.just_now(check.since)]
    link = m.node.link_report
    if succeeded:
        what, key = f"check {succeeded[0]} succeeds again", "rise"
    elif link is not None and link.up and m.just_now(link.at):
        what, key = "its interface is up again", "interface"
    else:
        what, key = "what caused FAULT is gone", ""
    return Cause(
        what,
        rule,
        f"{node} is healthy again ({what}). It listens as Backup first, and takes over if it hears no "
        "better Master.",
        f"next: {m.new.timeout:.3f} s without a better advert",
        key,
        succeeded[0] if succeeded else "",
    )


def _yielded_to_somebody(m: Transition) -> Cause:
    """A better advert, of which the log says neither the sender nor the priority."""
    return Cause(
        "another node advertises a higher priority",
        f"{m.rfc} §6.4.3: a Master that hears a higher priority (or equal from a higher address) yields",
        f"{m.node.name} heard an advert of a higher priority, or of its own from a higher address, so it "
        "gave up the address. It sends no priority 0. Its log does not say whose advert it was.",
        key="priority",
    )


def _why_master_yielded(m: Transition) -> Cause:
    other, old, node = m.old.yielded, m.old, m.node.name
    if other is not None and m.just_now(other.at) and other.priority == NOT_SAID:
        if not other.node:  # the log of keepalived before 1.2.20 says no more
            return _yielded_to_somebody(m)
        return Cause(
            f"{other.node} advertises a higher priority",
            f"{m.rfc} §6.4.3: a Master that hears a higher priority (or equal from a higher address) yields",
            f"{node} heard a higher priority from {other.node}, so it gave up the address. It sends no "
            "priority 0.",
            key="priority",
        )
    if other is not None and m.just_now(other.at):
        equal = other.priority == old.priority
        who = other.node or "another node"
        rank = "the same priority but a higher address" if equal else f"priority {other.priority}"
        strange = bool(other.addresses) and not set(other.addresses) & set(m.settings.addresses)
        return Cause(
            f"{who} advertises {rank}, for other addresses" if strange else f"{who} advertises {rank}",
            f"{m.rfc} §6.4.3: a Master that hears a higher priority (or equal from a higher address) yields",
            f"{node} (priority {old.priority}) heard {who} with {rank}, so it gave up the address. It "
            "sends no priority 0." + (_STRANGER.format(other=who, vrid=m.settings.vrid) if strange else ""),
            f"{other.priority} {'=' if equal else '>'} {old.priority}",
            "priority",
        )
    if m.just_now(old.address_removed):
        return Cause(
            "its virtual address was removed behind keepalived's back",
            "keepalived: a Master that loses its address sends priority 0 and becomes Backup",
            f"{node} noticed that its virtual address was gone, sent priority 0 and became Backup.",
            key="virtual_ipaddress",
        )
    return why_reloaded(m) or Cause(
        "unknown",
        f"{m.rfc} §6.4.3: a Master yields to a better one",
        f"{node} gave up the address and became Backup. Nothing that hatlab saw explains why.",
    )
