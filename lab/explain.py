"""Why a node changed state: the packet, timer or check that caused it, the rule, the arithmetic with the
real numbers, and the line of keepalived.conf behind them. Pure.

Rules are cited by VRRP version: RFC 3768 for 2, RFC 9568 for 3 (its *Active* is keepalived's *Master*; the
section numbers of the state machine are the same in both).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab import events as e
from lab.keepalived import line
from lab.state import InstanceState, LabState, NodeState
from lab.vrrp.timers import master_down_interval

JUST_NOW = 0.5
"""Seconds within which a fact counts as the cause of a transition."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The parts of an explanation. `key` is the conf setting whose line is shown."""

    cause: str
    rule: str
    text: str
    arithmetic: str = ""
    key: str = ""


def explain(before: LabState, event: e.Event, after: LabState) -> Iterator[e.Why]:
    """An explanation of each transition this event is, or brings about; of an outage too."""
    match event:
        case e.Vrrp():
            touched = [event.instance]
        case e.Process(service="keepalived", state="down") | e.Node(state="off"):
            touched = list(after.nodes[event.node].instances) if event.node in after.nodes else []
        case e.Probe(ok=True):
            yield from _outage(before, event)
            return
        case _:
            return
    if event.node not in before.nodes:
        return
    was, now = before.nodes[event.node], after.nodes[event.node]
    for name in touched:
        old, new = was.instances.get(name, InstanceState()), now.instances[name]
        if old.reported == new.reported:
            continue
        found = _cause(before, after, event, was, now, name, old, new)
        yield e.Why(
            at=event.at,
            node=event.node,
            instance=name,
            from_=old.reported,
            to=new.reported,
            cause=found.cause,
            rule=found.rule,
            arithmetic=found.arithmetic,
            line=_conf_line(now, new, found.key),
            text=found.text,
        )


def _conf_line(node: NodeState, instance: InstanceState, key: str) -> str:
    """`keepalived.conf:31: priority 100`, empty if the file has no such line."""
    if not key:
        return ""
    where = instance.settings.lines.get(key) if instance.settings else None
    if where is None:
        where = next((s.lines[key] for s in node.scripts.values() if key in s.lines), None)
    return f"keepalived.conf:{where}: {line(node.conf, where)}" if where else ""


def _rfc(instance: InstanceState) -> str:
    return "RFC 9568" if instance.settings and instance.settings.version == 3 else "RFC 3768"


def _cause(
    before: LabState,
    after: LabState,
    event: e.Event,
    was: NodeState,
    now: NodeState,
    name: str,
    old: InstanceState,
    new: InstanceState,
) -> Cause:
    match new.reported:
        case "MASTER":
            return _to_master(before, event, was, name, old)
        case "BACKUP":
            return _to_backup(event, was, now, old, new)
        case "FAULT":
            return _to_fault(before, event, now, name, new)
        case "STOPPED":
            return _to_stopped(event, now, new)
        case _:
            return Cause(
                "keepalived started",
                "keepalived: an instance is INIT until its interface is up",
                f"keepalived runs on {now.name}; {name} is being set up.",
            )


