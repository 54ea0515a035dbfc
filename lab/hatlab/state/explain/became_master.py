"""Why an instance became Master: its timer ran out, because of what did, or did not, reset it."""

from __future__ import annotations

from hatlab.state.explain.transition import TOLERANCE, Cause, Transition, compare, took_over_after_goodbye
from hatlab.state.explain.unseen import why_master_unseen
from hatlab.state.model import JUST_NOW, Claim
from hatlab.vrrp.timers import master_down_interval

_LATE = 1.0
"""Seconds by which a busy machine may serve a timer late. More than that has another reason."""
_MOST_ROUNDS = 5
"""Times that a sync group is followed in holding a member back."""


def why_master(m: Transition) -> Cause:
    """The cause of a transition to MASTER."""
    old, node, p = m.old, m.node.name, m.old.priority
    if p == 255 and old.reported != "BACKUP":
        return Cause(
            "priority 255: the owner of the address",
            f"{m.rfc} §6.4.1: priority 255 becomes Master at startup, without waiting",
            f"{node} has priority 255, so it is Master at once.",
            key="priority",
        )
    if not m.node.sees("capture"):
        return why_master_unseen(m)
    if old.reported == "UNKNOWN" and old.armed is None:
        return _why_from_unknown(m)
    if m.lab.is_imported and old.armed is not None and old.armed <= 0:
        return Cause(
            "its timer ran out",
            f"{m.rfc} §6.4.2: a Backup whose Master_Down_Timer expires becomes Master",
            f"{node} became Master. It had waited since before the part that was imported.",
        )
    if old.armed is None:
        return _unexplained(m, m.event.at - old.since)
    waited = m.waited
    if old.zero_from is not None:
        return _why_skew_expired(m, old.zero_from, waited)
    last = max(old.heard.values(), key=lambda claim: claim.at, default=None)
    timeout = old.timeout or master_down_interval(m.version, p, m.interval, m.settings.down_adverts)
    if not -TOLERANCE - m.waited_about <= waited - timeout <= _LATE:
        return _why_late(m, waited, timeout)
    interval = m.interval
    if last is not None and m.version == 3 and last.at >= old.armed:
        interval = last.interval
    terms = m.timer_terms(timeout, interval)
    return _why_timer_expired(m, last, waited, timeout, compare(terms, timeout, waited, m.waited_about))


def _why_skew_expired(m: Transition, zero_from: str, waited: float) -> Cause:
    """A Backup that waited one skew time only, after a priority 0."""
    node, timeout = m.node.name, m.old.timeout
    if not -TOLERANCE - m.waited_about <= waited - timeout <= _LATE:
        return _why_late(m, waited, timeout)
    sums = compare(m.skew_terms(), timeout, waited, m.waited_about)
    if zero_from == node:
        return Cause(
            "nobody took over from it",
            "keepalived: a Master that lost its address waits one skew before it comes back",
            f"{node} had given up the address itself (priority 0). Nobody else took it, so after "
            f"its own skew "
            f"of {timeout:.3f} s it became Master again.",
            sums,
            "priority",
        )
    return took_over_after_goodbye(m, zero_from, timeout, sums)


def _why_timer_expired(m: Transition, last: Claim | None, waited: float, timeout: float, sums: str) -> Cause:
    """A Backup whose master-down timer ran out when it had to."""
    old, node = m.old, m.node.name
    if old.discarded is not None:
        return _why_preempted(m, old.discarded, sums)
    if old.rejected is not None and m.event.at - old.rejected.at <= timeout:
        if _came_another_way(old.rejected.reason):
            return Cause(
                f"adverts from {old.rejected.node} do not reach it: {old.rejected.reason}",
                "keepalived: a socket accepts one kind of advert: to the group or to its own "
                "address, with AH or without",
                f"{node} never heard {old.rejected.node}: the adverts do not come the way it listens "
                f"({old.rejected.reason}). So its timer ran out.",
                sums,
                _setting_that_refuses(old.rejected.reason),
            )
        return Cause(
            f"adverts from {old.rejected.node} rejected: {old.rejected.reason}",
            f"{m.rfc} §7.1: an advert that fails its checks is discarded",
            f"{node} heard {old.rejected.node} but rejected its adverts ({old.rejected.reason}). "
            f"So its timer "
            "ran out.",
            sums,
            _setting_that_refuses(old.rejected.reason),
        )
    adverts = m.settings.down_adverts
    rule = f"{m.rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew"
    if adverts != 3:
        rule = (
            f"keepalived: with down_timer_adverts {adverts} the timer is {adverts} × advert interval + skew"
        )
    if last is None or last.at < old.since - JUST_NOW or _waited_from_later(m, last):
        return _why_nothing_heard(m, waited, rule, sums)
    reason = _why_silent(m, last.node)
    return Cause(
        f"nothing heard from {last.node}: {reason}",
        rule,
        f"{node} last heard {last.node} at {m.moment(last.at)} ({reason}). "
        f"It waited {waited:.2f} s and took over.",
        sums,
        "advert_int" if adverts == 3 else "down_timer_adverts",
    )


def _waited_from_later(m: Transition, last: Claim) -> bool:
    """True if its wait began when it became Backup, and not with `last`, which it heard shortly before.

    An instance that comes back from FAULT starts its timer itself; one that yields starts it at the advert.
    """
    armed = m.old.armed
    return armed is not None and last.at < m.old.since and armed - last.at > TOLERANCE


