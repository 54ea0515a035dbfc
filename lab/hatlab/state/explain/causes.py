"""The cause of one transition, from what the state knew just before it.

Rules are cited by VRRP version: RFC 3768 for 2, RFC 9568 for 3 (its *Active* is keepalived's *Master*; the
section numbers of the state machine are the same in both).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatlab import events as e
from hatlab.state.model import Claim, InstanceState, LabState, NodeState
from hatlab.vrrp.timers import master_down_interval

_GOODBYE = 2.0
"""Seconds from a Master's last advert, of priority 0, to the end of its keepalived; it waits about one."""
JUST_NOW = 0.5
"""Seconds within which a fact counts as the cause of a transition."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition: the lab just before it, the event, the node after it, the instance before and after."""

    lab: LabState
    event: e.Event
    node: NodeState
    name: str
    old: InstanceState
    new: InstanceState

    @property
    def rfc(self) -> str:
        return "RFC 9568" if self.version == 3 else "RFC 3768"

    @property
    def version(self) -> int:
        return self.new.settings.version if self.new.settings else 2

    @property
    def interval(self) -> float:
        """The configured advert interval, seconds."""
        return self.new.settings.interval if self.new.settings else 1.0

    @property
    def network(self) -> str:
        """The network its adverts travel on, empty if the topology does not know the instance."""
        spec = self.lab.layout.topology.instances.get(self.name) if self.lab.layout else None
        return spec.network if spec else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """The parts of an explanation. `key` is the conf setting whose line is shown, of `script` if given."""

    cause: str
    rule: str
    text: str
    arithmetic: str = ""
    key: str = ""
    script: str = ""


def find_cause(moment: Transition) -> Cause:
    """Why the instance is in its new state."""
    if followed := _followed_sync_group(moment):
        return followed
    match moment.new.reported:
        case "MASTER":
            return _why_master(moment)
        case "BACKUP":
            return _why_backup(moment)
        case "FAULT":
            return _why_fault(moment)
        case "STOPPED":
            return _why_stopped(moment)
        case _:
            return Cause(
                "keepalived started",
                "keepalived: an instance is INIT until its interface is up",
                f"keepalived runs on {moment.node.name}; {moment.name} is being set up.",
            )


def _followed_sync_group(m: Transition) -> Cause | None:
    """That an instance went where another of its sync group went just before; None if it did not."""
    conf, state = m.new.settings, m.new.reported
    if conf is None or not conf.sync_group or m.old.reported not in {"BACKUP", "MASTER", "FAULT"}:
        return None
    before = m.lab.nodes[m.node.name].instances
    for name, other in before.items():
        same = other.settings is not None and other.settings.sync_group == conf.sync_group
        if name != m.name and same and other.reported == state and m.event.at - other.since <= JUST_NOW:
            return Cause(
                f"sync group {conf.sync_group}: {name} is {state}",
                "keepalived: the instances of a vrrp_sync_group change state together",
                f"{name} on {m.node.name} became {state}, and {m.name} is in its sync group "
                f"{conf.sync_group}, so it followed at once.",
            )
    return None


def _why_master(m: Transition) -> Cause:
    old, node, p = m.old, m.node.name, m.old.priority
    if p == 255 and old.reported != "BACKUP":
        return Cause(
            "priority 255: the owner of the address",
            f"{m.rfc} §6.4.1: priority 255 becomes Master at startup, without waiting",
            f"{node} has priority 255, so it is Master at once.",
            key="priority",
        )
    waited = m.event.at - (old.armed if old.armed is not None else old.since)
    if old.zero_from is not None:
        unit = "" if m.version == 2 else f" × {m.interval:g}"
        sums = f"skew = (256 − {p})/256{unit} = {old.timeout:.3f} s; measured {waited:.3f} s"
        if old.zero_from == node:
            return Cause(
                "nobody took over from it",
                "keepalived: a Master that lost its address waits one skew time before it comes back",
                f"{node} had given the address up itself (priority 0). Nobody was faster, so after its own "
                f"skew, {old.timeout:.3f} s, it became Master again.",
                sums,
                "priority",
            )
        return Cause(
            f"{old.zero_from} said priority 0",
            f"{m.rfc} §6.4.2: after a priority-0 advert a Backup waits one skew time only",
            f"{old.zero_from} did not go quiet: it said it was leaving (priority 0), so {node} waited one "
            f"skew, {old.timeout:.3f} s, and became Master.",
            sums,
            "priority",
        )
    last = max(old.heard.values(), key=lambda claim: claim.at, default=None)
    timeout = old.timeout or master_down_interval(m.version, p, m.interval)
    interval = last.interval if last and old.armed and last.at >= old.armed else m.interval
    sums = f"3 × {interval:g} s + skew {timeout - 3 * interval:.3f} s = {timeout:.3f} s"
    return _why_timer_expired(m, last, waited, timeout, f"{sums}; measured {waited:.3f} s")


