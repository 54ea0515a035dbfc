"""What a received advert does to a virtual router: the half of the state machine that hears (§6.4.2, §6.4.3).

The theory, and the table of what follows from what, stand in `hatlab.vrrp.machine`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address

from hatlab.vrrp.router import (
    ADDRESSES,
    ANNOUNCE_AGAIN,
    OWNER,
    RELEASE,
    Complaint,
    Enter,
    Heard,
    Output,
    Router,
    Rules,
    Say,
    Send,
    State,
    Step,
)
from hatlab.vrrp.timers import skew_time

ROGUE_ADVERTS = 2
"""Own adverts that an owner sends before a second owner must have stopped (vrrp_state_master_rx)."""


def hear(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """A sound advert for this virtual router arrived from another one."""
    if router.state is State.MASTER:
        return _hear_as_master(rules, router, advert, now)
    if router.state is State.BACKUP:
        return _hear_as_backup(rules, router, advert, now)
    return router, ()


def reject(
    rules: Rules,
    router: Router,
    complaint: Complaint,
    source: str,
    now: float,
    remarks: tuple[Complaint, ...] = (),
) -> Step:
    """An advert for this VRID arrived that is not accepted (§7.1: discard it).

    keepalived discards it, and yet a Master's advert timer begins anew (vrrp_dispatcher_read calls
    vrrp_init_instance_sands after any packet): a Master that keeps hearing such adverts falls silent, unless
    lower_prio_no_advert. No RFC says so.
    """
    if router.state is State.MASTER:
        router, lines = _complain(router, (*remarks, complaint))
        return router.set_advert_timer(rules, now) if rules.answer_lower else router, lines
    if router.state is not State.BACKUP:
        return router, ()
    named, lines = _name_master(rules, router, source)
    if not (lines or rules.compares_addresses):
        remarks = tuple(remark for remark in remarks if remark.kind != ADDRESSES)
    named, complaints = _complain(named, (*remarks, complaint))
    return _keep_waiting(named, now), (*lines, *complaints)


def _complain(router: Router, complaints: tuple[Complaint, ...]) -> tuple[Router, tuple[Output, ...]]:
    """Say what has not been said yet."""
    new = [complaint for complaint in complaints if complaint.kind not in router.complaints]
    if not new:
        return router, ()
    kinds = router.complaints.union(complaint.kind for complaint in new if complaint.kind)
    return replace(router, complaints=kinds), tuple(Say(complaint.text) for complaint in new)


def _name_master(rules: Rules, router: Router, source: str) -> tuple[Router, tuple[Output, ...]]:
    """Name a Master not heard before; complaints begin anew."""
    if source == router.master:
        return router, ()
    told = f"changed from {router.master} to" if router.master else "set to"
    say = Say(f"({rules.name}) master {told} {source}")
    return replace(router, complaints=frozenset()), (say,)


def _keep_waiting(router: Router, now: float) -> Router:
    """An ignored advert sets a Backup's timer to what is left of it (end of vrrp_state_backup)."""
    left = max(0.0, router.until - now)
    return replace(router, until=now + left, wait=left)