def _why_nothing_heard(m: Transition, waited: float, rule: str, sums: str) -> Cause:
    """A Backup that heard no Master at all."""
    old, node = m.old, m.node.name
    delay = (old.armed or old.since) - old.since
    if delay > TOLERANCE:
        return Cause(
            "it heard nothing after becoming Backup",
            "keepalived: with vrrp_startup_delay an instance does nothing until the delay is over",
            f"{node} waited {delay:.2f} s (vrrp_startup_delay), heard no Master in the next {waited:.2f} s, "
            "and took over.",
            sums,
            "priority",
        )
    return Cause(
        "it heard nothing after becoming Backup",
        rule,
        f"{node} heard no Master after becoming Backup, so it took over after {waited:.2f} s.",
        sums,
        "priority",
    )


def _why_preempted(m: Transition, other: Claim, sums: str) -> Cause:
    """A Backup that heard a lower priority only."""
    old, node = m.old, m.node.name
    if old.preempt_from is not None and m.settings.preempt_delay:
        delay, until = m.settings.preempt_delay, m.moment(old.preempt_from)
        return Cause(
            f"it heard only a lower priority ({other.node} has {other.priority}) for preempt_delay",
            "keepalived: with preempt_delay a Backup tolerates a Master of lower priority for that long",
            f"{node} heard priority {other.priority} from {other.node}, lower than its own {old.priority}. "
            f"It left {other.node} alone for preempt_delay ({delay:g} s, until {until}). "
            "Then it let its timer run out and took over (preemption).",
            sums,
            "preempt_delay",
        )
    return Cause(
        f"it heard only a lower priority ({other.node} has {other.priority})",
        f"{m.rfc} §6.4.2: with preemption, an advert of lower priority does not reset the timer",
        f"{node} heard priority {other.priority} from {other.node}, lower than its own {old.priority}. So it "
        "let its timer run out and took over (preemption).",
        sums,
        "priority",
    )


def _why_late(m: Transition, waited: float, timeout: float) -> Cause:
    """A timer that did not run out when it had to: held up by something else, or not understood."""
    node, service = m.node.name, m.node.service("keepalived")
    if waited > timeout and service.state == "up" and m.just_now(service.since):
        return Cause(
            "its timer ran out while its keepalived was frozen",
            "a frozen process cannot act on a timer",
            f"The timer of {node} ran out while its keepalived was frozen. It took over as soon as "
            f"it ran again.",
            f"measured {waited:.3f} s; the timer is {timeout:.3f} s of it",
        )
    if waited > timeout and m.node.power == "on" and m.just_now(m.node.since):
        return Cause(
            f"its timer ran out while {node} was paused",
            "a paused machine cannot act on a timer",
            f"The timer of {node} ran out while the whole node was paused. It took over as soon as "
            f"it ran again.",
            f"measured {waited:.3f} s; the timer is {timeout:.3f} s of it",
        )
    rounds = round(waited / timeout) if timeout else 0
    group = m.settings.sync_group
    if group and 2 <= rounds <= _MOST_ROUNDS and abs(waited - rounds * timeout) <= TOLERANCE:
        return Cause(
            f"sync group {group} held it back",
            "keepalived: an instance becomes Master only when all of its vrrp_sync_group can",
            f"The timer of {node} for {m.name} ran out {rounds} times: it had to wait for the others in its "
            f"sync group {group}.",
            compare(f"{rounds} × {timeout:.3f} s", rounds * timeout, waited),
        )
    return _unexplained(m, waited)


def _why_from_unknown(m: Transition) -> Cause:
    """A node of an imported incident that acts as Master, and of which nothing says what it was before."""
    if m.old.discarded is not None:
        return _why_preempted(m, m.old.discarded, "")
    return Cause(
        "it advertises; what it was before is not known",
        f"{m.rfc} §6.4.2: a Backup whose Master_Down_Timer expires becomes Master",
        f"{m.node.name} began to advertise as Master. What it was before, and what it heard, is not known.",
    )


def _unexplained(m: Transition, waited: float) -> Cause:
    return Cause(
        "its timer ran out",
        f"{m.rfc} §6.4.2: a Backup whose Master_Down_Timer expires becomes Master",
        f"{m.node.name} became Master after {waited:.2f} s. Nothing that hatlab saw explains why it took "
        "that long.",
        f"measured {waited:.3f} s",
    )


def _came_another_way(reason: str) -> bool:
    """True if the kernel does not even hand such an advert to keepalived."""
    return reason.startswith("sent ") or "authentication header" in reason


def _setting_that_refuses(reason: str) -> str:
    """The setting because of which adverts are refused."""
    if "cast" in reason:
        return "unicast_peer" if reason.endswith("unicast") else "interface"
    if "authentication header" in reason:
        return "auth_type"
    return "auth_pass" if "password" in reason else "advert_int"


def _why_silent(m: Transition, peer: str) -> str:
    """Why `peer`'s adverts stopped reaching the node, as far as the facts tell."""
    other, own = m.lab.nodes.get(peer), m.lab.nodes[m.node.name]
    if other is None:
        return "no advert arrived"
    if other.power != "on":
        return f"{peer} is {other.power}"
    service = other.service("keepalived")
    if service.state == "down":
        return f"its keepalived is down, {service.reason}" if service.reason else "its keepalived is down"
    if service.state == "frozen":
        return "its keepalived is frozen"
    for who in (other, own):
        if who.links.get(m.network) is False:
            return f"the interface of {who.name} on {m.network} is down"
    drop = own.filters.get(m.network)
    if drop is not None and drop.percent:
        return f"{own.name} drops {drop.percent:g} % of what arrives on {m.network}"
    return "no advert arrived"