def _why_timer_expired(m: Transition, last: Claim | None, waited: float, timeout: float, sums: str) -> Cause:
    """A Backup whose master-down timer ran out: because of what did, or did not, reset it."""
    old, node = m.old, m.node.name
    if old.discarded is not None:
        other = old.discarded
        return Cause(
            f"only lower priority heard ({other.node} has {other.priority})",
            f"{m.rfc} §6.4.2: with preemption, an advert of lower priority does not reset the timer",
            f"{node} heard {other.node}'s priority {other.priority}, lower than its own {old.priority}, let "
            "its timer run out and took over (preemption).",
            sums,
            "priority",
        )
    if old.rejected is not None and m.event.at - old.rejected.at <= timeout:
        return Cause(
            f"adverts from {old.rejected.node} refused: {old.rejected.reason}",
            f"{m.rfc} §7.1: an advert that fails its checks is discarded",
            f"{node} heard {old.rejected.node} but had to refuse it ({old.rejected.reason}), so its timer "
            "ran out.",
            sums,
            _setting_that_refuses(old.rejected.reason),
        )
    rule = f"{m.rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew"
    if last is None or last.at < old.since - JUST_NOW:  # the advert it yielded to came just before
        return Cause(
            "nothing heard since it became Backup",
            rule,
            f"{node} heard no Master since it became Backup and took over after {waited:.2f} s.",
            sums,
            "priority",
        )
    reason = _why_silent(m, last.node)
    return Cause(
        f"nothing heard from {last.node}: {reason}",
        rule,
        f"{node} last heard {last.node} at {last.at:.2f} s ({reason}), waited {waited:.2f} s and took over.",
        sums,
        "advert_int",
    )


def _setting_that_refuses(reason: str) -> str:
    """The setting because of which adverts are refused."""
    if "cast" in reason:
        return "unicast_peer" if reason.endswith("unicast") else "interface"
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
        return f"its keepalived is gone ({service.reason})" if service.reason else "its keepalived is gone"
    if service.state == "frozen":
        return "its keepalived is frozen"
    for who in (other, own):
        if who.links.get(m.network) is False:
            return f"{who.name}'s interface on {m.network} is down"
    drop = own.filters.get(m.network)
    if drop is not None and drop.percent:
        return f"{own.name} drops {drop.percent:g} % of what arrives on {m.network}"
    return "no advert arrived"


def _why_backup(m: Transition) -> Cause:
    node = m.node.name
    match m.old.reported:
        case "MASTER":
            return _why_master_yielded(m)
        case "FAULT":
            back = [n for n, c in m.node.checks.items() if c.ok and m.event.at - c.since <= JUST_NOW]
            what = f"check {back[0]} succeeds again" if back else "its interface is up again"
            return Cause(
                what,
                "keepalived: out of FAULT an instance is Backup and waits a full master-down interval",
                f"{node} is healthy again ({what}); it listens as Backup first, and will preempt if its "
                "priority is higher.",
                f"next: {m.new.timeout:.3f} s without a better advert",
                "rise" if back else "interface",
                back[0] if back else "",
            )
        case _:
            return Cause(
                "keepalived started",
                f"{m.rfc} §6.4.1: below priority 255 an instance starts as Backup",
                f"{node} starts as Backup and listens for {m.new.timeout:.2f} s before it would take over.",
                f"3 × {m.interval:g} s + skew {m.new.timeout - 3 * m.interval:.3f} s = {m.new.timeout:.3f} s",
                "state",
            )


