"""Why an instance became Master on a node of an imported incident of which there is no capture.

What arrived there is not known. What is: its own log, the others' logs and captures, and the configurations.
So a cause here is what another node is known to have done in time, or the words of keepalived; else it says
what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.state.explain.transition import TOLERANCE, Cause, Transition, compare, took_over_after_goodbye
from hatlab.state.model import NOT_SAID, Claim, InstanceState, NodeState
from hatlab.util.text import join_names
from hatlab.vrrp.timers import master_down_interval, skew_time

_LATEST = 1.0
"""Seconds by which a busy machine may serve a timer late."""
_WITHOUT_A_WORD = 2.0
"""Seconds in which something ended that are more than the precision of a log's times."""


def why_master_unseen(m: Transition) -> Cause:
    """The cause of a transition to MASTER, from what is known without a capture."""
    timeout = master_down_interval(m.version, m.old.priority, m.interval, m.settings.down_adverts)
    peers = list(_peers(m))
    return (
        _said_goodbye(m, peers)
        or _refused(m, timeout)
        or _heard_lower(m, timeout)
        or _peer_left(m, peers, timeout)
        or _started(m, timeout)
        or _peer_went_on(m, peers, timeout)
        or _peers_unknown(m, peers, timeout)
    )


def _peers(m: Transition) -> Iterator[tuple[NodeState, InstanceState]]:
    """The other members of the virtual router."""
    for node in m.lab.nodes.values():
        if node.name != m.node.name and m.name in node.instances:
            yield node, node.instances[m.name]


def _said_goodbye(m: Transition, peers: list[tuple[NodeState, InstanceState]]) -> Cause | None:
    """Another Master said that it leaves: in its capture, in its log, or in the log of this node."""
    skew = skew_time(m.version, m.old.priority, m.interval)
    known = [
        (instance.sent.at, node.name)
        for node, instance in peers
        if instance.sent is not None and instance.sent.priority == 0 and _fits(m, instance.sent.at, skew)
    ]
    if not known and m.old.zero_from is not None and m.old.armed is not None:
        known = [(m.old.armed, m.old.zero_from or _only_name(peers))]
    if not known:
        return None
    at, name = max(known)
    sums = compare(m.skew_terms(), skew, m.event.at - at, m.about)
    return took_over_after_goodbye(m, name, skew, sums)


def _refused(m: Transition, timeout: float) -> Cause | None:
    """Its own log says that it refuses the Master's adverts."""
    refused = m.old.rejected
    if refused is None or m.event.at - refused.at > timeout + m.about + _LATEST:
        return None
    return Cause(
        f"adverts from {refused.node} rejected: {refused.reason}",
        f"{m.rfc} §7.1: an advert that fails its checks is discarded",
        f"{m.node.name} heard {refused.node} but rejected its adverts: its keepalived logged "
        f"“{refused.reason}”. So its timer ran out.",
    )


def _heard_lower(m: Transition, timeout: float) -> Cause | None:
    """Its own log says that it heard a lower priority only."""
    other = m.old.discarded
    if other is None or m.event.at - other.at > timeout + m.about + _LATEST:
        return None
    who = other.node or "another node"
    known = f"priority {other.priority}" if other.priority != NOT_SAID else "a priority"
    own = f"its own {m.old.priority}" if m.new.settings else "its own"
    has = f" ({who} has {other.priority})" if other.priority != NOT_SAID else ""
    return Cause(
        f"it heard only a lower priority{has}",
        f"{m.rfc} §6.4.2: with preemption, an advert of lower priority does not reset the timer",
        f"{m.node.name} heard {known} from {who}, lower than {own}. So it let its timer run out and "
        "took over (preemption).",
        key="priority",
    )


def _peer_left(m: Transition, peers: list[tuple[NodeState, InstanceState]], timeout: float) -> Cause | None:
    """Another node is known to have stopped advertising: its keepalived ended, or its last one was seen."""
    for node, instance in peers:
        claim = instance.sent
        if claim is not None and claim.priority > 0 and _fits(m, claim.at, timeout):
            return _silent(m, node, claim, timeout)
        service = node.service("keepalived")
        is_gone = node.power in {"off", "paused"} or service.state in {"down", "frozen"}
        left = node.since if node.power == "paused" else service.since
        if is_gone and _fits(m, left, timeout, earlier=m.interval, later=service.about):
            return Cause(
                f"nothing heard from {node.name}: {_state_of(node)}",
                f"{m.rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew",
                _how_it_left(m, node, left) + f" {m.node.name} waited for {_wait(m, timeout)} and took over.",
                key="advert_int",
            )
    return None


