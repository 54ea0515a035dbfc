"""The VRRP state machine of one virtual router on one node, as keepalived 2.3 runs it: pure.

Each input is a function `(rules, router, …, now) -> (router, outputs)`. Times are seconds on any clock. The
caller keeps one timer, which expires at `router.until`, and carries the outputs out in their order.

The theory on one page. Sections are those of RFC 3768 (version 2) and RFC 9568 (version 3), which number the
state machine alike; RFC 9568 says *Active* where keepalived says *Master*.

    INIT ──start──▶ BACKUP ──timer_ended──▶ MASTER          fail: BACKUP, MASTER ──▶ FAULT
                      ▲                        │            recover: FAULT ──▶ BACKUP
                      └───hear: a better one───┘            stop: any ──▶ INIT

    timer               runs in     seconds                                                section
    advert timer        Master      the advert interval                                    §6.2, §6.4.3
    master-down timer   Backup      3 × advert interval + skew                             §6.1, §6.4.2
    skew                            (256 − priority) / 256; in version 3 × the interval    §6.1

    input               in          what follows                                           section
    start               INIT        Backup with a full master-down interval; at priority   §6.4.1
                                    255 Master at once
    timer_ended         Backup      advert, addresses, gratuitous ARPs: Master             §6.4.2
                        Master      the next advert                                        §6.4.3
    hear priority 0     Backup      the timer is set to one skew                           §6.4.2
                        Master      answers with an advert                                 §6.4.3
    hear ≥ ours         Backup      the timer begins anew                                  §6.4.2
    hear < ours         Backup      ignored: the timer runs on (preemption). With          §6.4.2
                                    nopreempt, or while preempt_delay runs: as ≥ ours
                        Master      answered at once (version 3; version 2 discards it)    §6.4.3
    hear > ours, or     Master      Backup: gives the addresses up, no priority 0          §6.4.3
    equal and from a
    higher address
    reject              any         discarded                                              §7.1
    stop                Master      one priority 0, addresses given up                     §6.4.3

Where keepalived differs (functions of keepalived/vrrp/vrrp.c and vrrp_scheduler.c):

    FAULT               no RFC has it: a failed check of weight 0, or an interface that is down. A Master
                        leaves with two adverts of priority 0 (vrrp_state_leave_master,
                        vrrp_restore_interface), and returns as Backup.
    priority 255        Master at once only with `state MASTER` (vrrp_init_state).
    lower priority      a Master answers in version 2, too, and announces its addresses again
                        (vrrp_state_master_rx), unless vrrp_lower_prio_no_advert.
    rejected advert     a Master's advert timer begins anew all the same (vrrp_dispatcher_read): one that
                        hears enough of them falls silent, the *muted Master*.
    sync groups         take_over, held_back, give_way: the instances of a group move together.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from hatlab.vrrp.router import (
    ANNOUNCE,
    ANNOUNCE_AGAIN,
    HOLD,
    OWNER,
    RELEASE,
    Enter,
    Heard,
    Router,
    Rules,
    Say,
    Send,
    State,
    Step,
)
from hatlab.vrrp.timers import master_down_interval, skew_time


def start(rules: Rules, priority: int, now: float, *, quiet: bool = False) -> Step:
    """The interface is up and no check is failing (§6.4.1; keepalived: vrrp_init_state).

    The RFCs make any router of priority 255 Master at once; keepalived asks for `state MASTER` too. With
    that state but below 255 it starts as Backup and waits like any other: the RFCs know no such setting.

    Args:
        priority: the effective one.
        quiet: the wait for a first check result has just ended; the log leaves "(init)" out.
    """
    router = Router(State.BACKUP, priority, heard_interval=rules.interval)
    if rules.master and priority == OWNER:
        return timer_ended(rules, router, now)
    init = "" if quiet else " (init)"
    say = Say(f"({rules.name}) Entering BACKUP STATE{init}")
    return _set_timer(router, _master_down_interval(rules, router), now), (say, Enter(State.BACKUP))


def timer_ended(rules: Rules, router: Router, now: float) -> Step:
    """`router.until` has come (§6.4.2 and §6.4.3).

    On becoming Master the advert goes out before the addresses are set; the RFCs name both without an order.
    """
    if router.state is State.MASTER:
        return _set_advert_timer(rules, router, now), (Send(router.priority),)
    if router.state is not State.BACKUP:
        return replace(router, until=inf), ()
    new, outputs = take_over(rules, router, now)
    return new, (_timeout_line(rules), *outputs)


def take_over(rules: Rules, router: Router, now: float) -> Step:
    """Becomes Master: its timer ended, or its sync group does."""
    new = Router(
        State.MASTER,
        router.priority,
        now + rules.interval,
        heard_interval=rules.interval,
        master=router.master,
    )
    return new, (
        Send(router.priority),
        Say(f"({rules.name}) Entering MASTER STATE"),
        HOLD,
        ANNOUNCE,
        Enter(State.MASTER),
    )


def held_back(rules: Rules, router: Router, now: float) -> Step:
    """A Backup's timer ended, but its sync group is not ready: it waits again (vrrp_sync_can_goto_master)."""
    return _set_timer(router, _master_down_interval(rules, router), now), (_timeout_line(rules),)