def _why_master_yielded(m: Transition) -> Cause:
    other, old, node = m.old.yielded, m.old, m.node.name
    if other is None or m.event.at - other.at > JUST_NOW:
        return Cause(
            "its virtual address was removed behind its back",
            "keepalived: a Master that loses its address says priority 0 and goes back to Backup",
            f"{node} noticed that its virtual address was gone, said priority 0 and became Backup.",
            key="virtual_ipaddress",
        )
    equal = other.priority == old.priority
    rank = "the same priority and a higher address" if equal else f"priority {other.priority}"
    return Cause(
        f"{other.node} advertises {rank}",
        f"{m.rfc} §6.4.3: a Master that hears a higher priority (or equal from a higher address) yields",
        f"{node} heard {other.node} with {rank}, its own is {old.priority}: it gave the address up and "
        "sends no priority 0.",
        f"{other.priority} {'=' if equal else '>'} {old.priority}",
        "priority",
    )


def _why_fault(m: Transition) -> Cause:
    node = m.node.name
    failed = [(n, c) for n, c in m.node.checks.items() if not c.ok and m.event.at - c.since <= JUST_NOW]
    if not failed:
        return _why_interface_lost(m)
    script, check = failed[0]
    conf = m.node.scripts.get(script)
    sums = ""
    if conf is not None:
        sums = (
            f"{conf.fall} failed runs, {conf.interval:g} s apart (fall {conf.fall}, "
            f"interval {conf.interval:g})"
        )
        if check.turned is not None:
            sums += f"; first failed at {check.turned:.2f} s, given up at {check.since:.2f} s"
    mysqld = m.node.service("mysqld")
    asks_others = conf is not None and re.match(r"\S*/(ping|quorum)\b", conf.command)
    because = "" if mysqld.state == "up" or asks_others else f" because mysqld is {mysqld.state}"
    if because and mysqld.reason:
        because += f" ({mysqld.reason})"
    farewell = (
        "gave the address up and said priority 0" if m.old.reported == "MASTER" else "takes no part any more"
    )
    return Cause(
        f"check {script} failed ({check.detail})",
        "keepalived: a failed vrrp_script of weight 0 puts its instances in FAULT; "
        "a Master says priority 0 first",
        f"{node}'s check {script} failed{because}, so keepalived {farewell}.",
        sums,
        "fall",
        script,
    )


def _why_interface_lost(m: Transition) -> Cause:
    node = m.node.name
    down = [network for network, up in m.node.links.items() if not up]
    own = m.network in down
    where = f" on {', '.join(down)}" if down else ""
    tail = (
        "nothing can leave any more, so its peer has to wait"
        if own
        else "it can still say priority 0 on the network of its adverts"
    )
    return Cause(
        f"its interface{where} went down",
        "keepalived: an instance whose own or tracked interface is down is in FAULT",
        f"{node} lost its interface{where} and went to FAULT; {tail}.",
        key="interface" if own else "track_interface",
    )


def _said_goodbye(m: Transition) -> bool:
    """Without a notify line nobody tells of an orderly stop, but the wire does, a second before the end."""
    sent = m.old.sent
    return sent is not None and sent.priority == 0 and m.event.at - sent.at < _GOODBYE


def _why_stopped(m: Transition) -> Cause:
    node = m.node.name
    silent = "VRRP: who is gone says nothing; Backups wait a full master-down interval"
    match m.event:
        case e.Node():
            return Cause(
                f"{node} is off", silent, f"{node} lost its power: no priority 0, its addresses are gone."
            )
        case e.Process(reason=reason) if not _said_goodbye(m):
            kept = (
                " Its virtual address stays on the interface: a zombie owner."
                if m.old.reported == "MASTER"
                else ""
            )
            how = f" ({reason})" if reason else ""
            return Cause(
                f"keepalived ended{how}",
                silent,
                f"keepalived on {node} ended{how} without a priority 0.{kept}",
            )
        case _:
            return Cause(
                "keepalived was told to stop",
                f"{m.rfc} §6.4.3: a Master that shuts down sends an advert with priority 0",
                f"keepalived on {node} stops in order: it says priority 0 and removes its address.",
            )