def _how_it_left(m: Transition, node: NodeState, left: float) -> str:
    when = m.moment(left)
    if node.service("keepalived").about > _WITHOUT_A_WORD:
        return f"{node.name} wrote no line after {when} until its next start, so it ended without a word."
    return f"{node.name} stopped advertising at {when}: {_state_of(node)}."


def _silent(m: Transition, node: NodeState, claim: Claim, timeout: float) -> Cause:
    """Its last advert was seen to leave, and fits."""
    return Cause(
        f"nothing heard from {node.name} after {m.moment(claim.at)}",
        f"{m.rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew",
        f"The last advert of {node.name} was seen at {m.moment(claim.at)}. {m.node.name} waited and "
        "took over.",
        compare(m.timer_terms(timeout), timeout, m.event.at - claim.at, m.about),
        "advert_int",
    )


def _started(m: Transition, timeout: float) -> Cause | None:
    """It waited one master-down interval after its own start, or its own recovery."""
    if m.old.reported != "BACKUP" or not _fits(m, m.old.since, timeout):
        return None
    return Cause(
        "it heard nothing better after becoming Backup",
        f"{m.rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew",
        f"{m.node.name} took no advert for better than its own after becoming Backup, so it took over after "
        f"{timeout:.2f} s.",
        compare(m.timer_terms(timeout), timeout, m.event.at - m.old.since, m.about),
        "priority",
    )


def _peer_went_on(
    m: Transition, peers: list[tuple[NodeState, InstanceState]], timeout: float
) -> Cause | None:
    """Another node reports that it is Master still, so its adverts were lost on the way, or not sent."""
    masters = [node for node, instance in peers if instance.reported == "MASTER"]
    if not masters:
        return None
    names = join_names([node.name for node in masters])
    advertised = [node for node in masters if node.instances[m.name].claims(m.event.at)]
    if advertised:
        text = (
            f"{join_names([n.name for n in advertised])} went on advertising, as a capture shows, and "
            f"{m.node.name} did not act on it. Whether the adverts arrived is not known, as there is no "
            f"capture from {m.node.name}."
        )
    else:
        since = m.moment(min(node.instances[m.name].since for node in masters))
        text = (
            f"By its own log {names} had been Master since {since}. So {m.node.name} did not hear its "
            f"adverts or did not take them. Which is not known, as there is no capture from {m.node.name}."
        )
    return Cause(
        f"no advert counted for {_wait(m, timeout)}, though {names} was Master",
        f"{m.rfc} §6.4.2: a Backup whose Master_Down_Timer expires becomes Master",
        text,
        key="advert_int",
    )


def _peers_unknown(m: Transition, peers: list[tuple[NodeState, InstanceState]], timeout: float) -> Cause:
    names = join_names([node.name for node, _ in peers]) or "the others"
    return Cause(
        "its timer ran out",
        f"{m.rfc} §6.4.2: a Backup whose Master_Down_Timer expires becomes Master",
        f"{m.node.name} took no advert for better than its own for {_wait(m, timeout)} and became "
        f"Master. What {names} did then is not known.",
        key="advert_int",
    )


def _wait(m: Transition, timeout: float) -> str:
    """How long it waited: in seconds only if its configuration is known, which makes them."""
    return f"{timeout:.2f} s" if m.node.sees("conf") else "a whole master-down interval"


def _fits(m: Transition, began: float, wait: float, *, earlier: float = 0.0, later: float = 0.0) -> bool:
    """True if the event came a wait after a moment, which may have been earlier or later by so much."""
    waited = m.event.at - began
    return wait - earlier - m.about - TOLERANCE <= waited <= wait + later + m.about + _LATEST


def _state_of(node: NodeState) -> str:
    if node.power in {"off", "paused"}:
        return f"{node.name} is {node.power}"
    service = node.service("keepalived")
    reason = f" ({service.reason})" if service.reason else ""
    return f"its keepalived is {service.state}{reason}"


def _only_name(peers: list[tuple[NodeState, InstanceState]]) -> str:
    """The other node's name; of several it is not known which."""
    return peers[0][0].name if len(peers) == 1 else "its Master"
