"""The VRRP state machine of one virtual router on one node, as keepalived 2.3 runs it: pure.

What it hears stands in `hatlab.vrrp.reception`, everything else here.

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
                        (vrrp_state_master_rx), unless lower_prio_no_advert.
    down_timer_adverts  another number than 3 in the master-down interval.
    rejected advert     a Master's advert timer begins anew all the same (vrrp_dispatcher_read): one that
                        hears enough of them falls silent, the *muted Master*.
    sync groups         take_over, held_back, give_way: the instances of a group move together.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from hatlab.vrrp.router import (
    ANNOUNCE,
    HOLD,
    OWNER,
    RELEASE,
    Enter,
    Output,
    Router,
    Rules,
    Say,
    Send,
    State,
    Step,
)
from hatlab.vrrp.timers import master_down_interval, skew_time

AT_ONCE = 1e-6
"""Seconds until an owner of the addresses takes over at its start (vrrp_init_state)."""
ROGUE_PATIENCE = 1.2
"""Advert intervals that an owner gives a second one to stop (vrrp_state_master_tx)."""


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
        return router.set_timer(AT_ONCE, now), ()
    init = "" if quiet else " (init)"
    say = Say(f"({rules.name}) Entering BACKUP STATE{init}")
    return router.wait_for_master(rules, now), (say, Enter(State.BACKUP))


def timer_ended(rules: Rules, router: Router, now: float) -> Step:
    """`router.until` has come (§6.4.2 and §6.4.3).

    On becoming Master the advert goes out before the addresses are set; the RFCs name both without an order.
    """
    if router.state is State.MASTER:
        send = Send(router.priority)
        if router.rogue_adverts or router.rogue_until:
            router, lines = _count_rogue_advert(rules, router, now)
            return router.set_advert_timer(rules, now), (send, *lines)
        return router.set_advert_timer(rules, now), (send,)
    if router.state is not State.BACKUP:
        return replace(router, until=inf), ()
    new, outputs = take_over(rules, router, now)
    return new, (_timeout_line(rules), *outputs)


def take_over(rules: Rules, router: Router, now: float) -> Step:
    """Becomes Master: its timer ended, or its sync group does (vrrp_state_goto_master and _become_master)."""
    if router.holds:
        # it left this state only in name, and nobody is told
        return replace(router, state=State.MASTER).set_advert_timer(rules, now), (Send(router.priority),)
    lines = [Say(f"({rules.name}) Entering MASTER STATE")]
    priority = router.priority
    if rules.priority == OWNER > priority:
        told = "since other address owner has disappeared"
        lines.append(Say(f"({rules.name}) Restoring our priority to {OWNER} {told}"))
        priority = OWNER
    if router.heard_interval != rules.interval:
        ours, heard = (f"{seconds * 1000:.0f}ms" for seconds in (rules.interval, router.heard_interval))
        told = f"changing advert interval from {heard} to locally configured {ours}"
        lines.append(Say(f"({rules.name}) {told}"))
    new = Router(
        State.MASTER,
        priority,
        now + rules.interval,
        heard_interval=rules.interval,
        master=router.master,
        holds=True,
    )
    return new, (Send(router.priority), *lines, HOLD, ANNOUNCE, Enter(State.MASTER))


def _count_rogue_advert(rules: Rules, router: Router, now: float) -> tuple[Router, tuple[Say, ...]]:
    """An owner of the addresses has sent another advert while a second owner is about."""
    if router.rogue_adverts:
        left = router.rogue_adverts - 1
        until = None if left else now + ROGUE_PATIENCE * rules.interval
        return replace(router, rogue_adverts=left, rogue_until=until), ()
    if router.rogue_until is None or router.rogue_until > now:
        return router, ()
    told = "rogue address owner appears to have stopped advertising"
    return replace(router, rogue_until=None), (Say(f"({rules.name}): {told}"),)


def held_back(rules: Rules, router: Router, now: float) -> Step:
    """A Backup's timer ended, but its sync group is not ready: it waits again (vrrp_sync_can_goto_master)."""
    return router.wait_for_master(rules, now), (_timeout_line(rules),)


def give_way(rules: Rules, router: Router, now: float) -> Step:
    """Becomes Backup with its sync group, without a priority 0 (vrrp_sync_backup). Only who was Master names
    again what it has complained of before."""
    new = replace(router, state=State.BACKUP, preempt_from=None)
    if router.state is State.MASTER:
        new = replace(new, complaints=frozenset(), holds=False)
    else:
        new = replace(new, heard_interval=rules.interval)
    release = (RELEASE,) if router.state is State.MASTER else ()
    say = Say(f"({rules.name}) Entering BACKUP STATE")
    return new.wait_for_master(rules, now), (say, *release, Enter(State.BACKUP))