def give_way(rules: Rules, router: Router, now: float) -> Step:
    """Becomes Backup with its sync group, without a priority 0 (vrrp_sync_backup)."""
    if router.state is not State.MASTER:
        new = replace(router, state=State.BACKUP, heard_interval=rules.interval)
    else:
        new = replace(router, state=State.BACKUP)
    release = (RELEASE,) if router.state is State.MASTER else ()
    say = Say(f"({rules.name}) Entering BACKUP STATE")
    return _set_timer(new, _master_down_interval(rules, new), now), (say, *release, Enter(State.BACKUP))


def hear(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """A sound advert for this virtual router arrived from another one."""
    if router.state is State.MASTER:
        return _hear_as_master(rules, router, advert, now)
    if router.state is State.BACKUP:
        return _hear_as_backup(rules, router, advert, now)
    return router, ()


def reject(rules: Rules, router: Router, complaint: str, source: str, now: float) -> Step:
    """An advert for this VRID arrived that is not accepted (§7.1: discard it).

    keepalived discards it, and yet a Master's advert timer begins anew (vrrp_dispatcher_read calls
    vrrp_init_instance_sands after any packet): a Master that keeps hearing such adverts falls silent. No RFC
    says so. A Master names the sender once in its log, a Backup each time.
    """
    if router.state is State.MASTER:
        new = _set_advert_timer(rules, router, now) if rules.answer_lower else router
        if router.complained:
            return new, ()
        return replace(new, complained=True), (Say(complaint),)
    if router.state is not State.BACKUP:
        return router, ()
    return router, (*_new_master_lines(rules, router, source), Say(complaint))


def _hear_as_backup(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """§6.4.2; keepalived: vrrp_state_backup."""
    if advert.priority == 0:
        say = Say(f"({rules.name}) Backup received priority 0 advertisement")
        return _set_timer(router, skew_time(rules.version, router.priority, router.heard_interval), now), (
            say,
        )
    better = advert.priority >= router.priority
    delayed = rules.preempt_delay > 0 and (router.preempt_from is None or router.preempt_from > now)
    if not (better or rules.nopreempt or delayed):
        lines = _new_master_lines(rules, router, advert.source)
        return (replace(router, master=advert.source) if lines else router), (
            *lines,
            Say(
                f"({rules.name}) received lower priority ({advert.priority}) advert from {advert.source} "
                "- discarding"
            ),
        )
    if (
        advert.source == router.master
        and advert.interval == router.heard_interval
        and not rules.preempt_delay
    ):
        return _set_timer(router, _master_down_interval(rules, router), now), ()
    return _follow_master(rules, router, advert, better, now)


def _follow_master(rules: Rules, router: Router, advert: Heard, better: bool, now: float) -> Step:
    """Takes a Master's advert whose sender, interval or rank is new."""
    lines = list(_new_master_lines(rules, router, advert.source))
    interval = router.heard_interval
    if rules.version == 3 and advert.interval != interval:
        lines.append(_interval_adopted_line(rules, interval, advert.interval, "master"))
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
    return _set_timer(new, _master_down_interval(rules, new), now), tuple(lines)


def _hear_as_master(rules: Rules, router: Router, advert: Heard, now: float) -> Step:
    """§6.4.3; keepalived: vrrp_state_master_rx.

    RFC 3768 discards a lower priority without a word; RFC 9568 answers it with an advert at once. keepalived
    answers in both versions, and sends gratuitous ARPs too.
    """
    ours, theirs = router.priority, advert.priority
    if theirs == 0:
        return _set_advert_timer(rules, router, now), (
            Say(f"({rules.name}) Master received priority 0 message"),
            Send(ours),
        )
    higher = address_octets(advert.source) > address_octets(rules.address)
    if theirs < ours or (theirs == ours and not higher):
        answer = rules.answer_lower
        say = Say(
            f"({rules.name}) Received advert from {advert.source} with lower priority {theirs}, ours {ours}"
            + (", forcing new election" if answer else "")
        )
        if not answer:
            return router, (say, ANNOUNCE_AGAIN)
        return _set_advert_timer(rules, router, now), (say, Send(ours), ANNOUNCE_AGAIN)
    lines = []
    if theirs == ours == OWNER:
        lines.append(
            Say(
                f"({rules.name}) CONFIGURATION ERROR: local instance and {advert.source} are both configured "
                "as address owner, please resolve"
            )
        )
    rank = f"higher priority {theirs}, ours {ours}"
    if theirs == ours:
        rank = f"same priority {theirs} but higher IP address than ours"
    lines.append(Say(f"({rules.name}) Master received advert from {advert.source} with {rank}"))
    interval = advert.interval if rules.version == 3 else rules.interval
    if interval != router.heard_interval:
        lines.append(_interval_adopted_line(rules, router.heard_interval, interval, "new master"))
    lines.append(Say(f"({rules.name}) Entering BACKUP STATE"))
    new = replace(router, state=State.BACKUP, master=advert.source, heard_interval=interval)
    return _set_timer(new, _master_down_interval(rules, new), now), (*lines, RELEASE, Enter(State.BACKUP))


def fail(rules: Rules, router: Router, *, following: bool = False) -> Step:
    """A check of weight 0 failed or an interface went down: FAULT, which the RFCs do not have.

    A Master says priority 0 twice (vrrp_state_leave_master and vrrp_restore_interface each send one); §6.4.3
    asks for one at shutdown. `following` its sync group it says one (vrrp_sync_fault).
    """
    new = replace(router, state=State.FAULT, until=inf, preempt_from=None)
    say = Say(f"({rules.name}) Entering FAULT STATE")
    if router.state is State.MASTER:
        zero = () if following else (Send(0), Say(f"({rules.name}) sent 0 priority"))
        return new, (say, Send(0), *zero, RELEASE, Enter(State.FAULT))
    if router.state is State.FAULT:
        return router, ()
    return new, (Enter(State.FAULT),) if following else (say, Enter(State.FAULT))


def recover(rules: Rules, router: Router, now: float) -> Step:
    """The last reason for FAULT is gone: Backup, and a full master-down interval."""
    if router.state is not State.FAULT:
        return router, ()
    new = replace(router, state=State.BACKUP, heard_interval=rules.interval)
    if rules.master and router.priority == OWNER:
        return timer_ended(rules, new, now)
    say = Say(f"({rules.name}) Entering BACKUP STATE")
    return _set_timer(new, _master_down_interval(rules, new), now), (say, Enter(State.BACKUP))


def reprioritise(rules: Rules, router: Router, priority: int, now: float) -> Step:
    """A check's weight changed the priority. A Backup's running timer gets the new skew, its start stays."""
    if priority == router.priority:
        return router, ()
    say = Say(f"({rules.name}) Changing effective priority from {router.priority} to {priority}")
    new = replace(router, priority=priority)
    skew = skew_time(rules.version, router.priority, router.heard_interval)
    if router.state is State.BACKUP and router.wait != skew:
        wait = _master_down_interval(rules, new)
        new = replace(new, wait=wait, until=max(now, router.until - router.wait + wait))
    return new, (say, Enter(new.state))


def stop(rules: Rules, router: Router) -> Step:
    """The daemon was told to end (§6.4.3): a Master sends one priority 0 and gives its addresses up."""
    new = replace(router, state=State.INIT, until=inf)
    if router.state is not State.MASTER:
        return new, ()
    return new, (Send(0), Say(f"({rules.name}) sent 0 priority"), RELEASE)


def lose_address(rules: Rules, router: Router, now: float) -> Step:
    """Somebody took a virtual address off a Master's interface: priority 0, Backup, and one skew (keepalived
    only: netlink_if_address_filter)."""
    if router.state is not State.MASTER:
        return router, ()
    new = replace(router, state=State.BACKUP)
    lines = (Say(f"({rules.name}) Entering BACKUP STATE"), Say(f"({rules.name}) sent 0 priority"))
    return _set_timer(new, skew_time(rules.version, router.priority, rules.interval), now), (
        lines[0],
        Send(0),
        lines[1],
        RELEASE,
        Enter(State.BACKUP),
    )


def effective_priority(base: int, weights: tuple[int, ...]) -> int:
    """The base priority with the weights that apply now; the owner's never changes (keepalived:
    vrrp_set_effective_priority). From 1 to 254."""
    return base if base == OWNER else min(OWNER - 1, max(1, base + sum(weights)))


def address_octets(address: str) -> tuple[int, ...]:
    """An IPv4 address as numbers to compare (§6.4.3: the primary addresses decide between equals).

    Empty for an IPv6 address, which is never compared.
    """
    return tuple(int(part) for part in address.split(".")) if ":" not in address else ()


def _master_down_interval(rules: Rules, router: Router) -> float:
    """Master_Down_Interval; version 3 counts in the interval it heard (§6.1)."""
    interval = router.heard_interval if rules.version == 3 else rules.interval
    return master_down_interval(rules.version, router.priority, interval)


def _set_timer(router: Router, seconds: float, now: float) -> Router:
    return Router(
        router.state,
        router.priority,
        now + seconds,
        seconds,
        router.heard_interval,
        router.master,
        router.preempt_from,
    )


def _set_advert_timer(rules: Rules, router: Router, now: float) -> Router:
    return Router(
        router.state,
        router.priority,
        now + rules.interval,
        router.wait,
        router.heard_interval,
        router.master,
        router.preempt_from,
        router.complained,
    )


def _timeout_line(rules: Rules) -> Say:
    return Say(f"({rules.name}) Receive advertisement timeout")


def _interval_adopted_line(rules: Rules, before: float, after: float, whose: str) -> Say:
    """The line of a Backup that learns another interval (version 3)."""
    change = f"from {before * 1000:.0f}ms to {after * 1000:.0f}ms by {whose}"
    return Say(f"({rules.name}) advertisement interval updated {change}")


def _new_master_lines(rules: Rules, router: Router, source: str) -> tuple[Say, ...]:
    """The line that names a Master not heard before."""
    if source == router.master:
        return ()
    told = f"changed from {router.master} to" if router.master else "set to"
    return (Say(f"({rules.name}) master {told} {source}"),)
