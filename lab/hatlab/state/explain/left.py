"""Why an instance takes no part any more: FAULT, or its end."""

from __future__ import annotations

import math
import re

from hatlab import events as e
from hatlab.keepalived import VrrpScript
from hatlab.state.explain.reload import why_reloaded
from hatlab.state.explain.transition import TOLERANCE, Cause, Transition, compare
from hatlab.state.model import CheckState
from hatlab.util.text import plural

_GOODBYE = 2.0
"""Seconds from a Master's last advert, of priority 0, to the end of its keepalived; it waits about one."""
_PRECISE = 2.0
"""Seconds in which something imported ended that are no more than the precision of a log's times."""
_ASKS_OTHERS = re.compile(r"\S*/(ping|quorum)\b")


def why_fault(m: Transition) -> Cause:
    """The cause of a transition to FAULT."""
    failed = [(n, c) for n, c in m.node.checks.items() if not c.ok and m.just_now(c.since)]
    if failed:
        return _why_check_failed(m, *failed[0])
    link = m.node.link_report
    if any(not up for up in m.node.links.values()) or (link and not link.up and m.just_now(link.at)):
        return _why_interface_lost(m)
    reason = m.new.fault_reason
    return why_reloaded(m) or Cause(
        reason or "unknown",
        "keepalived: an instance is in FAULT while something it needs is missing",
        f"{m.node.name} went to FAULT: {reason}."
        if reason
        else f"{m.node.name} went to FAULT. Nothing that hatlab saw explains why; keepalived's log may.",
    )


def _why_check_failed(m: Transition, script: str, check: CheckState) -> Cause:
    node, conf = m.node.name, m.node.scripts.get(script)
    failed = _mysqld_trouble(m, script, conf, check) or _lack(m, script)
    if m.old.reported == "MASTER":
        then = "So keepalived gave up the address and sent priority 0."
    else:
        then = "So keepalived no longer takes part."
    return Cause(
        f"check {script} failed ({check.detail})",
        "keepalived: a failed vrrp_script of weight 0 puts its instances in FAULT; "
        "a Master sends priority 0 first",
        f"{failed or f'The check {script} on {node} failed.'} {then}",
        _count_failed_runs(m, conf, check) if conf else "",
        "timeout" if check.detail == "timed out" and conf and "timeout" in conf.lines else "fall",
        script,
    )


def _lack(m: Transition, script: str) -> str:
    """Return that a check failed as it `runs redis-cli, which is not in this lab`; "" if it lacks nothing."""
    lacking = m.node.lacking.get(script, "")
    return f"The check {script} on {m.node.name} failed: it {lacking}." if lacking else ""


def _mysqld_trouble(m: Transition, script: str, conf: VrrpScript | None, check: CheckState) -> str:
    """Return that a check failed because of mysqld, if that came just before the first run that failed."""
    mysqld = m.node.service("mysqld")
    if mysqld.state == "up" or (conf is not None and _ASKS_OTHERS.match(conf.command)):
        return ""
    if conf is not None and check.decided and not check.first:
        longest = conf.fall * (conf.interval + conf.timeout) + conf.interval
        if not 0 <= check.since - mysqld.since <= longest + TOLERANCE:
            return ""
    reason = f" ({mysqld.reason})" if mysqld.reason else ""
    return f"The check {script} on {m.node.name} failed because mysqld is {mysqld.state}{reason}."


def _count_failed_runs(m: Transition, conf: VrrpScript, check: CheckState) -> str:
    """From the first run that failed to the verdict."""
    if check.first:
        return "1 failed run: the first result after a start counts at once"
    if check.detail == "timed out":
        return _count_killed_runs(m, conf, check)
    if conf.fall == 1:
        return "1 failed run (fall 1)"
    terms = (
        f"{conf.fall} failed runs, {conf.interval:g} s apart (fall {conf.fall}, interval {conf.interval:g})"
    )
    if check.turned is None:
        return terms
    sums = compare("", (conf.fall - 1) * conf.interval, check.since - check.turned)
    if not sums:
        return ""
    first, last = m.moment(check.turned), m.moment(check.since)
    return f"{terms}{sums}; first failure at {first}, declared failed at {last}"