def is_overdue(rules: Rules, router: Router, now: float) -> bool:
    """True if a Master's last advert is so old that it has a successor, and it shall step back for that
    (timer_expired_backup; vrrp_thread_timeout_handler)."""
    if router.state is not State.MASTER or not rules.expected_priority:
        return False
    last_sent = router.until - rules.interval
    return last_sent + master_down_interval(rules.version, rules.expected_priority, rules.interval) <= now


def fail(rules: Rules, router: Router, *, following: bool = False) -> Step:
    """A reason for FAULT came, which the RFCs do not have (down_instance).

    A Master says priority 0 twice (vrrp_state_leave_master and vrrp_restore_interface each send one); §6.4.3
    asks for one at shutdown. `following` its sync group it says one (vrrp_sync_fault). One that has not begun
    for want of a first check result counts as in FAULT already, and logs nothing.
    """
    new = replace(router, state=State.FAULT, until=inf, preempt_from=None)
    say = Say(f"({rules.name}) Entering FAULT STATE")
    if router.state is State.MASTER:
        new = replace(new, complaints=frozenset(), holds=False)
        zero = () if following else (Send(0), Say(f"({rules.name}) sent 0 priority"))
        return new, (say, Send(0), *zero, RELEASE, Enter(State.FAULT))
    if router.state is State.FAULT:
        return router, ()
    if following and router.state is State.INIT:
        return new, ()
    quiet = following or router.state is State.INIT
    return new, (Enter(State.FAULT),) if quiet else (say, Enter(State.FAULT))


def recover(rules: Rules, router: Router, now: float) -> Step:
    """The last reason for FAULT is gone: Backup, and a full master-down interval, an owner's too.

    keepalived does not ask whether it was in FAULT (try_up_instance). With two tracked interfaces down, the
    first that comes up ends it, and the second makes even a Master call itself Backup, its addresses kept.
    """
    if router.state is State.INIT:
        return router, ()
    new = replace(router, state=State.BACKUP, heard_interval=rules.interval, preempt_from=None)
    outputs: tuple[Output, ...] = (Enter(State.BACKUP),)
    if router.state is not State.BACKUP:
        outputs = (Say(f"({rules.name}) Entering BACKUP STATE"), *outputs)
    return new.wait_for_master(rules, now), outputs


def reprioritise(rules: Rules, router: Router, priority: int, now: float) -> Step:
    """A weight changed the priority (vrrp_set_effective_priority).

    A Backup's timer moves by what its length changes, counted from what it was set to last: a whole interval,
    one skew after a priority 0, what was left of it after an advert that was ignored.
    """
    if priority == router.priority:
        return router, ()
    say = Say(f"({rules.name}) Changing effective priority from {router.priority} to {priority}")
    new = replace(router, priority=priority)
    if router.state is State.BACKUP:
        wait = new.wait_for_master(rules, now).wait
        new = replace(new, wait=wait, until=max(now, router.until - router.wait + wait))
    if new.state is State.INIT:
        return new, (say,)
    return new, (say, Enter(new.state))


def stop(rules: Rules, router: Router) -> Step:
    """The daemon was told to end (§6.4.3): a Master sends one priority 0 and gives its addresses up."""
    new = replace(router, state=State.INIT, until=inf, holds=False)
    if router.state is not State.MASTER:
        return new, ()
    return new, (Send(0), Say(f"({rules.name}) sent 0 priority"), RELEASE)


def lose_address(rules: Rules, router: Router, now: float) -> Step:
    """Somebody took a virtual address off a Master's interface: priority 0, Backup, and one skew (keepalived
    only: netlink_if_address_filter)."""
    if router.state is not State.MASTER:
        return router, ()
    new = replace(router, state=State.BACKUP, complaints=frozenset(), preempt_from=None, holds=False)
    lines = (Say(f"({rules.name}) Entering BACKUP STATE"), Say(f"({rules.name}) sent 0 priority"))
    return new.set_timer(skew_time(rules.version, router.priority, rules.interval), now), (
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


def _timeout_line(rules: Rules) -> Say:
    return Say(f"({rules.name}) Receive advertisement timeout")