def _hear_as_backup(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """§6.4.2; keepalived: vrrp_state_backup."""
    better = advert.priority >= router.priority
    if (
        better
        and advert.source == router.master
        and advert.interval == router.heard_interval
        and not (advert.remarks or rules.preempt_delay or rules.priority == OWNER)
    ):
        return router.wait_for_master(rules, now), ()
    router, lines = _name_master(rules, router, advert.source)
    changed = bool(lines)
    looked_at = changed or rules.compares_addresses
    remarks = advert.remarks if looked_at else tuple(r for r in advert.remarks if r.kind != ADDRESSES)
    router, complaints = _complain(router, remarks)
    lines += complaints
    if rules.priority == OWNER > router.priority and (changed or advert.priority != OWNER):
        router = replace(router, priority=OWNER)
        told = "since received advert with lower priority"
        lines += (Say(f"({rules.name}) Restoring our priority to {OWNER} {told}"),)
    if advert.priority == 0:
        skew = skew_time(rules.version, router.priority, router.heard_interval)
        say = Say(f"({rules.name}) Backup received priority 0 advertisement")
        return router.set_timer(skew, now), (*lines, say)
    delayed = rules.preempt_delay > 0 and (router.preempt_from is None or router.preempt_from > now)
    if better or rules.nopreempt or delayed:
        router, more = _follow_master(rules, router, advert, better, now)
        return router, (*lines, *more)
    discarded = f"received lower priority ({advert.priority}) advert from {advert.source} - discarding"
    router = replace(_keep_waiting(router, now), master=advert.source)
    return router, (*lines, Say(f"({rules.name}) {discarded}"))


def _follow_master(rules: Rules, router: Router, advert: Heard, better: bool, now: float) -> Step:
    """Takes a Master's advert whose sender, interval or rank is new."""
    lines: list[Output] = []
    interval = router.heard_interval
    if rules.version == 3 and advert.interval != interval:
        lines.append(_interval_adopted_line(rules, interval, advert.interval))
        interval = advert.interval
    preempt_from = router.preempt_from
    if rules.preempt_delay:
        if better and preempt_from is not None:
            lines.append(Say(f"({rules.name}) stop preempt delay"))
            preempt_from = None
        elif not better and preempt_from is None:
            lines.append(Say(f"({rules.name}) start preempt delay ({rules.preempt_delay:.6f})"))
            preempt_from = now + rules.preempt_delay
    new = replace(router, heard_interval=interval, master=advert.source, preempt_from=preempt_from)
    return new.wait_for_master(rules, now), tuple(lines)


def _hear_as_master(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """§6.4.3; keepalived: vrrp_state_master_rx.

    RFC 3768 discards a lower priority without a word; RFC 9568 answers it with an advert at once. keepalived
    answers in both versions, and sends gratuitous ARPs too. Any advert sets a Master's own timer anew, but
    with lower_prio_no_advert (vrrp_dispatcher_read).
    """
    router, remarks = _complain(router, advert.remarks)
    outputs: list[Output] = list(remarks)
    if advert.priority == 0:
        outputs += [Send(router.priority), Say(f"({rules.name}) Master received priority 0 message")]
        return _stay_master(rules, router, now), tuple(outputs)
    rank = _compare_ranks(rules, router, advert)
    if rank > 0 and rules.answer_higher:
        outputs.append(Send(router.priority))
    if advert.priority == router.priority:
        router, lines = _warn_of_equal(rules, router, advert, rank, now)
        outputs += lines
        rank = _compare_ranks(rules, router, advert)
    if rank < 0:
        return _stay_master(rules, router, now), (*outputs, *_answer_lower(rules, router, advert))
    if rank == 0:
        return _stay_master(rules, router, now), tuple(outputs)
    router, more = _yield_to(rules, router, advert, now)
    return router, (*outputs, *more)


def _compare_ranks(rules: Rules, router: Router, advert: Heard) -> int:
    """Positive if the advert's sender outranks a Master, 0 if it uses the Master's own address."""
    theirs = (advert.priority, address_octets(advert.source))
    ours = (router.priority, address_octets(rules.address))
    return (theirs > ours) - (theirs < ours)


def outranks(rules: Rules, router: Router, advert: Heard) -> bool:
    """True if a Master answers an advert instead of yielding to its sender."""
    return advert.priority > 0 and _compare_ranks(rules, router, advert) < 0


def _stay_master(rules: Rules, router: Router, now: float) -> Router:
    return router.set_advert_timer(rules, now) if rules.answer_lower else router


def _answer_lower(rules: Rules, router: Router, advert: Heard) -> tuple[Output, ...]:
    ranks = f"with lower priority {advert.priority}, ours {router.priority}"
    line = f"({rules.name}) Received advert from {advert.source} {ranks}"
    synced = (Say(f"({rules.name}) IPSEC-AH : Syncing seq_num - Increment seq"),) if rules.auth_header else ()
    if not rules.answer_lower:
        return Say(line), *synced, ANNOUNCE_AGAIN
    return Say(f"{line}, forcing new election"), *synced, Send(router.priority), ANNOUNCE_AGAIN


def _warn_of_equal(
    rules: Rules, router: Router, advert: Heard, rank: int, now: float
) -> tuple[Router, tuple[Output, ...]]:
    """A sender of a Master's own priority: its own address, or a second owner of the addresses.

    The owner with the higher address waits for the other one to stop: two own adverts and a bit more than an
    interval. If that one goes on, it gives way itself, with priority 254.
    """
    if rank == 0:
        line = (
            f"({rules.name}) WARNING - equal priority advert received from remote host with our IP address."
        )
        return router, (Say(line),)
    if router.priority != OWNER:
        return router, ()
    conflict = Say(
        f"({rules.name}) CONFIGURATION ERROR: local instance and {advert.source} are both configured "
        "as address owner, please resolve"
    )
    if rank > 0:
        return router, (conflict,)
    if router.rogue_until is not None and router.rogue_until > now:
        told = "is still advertising as address owner, please resolve - reducing our priority"
        return replace(router, priority=OWNER - 1, rogue_until=None), (
            Say(f"({rules.name}) {advert.source} {told}"),
        )
    if router.rogue_adverts:
        return router, ()
    return replace(router, rogue_adverts=ROGUE_ADVERTS), (conflict,)


def _yield_to(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """Becomes Backup of a better Master, without a priority 0."""
    rank = f"higher priority {advert.priority}, ours {router.priority}"
    if advert.priority == router.priority or rules.priority == OWNER:
        rank = f"same priority {advert.priority} but higher IP address than ours"
    lines = [Say(f"({rules.name}) Master received advert from {advert.source} with {rank}")]
    interval = advert.interval if rules.version == 3 else rules.interval
    if interval != router.heard_interval:
        lines.append(_interval_adopted_line(rules, router.heard_interval, interval))
    lines.append(Say(f"({rules.name}) Entering BACKUP STATE"))
    new = Router(State.BACKUP, router.priority, heard_interval=interval, master=advert.source)
    return new.wait_for_master(rules, now), (*lines, RELEASE, Enter(State.BACKUP))


@lru_cache(maxsize=1024)
def address_octets(address: str) -> bytes:
    """An address to compare (§6.4.3: the primary addresses decide between equals)."""
    return ip_address(address).packed


def _interval_adopted_line(rules: Rules, before: float, after: float) -> Say:
    """The line of a router that learns another interval (version 3)."""
    change = f"from {before * 1000:.0f}ms to {after * 1000:.0f}ms by master"
    return Say(f"({rules.name}) advertisement interval updated {change}")
