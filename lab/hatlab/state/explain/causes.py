"""The cause of one transition, from what the state knew just before it."""

from __future__ import annotations

from hatlab.state.explain.became_backup import why_backup
from hatlab.state.explain.became_master import why_master
from hatlab.state.explain.left import why_fault, why_stopped
from hatlab.state.explain.transition import Cause, Transition


def find_cause(m: Transition) -> Cause:
    """Why the instance is in its new state."""
    if followed := _followed_sync_group(m):
        return followed
    match m.new.reported:
        case "MASTER":
            return why_master(m)
        case "BACKUP":
            return why_backup(m)
        case "FAULT":
            return why_fault(m)
        case "STOPPED":
            return why_stopped(m)
        case "UNKNOWN" if m.node.sees("log"):
            return Cause(
                "its log says nothing more",
                "a log that ends tells nothing of what came after it",
                f"The log of {m.node.name} says nothing more. Whether it was still Master when another node "
                "took over is not known: it may have been without power, or cut off.",
            )
        case "UNKNOWN":
            return Cause(
                "it sent priority 0",
                f"{m.rfc} §6.4.3: a Master that gives up sends an advert with priority 0",
                f"{m.node.name} said that it gives up (priority 0): it was stopped, or something that it "
                "needs failed. Which of them is not known, as there is no log.",
            )
        case _:
            return Cause(
                "keepalived started",
                "keepalived: an instance is INIT until its interface is up",
                f"keepalived has started on {m.node.name} and is setting up {m.name}.",
            )


def _followed_sync_group(m: Transition) -> Cause | None:
    """That an instance went where another of its sync group went just before; None if it did not."""
    conf, state = m.new.settings, m.new.reported
    if conf is None or not conf.sync_group or m.old.reported not in {"BACKUP", "MASTER", "FAULT"}:
        return None
    before = m.lab.nodes[m.node.name].instances
    for name, other in before.items():
        same = other.settings is not None and other.settings.sync_group == conf.sync_group
        if name != m.name and same and other.reported == state and m.just_now(other.since):
            return Cause(
                f"sync group {conf.sync_group}: {name} is {state}",
                "keepalived: the instances of a vrrp_sync_group change state together",
                f"{name} on {m.node.name} became {state}. {m.name} is in the same sync group "
                f"({conf.sync_group}), so it followed at once.",
            )
    return None