def _to_master(
    before: LabState, event: e.Event, was: NodeState, name: str, old: InstanceState
) -> Cause:
    rfc, node = _rfc(old), was.name
    conf = old.settings
    if old.priority == 255 and old.reported != "BACKUP":
        return Cause(
            "priority 255: the owner of the address",
            f"{rfc} §6.4.1: priority 255 becomes Master at startup, without waiting",
            f"{node} has priority 255, so it is Master at once.",
            key="priority",
        )
    version = conf.version if conf else 2
    waited = event.at - (old.armed if old.armed is not None else old.since)
    p = old.priority
    if old.zero_from is not None:
        unit = "" if version == 2 else f" × {_interval(old):g}"
        return Cause(
            f"{old.zero_from} said priority 0",
            f"{rfc} §6.4.2: after a priority-0 advert a Backup waits one skew time only",
            f"{old.zero_from} did not go quiet: it said it was leaving (priority 0), so {node} waited one skew, "
            f"{old.timeout:.3f} s, and became Master.",
            f"skew = (256 − {p})/256{unit} = {old.timeout:.3f} s; measured {waited:.3f} s",
            "priority",
        )
    interval = _last_interval(old)
    timeout = old.timeout or master_down_interval(version, p, interval)
    skew = timeout - 3 * interval
    sums = f"3 × {interval:g} s + skew {skew:.3f} s = {timeout:.3f} s; measured {waited:.3f} s"
    rule = f"{rfc} §6.4.2: Master_Down_Timer = 3 × advert interval + skew"
    if old.discarded is not None:
        other = old.discarded
        return Cause(
            f"only lower priority heard ({other.node} has {other.priority})",
            f"{rfc} §6.4.2: with preemption, an advert of lower priority does not reset the timer",
            f"{node} heard {other.node}'s priority {other.priority}, lower than its own {p}, let its timer run out "
            "and took over (preemption).",
            sums,
            "priority",
        )
    if old.rejected is not None and event.at - old.rejected.at <= timeout:
        return Cause(
            f"adverts from {old.rejected.node} refused: {old.rejected.reason}",
            f"{rfc} §7.1: an advert that fails its checks is discarded",
            f"{node} heard {old.rejected.node} but had to refuse it ({old.rejected.reason}), so its timer ran out.",
            sums,
            "authentication" if "password" in old.rejected.reason else "advert_int",
        )
    last = max(old.heard.values(), key=lambda c: c.at, default=None)
    if last is None or last.at < old.since:
        return Cause(
            "nothing heard since it became Backup",
            rule,
            f"{node} heard no Master since it became Backup and took over after {waited:.2f} s.",
            sums,
            "priority",
        )
    why = _silence(before, last.node, node, name)
    return Cause(
        f"nothing heard from {last.node}: {why}",
        rule,
        f"{node} last heard {last.node} at {last.at:.3f} s ({why}), waited {waited:.2f} s and took over.",
        sums,
        "advert_int",
    )


def _interval(instance: InstanceState) -> float:
    return instance.settings.interval if instance.settings else 1.0


def _last_interval(instance: InstanceState) -> float:
    last = max(instance.heard.values(), key=lambda c: c.at, default=None)
    return last.interval if last and instance.armed and last.at >= instance.armed else _interval(instance)


def _silence(state: LabState, peer: str, node: str, instance: str) -> str:
    """Why `peer`'s adverts stopped reaching `node`, as far as the facts tell."""
    spec = state.layout.topology.instances.get(instance) if state.layout else None
    network = spec.network if spec else ""
    other, own = state.nodes.get(peer), state.nodes[node]
    if other is None:
        return "no advert arrived"
    service = other.service("keepalived")
    if other.power != "on":
        return f"{peer} is {other.power}"
    if service.state == "down":
        return f"its keepalived is gone ({service.reason})" if service.reason else "its keepalived is gone"
    if service.state == "frozen":
        return "its keepalived is frozen"
    for who in (other, own):
        if who.links.get(network) is False:
            return f"{who.name}'s interface on {network} is down"
    drop = own.filters.get(network)
    if drop is not None and drop.percent:
        return f"{node} drops {drop.percent:g} % of what arrives on {network}"
    return "no advert arrived"


def _to_backup(
    event: e.Event, was: NodeState, now: NodeState, old: InstanceState, new: InstanceState
) -> Cause:
    rfc, node = _rfc(new), now.name
    if old.reported == "MASTER":
        if old.yielded is not None and event.at - old.yielded.at <= JUST_NOW:
            other = old.yielded
            equal = other.priority == old.priority
            rank = "the same priority and a higher address" if equal else f"priority {other.priority}"
            return Cause(
                f"{other.node} advertises {rank}",
                f"{rfc} §6.4.3: a Master that hears a higher priority (or equal from a higher address) yields",
                f"{node} heard {other.node} with {rank}, its own is {old.priority}: it gave the address up and sends "
                "no priority 0.",
                f"{other.priority} {'=' if equal else '>'} {old.priority}",
                "priority",
            )
        return Cause(
            "its virtual address was removed behind its back",
            "keepalived: a Master that loses its address says priority 0 and goes back to Backup",
            f"{node} noticed that its virtual address was gone, said priority 0 and became Backup.",
            key="virtual_ipaddress",
        )
    if old.reported == "FAULT":
        recovered = [n for n, c in now.checks.items() if c.ok and event.at - c.since <= JUST_NOW]
        what = f"check {recovered[0]} succeeds again" if recovered else "its interface is up again"
        return Cause(
            what,
            "keepalived: out of FAULT an instance is Backup and waits a full master-down interval",
            f"{node} is healthy again ({what}); it listens as Backup first and will preempt if its priority is higher.",
            f"next: {new.timeout:.3f} s without a better advert",
            "rise" if recovered else "interface",
        )
    return Cause(
        "keepalived started",
        f"{rfc} §6.4.1: below priority 255 an instance starts as Backup",
        f"{node} starts as Backup and listens for {new.timeout:.2f} s before it would take over.",
        f"3 × {_interval(new):g} s + skew = {new.timeout:.3f} s",
        "state",
    )