def _count_killed_runs(m: Transition, conf: VrrpScript, check: CheckState) -> str:
    """Runs that hung: each is killed after its timeout, and no other one starts before the next beat."""
    terms = plural(
        conf.fall,
        "{count} run killed after its timeout of {timeout:g} s",
        "{count} runs, each killed after its timeout of {timeout:g} s",
        timeout=conf.timeout,
    )
    mysqld = m.node.service("mysqld")
    measured = check.since - mysqld.since
    beats = math.ceil(conf.timeout / conf.interval)
    # a beat at the very time of the timeout may still find the killed run, and leaves the next to another
    for beat in (beats * conf.interval, (beats + 1) * conf.interval) if mysqld.state == "frozen" else ():
        hung = (conf.fall - 1) * beat + conf.timeout
        if -TOLERANCE <= measured - hung <= conf.interval:
            wait = max(0.0, measured - hung)
            between = "" if conf.fall == 1 else f"{conf.fall - 1} × {beat:g} s from run to run + "
            sums = f"{wait:.2f} s until the next run + {between}timeout {conf.timeout:g} s"
            return f"{terms}: {compare(sums, hung + wait, measured)}"
    return f"{terms} (fall {conf.fall}, interval {conf.interval:g})"


def _why_interface_lost(m: Transition) -> Cause:
    node = m.node.name
    down = [network for network, up in m.node.links.items() if not up]
    own = m.network in down
    where = f" on {', '.join(down)}" if down else ""
    then = (
        "Nothing can leave it any more, so its peer has to wait."
        if own
        else "It can still send priority 0 on the network of its adverts."
    )
    return Cause(
        f"its interface{where} went down",
        "keepalived: an instance whose own or tracked interface is down is in FAULT",
        f"{node} lost its interface{where} and went to FAULT. {then}",
        key="interface" if own else "track_interface",
    )


def why_stopped(m: Transition) -> Cause:
    """The cause of a transition to STOPPED."""
    node = m.node.name
    was_master = m.old.reported == "MASTER"
    silent = (
        "VRRP: a Master that is gone says nothing, so Backups wait a full master-down interval"
        if was_master
        else "VRRP: only a Master sends adverts, so no node waits for this one"
    )
    match m.event:
        case e.Node():
            return Cause(
                f"{node} is off",
                silent,
                f"{node} lost power. It sent no priority 0, and its addresses are gone."
                if was_master
                else f"{node} lost power. It was no Master, so no other node waits for it.",
            )
        case e.Process() if m.about > _PRECISE and not _said_goodbye(m):
            return Cause(
                "it ended without a word",
                silent,
                f"{node} wrote no line until its next start, {m.about:.0f} s later: its keepalived, or "
                "the machine itself, ended without a word. When in that time is not known.",
            )
        case e.Process(reason=reason) if not _said_goodbye(m):
            how = f" ({reason})" if reason else ""
            return Cause(
                f"keepalived ended{how}",
                silent,
                f"keepalived on {node} ended{how} without sending priority 0. The virtual address stays "
                "on its interface: a zombie owner."
                if was_master
                else f"keepalived on {node} ended{how}. It was no Master, so it had nothing to send.",
            )
        case _:
            if not was_master and not _said_goodbye(m):
                return why_reloaded(m) or Cause(
                    "keepalived was told to stop",
                    f"{m.rfc} §6.4.2: a Backup that shuts down sends nothing",
                    f"keepalived on {node} is stopping cleanly. It was no Master, so it has nothing to send.",
                )
            return why_reloaded(m) or Cause(
                "keepalived was told to stop",
                f"{m.rfc} §6.4.3: a Master that shuts down sends an advert with priority 0",
                f"keepalived on {node} is stopping cleanly: it sends priority 0 and removes its address.",
            )


def _said_goodbye(m: Transition) -> bool:
    """Without a notify line nobody tells of an orderly stop, but the wire does, a second before the end."""
    sent = m.old.sent
    return sent is not None and sent.priority == 0 and m.event.at - sent.at < _GOODBYE