def _to_fault(
    before: LabState, event: e.Event, now: NodeState, name: str, new: InstanceState
) -> Cause:
    node = now.name
    failed = [(n, c) for n, c in now.checks.items() if not c.ok and event.at - c.since <= JUST_NOW]
    if failed:
        script, check = failed[0]
        conf = now.scripts.get(script)
        reason = _service_reason(now)
        sums = ""
        if conf is not None:
            sums = f"{conf.fall} failed runs, {conf.interval:g} s apart (fall {conf.fall}, interval {conf.interval:g})"
            if check.turned is not None:
                sums += f"; first failed at {check.turned:.3f} s, given up at {check.since:.3f} s"
        return Cause(
            f"check {script} failed ({check.detail})",
            "keepalived: a failed vrrp_script of weight 0 puts its instances in FAULT; a Master says priority 0 first",
            f"{node}'s check {script} failed{reason}, so keepalived gave the address up and said priority 0.",
            sums,
            "fall",
        )
    spec = before.layout.topology.instances.get(name) if before.layout else None
    down = [n for n, up in now.links.items() if not up]
    own = spec is not None and spec.network in down
    where = f"on {', '.join(down)} " if down else ""
    tail = "nothing can leave any more, its peer has to wait" if own else "it says priority 0 elsewhere"
    return Cause(
        f"its interface {where}went down",
        "keepalived: an instance whose own or tracked interface is down is in FAULT",
        f"{node} lost its interface {where}and went to FAULT; {tail}.",
        key="interface" if own else "track_interface",
    )


def _service_reason(node: NodeState) -> str:
    mysqld = node.service("mysqld")
    if mysqld.state == "up":
        return ""
    return f" because mysqld is {mysqld.state}" + (f" ({mysqld.reason})" if mysqld.reason else "")


def _to_stopped(event: e.Event, now: NodeState, new: InstanceState) -> Cause:
    node = now.name
    if isinstance(event, e.Node):
        return Cause(
            f"{node} is off",
            "VRRP: who is gone says nothing; Backups wait a full master-down interval",
            f"{node} lost its power: no priority 0, its addresses are gone.",
        )
    if isinstance(event, e.Process):
        reason = event.reason or "unknown"
        kept = " Its virtual address stays on the interface: a zombie owner." if new.previous == "MASTER" else ""
        return Cause(
            f"keepalived ended ({reason})",
            "VRRP: who is killed says nothing; Backups wait a full master-down interval",
            f"keepalived on {node} ended ({reason}) without a priority 0.{kept}",
        )
    return Cause(
        "keepalived was told to stop",
        f"{_rfc(new)} §6.4.3: a Master that shuts down sends an advert with priority 0",
        f"keepalived on {node} stops in order: it says priority 0 and removes its address.",
    )


def _outage(before: LabState, event: e.Probe) -> Iterator[e.Why]:
    """Of an outage that ends with this probe: where its seconds went."""
    client = before.clients.get(event.client)
    if client is None or not client.failed or client.good_at is None:
        return
    began, ended = client.good_at, event.at + (event.latency_ms or 0.0) / 1000
    steps = [w for w in before.whys if began < w.at < ended and w.to in {"FAULT", "STOPPED", "MASTER"}]
    marks, last = [], began
    for step in steps:
        marks.append(f"{step.at - last:.2f} s until {step.node} was {step.to}")
        last = step.at
    marks.append(f"{ended - last:.2f} s until the client was answered")
    moved = client.server != event.server
    who = f"then {event.server} answered instead of {client.server}" if moved else f"{event.server} answered again"
    total = ended - began
    yield e.Why(
        at=ended,
        node=event.client,
        instance="",
        from_=client.server or "",
        to=event.server or "",
        cause=steps[0].cause if steps else f"{client.last.error if client.last else 'no answer'}",
        rule="a client is cut off from the last good answer to the first good one",
        arithmetic=" + ".join(marks) + f" = {total:.2f} s",
        text=f"The client was cut off for {total:.2f} s ({client.failed} failed tries), {who}.",
    )
