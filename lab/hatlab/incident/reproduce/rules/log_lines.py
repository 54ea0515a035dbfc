"""What a node's own log says was done to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hatlab import events as e
from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault, single
from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived import (
    AddressRemoved,
    CheckOverran,
    ChildDied,
    DaemonStarted,
    DaemonStopping,
    LinkChanged,
    LogLine,
    ReloadStarted,
    ScriptResult,
    TimerLate,
)
from hatlab.keepalived.settings import VrrpScript
from hatlab.util.addresses import short_address

_NEAR_LINE = 1.0
"""Seconds between the line that tells of a standstill and the next advert, by clocks that differ a little."""
_JUST, _LATE = 0.05, 0.1
"""Seconds after an advert in which a daemon stops, and before one in which it goes on."""
_FROZEN = 1.5
"""Seconds by which a timer is late only where the process stood still."""
_JUST_BEFORE = 0.3
_BOOT = 90.0
"""Seconds before a keepalived starts in which its machine's mysqld starts, if the machine was booted."""
_MYSQL_STARTS = 0.75
"""Seconds that a lab's mysqld takes to answer."""


def infer(seen: Seen) -> Iterator[Episode]:
    """Yield what each log says; of a lab, only what nothing else shows."""
    for node in seen.layout.server_names:
        lines = seen.lines(node)
        yield from _reloads(node, lines)
        yield from _addresses(seen, node, lines)
        yield from _children(node, lines)
        if seen.is_imported:
            yield from _stops_and_starts(node, lines)
            yield from _links(seen, node, lines)
            yield from _freezes(seen, node, lines)
            yield from _checks(seen, node, lines)


Lines = Sequence[tuple[e.Log, LogLine | None]]


def _fault(line: e.Log, verb: str, targets: tuple[str, ...], *, slack: float = 0.0) -> InferredFault:
    evidence = (line.evidence,) if line.evidence else ()
    why = f"{line.node} logged “{line.text}”"
    return InferredFault(line.at, verb, targets, why, evidence, slack, line.about)


def _reloads(node: str, lines: Lines) -> Iterator[Episode]:
    last = float("-inf")
    for line, what in lines:
        if isinstance(what, ReloadStarted):
            if line.at - last > 1.0:  # it says so twice
                yield single(_fault(line, "reload", (node,)))
            last = line.at


def _addresses(seen: Seen, node: str, lines: Lines) -> Iterator[Episode]:
    for line, what in lines:
        if isinstance(what, AddressRemoved) and what.address in seen.layout.vip_addresses:
            yield single(_fault(line, "address delete", (node, short_address(what.address))))


def _children(node: str, lines: Lines) -> Iterator[Episode]:
    """A VRRP process that died is started again at once; nearest to that is keepalived killed and started."""
    for line, what in lines:
        if isinstance(what, ChildDied) and what.respawned:
            target = ("keepalived", node)
            faults = (_fault(line, "kill", target), _fault(line, "start", target).moved(0.01))
            yield Episode((Explanation(f"the VRRP process of {node} died and was started again", faults),))


def _stops_and_starts(node: str, lines: Lines) -> Iterator[Episode]:
    """Orderly stops, and starts; what a start ends without a stop is the business of `silence`."""
    stopped = None
    for line, what in lines:
        if isinstance(what, DaemonStopping):
            if stopped is None:
                yield single(_fault(line, "stop", ("keepalived", node)))
            stopped = line
        elif isinstance(what, DaemonStarted) and stopped is not None:
            yield single(_fault(line, "start", ("keepalived", node)))
            stopped = None


def unannounced_start(seen: Seen, node: str, after: float) -> e.Log | None:
    """Return the first start after a moment that no stop came before."""
    for line, what in seen.lines(node):
        if line.at > after and isinstance(what, DaemonStopping):
            return None
        if line.at > after and isinstance(what, DaemonStarted):
            return line
    return None


def booted_before(seen: Seen, start: e.Log) -> bool | None:
    """Return whether a machine was booted before its keepalived started; None if nothing says so."""
    lines = seen.logs.get((start.node, "mysqld"))
    if lines is None:
        return None
    return any(0 <= start.at - line.at < _BOOT and "ready for connections" in line.text for line in lines)


def _links(seen: Seen, node: str, lines: Lines) -> Iterator[Episode]:
    interfaces = seen.interfaces(node)
    up: dict[str, bool] = {}
    for line, what in lines:
        if isinstance(what, LinkChanged) and what.interface in interfaces:
            network = interfaces[what.interface]
            if up.get(network, True) != what.up:
                yield single(_fault(line, "link up" if what.up else "link down", (network, node)))
            up[network] = what.up


def _freezes(seen: Seen, node: str, lines: Lines) -> Iterator[Episode]:
    for line, what in lines:
        if not isinstance(what, TimerLate) or what.seconds < _FROZEN:
            continue
        begins, ends = _standstill(seen, node, line, what.seconds)
        later = line.about if ends == line.at else 0.0
        frozen = f"{node} stood still: a timer that was due at that time ran {what.seconds:.1f} s late"
        episode = []
        for name, down, back, targets in (
            (f"keepalived of {node} frozen", "freeze", "thaw", ("keepalived", node)),
            (f"{node} paused", "pause", "resume", (node,)),
        ):
            evidence = (line.evidence,) if line.evidence else ()
            first = InferredFault(begins, down, targets, frozen, evidence, later=later)
            last = replace(_fault(line, back, targets), at=ends, later=later)
            episode.append(Explanation(name, (first, last)))
        yield Episode(tuple(episode))


def _standstill(seen: Seen, node: str, line: e.Log, seconds: float) -> tuple[float, float]:
    """Return when a daemon stopped and when it went on: between two of its adverts, else by its log alone."""
    due = line.at - seconds
    for name in seen.layout.instances_of(node):
        adverts = seen.adverts_of(node, seen.layout.topology.instances[name].vrid)
        for before, after in itertools.pairwise(sorted(advert.at for advert in adverts)):
            is_near = abs(after - line.at) < _NEAR_LINE + line.about
            if is_near and after - before > seconds and before < line.at and after > due:
                return before + _JUST, min(after - _JUST, max(line.at, after - _LATE))
    return due - 0.5, line.at


def _checks(seen: Seen, node: str, lines: Lines) -> Iterator[Episode]:
    """What made a check fail, and what let it pass again: a service or a network that it depends on."""
    scripts = seen.scripts(node)
    first_bad: dict[str, e.Log] = {}
    broken: dict[str, tuple[str, ...]] = {}
    passed: set[str] = set()
    overran: set[str] = set()
    for line, what in lines:
        if isinstance(what, CheckOverran) and what.script not in first_bad:
            first_bad[what.script] = line
            overran.add(what.script)
        if not isinstance(what, ScriptResult):
            continue
        name, script = what.script, scripts.get(what.script)
        interval = script.interval if script else 1.0
        if not what.verdict:
            if what.ok == (name in broken):
                first_bad[name] = line
            continue
        began = first_bad.pop(name, line)
        if what.ok:
            if (repair := broken.pop(name, None)) is not None:
                lead = _MYSQL_STARTS if repair[0] == "start" else 0.0
                fault = _fault(began, repair[0], repair[1:], slack=interval).moved(-lead - _JUST_BEFORE)
                if fault.later:
                    fault = replace(fault, later=fault.later + _JUST_BEFORE)
                yield single(fault)
            passed.add(name)
        elif name not in broken:
            hung = "timed" in what.detail or "timed" in line.text
            verb, targets, undo = cause_of_failure(seen, node, name, hung=hung)
            lead = _time_to_notice(script, overran=name in overran) if hung else 0.0
            overran.discard(name)
            fault = _fault(began, verb, targets, slack=interval).moved(-lead - _JUST_BEFORE)
            if not mysqld_log_says(seen, node, fault):
                yield single(fault, may_follow=name not in passed and line.at < seen.ready + interval)
            broken[name] = (undo, *(targets[:1] if undo == "heal" else targets))
    yield from _mysqld_ends(seen, node)


def _time_to_notice(script: VrrpScript | None, *, overran: bool) -> float:
    """Return the seconds from the start of the first run that hung to the first line that says so."""
    if script is None:
        return 0.0
    return script.interval if overran else script.timeout + (script.fall - 1) * script.interval


def cause_of_failure(seen: Seen, node: str, name: str, *, hung: bool) -> tuple[str, tuple[str, ...], str]:
    """Return (verb, targets, the verb that undoes it) of what makes a check fail."""
    if (node, name) in seen.asked.asked:
        return "cut", (seen.asked.networks[node, name], node), "heal"
    check = seen.layout.topology.checks.get(name)
    if check is not None and check.targets:
        network = check.network or seen.layout.network_names[0]
        return "cut", (network, node), "heal"
    if hung:
        return "freeze", ("mysqld", node), "thaw"
    return "kill", ("mysqld", node), "start"


def mysqld_log_says(seen: Seen, node: str, fault: InferredFault) -> bool:
    """Return whether the end of a mysqld stands in its own log: then that is what is inferred."""
    return fault.targets[0] == "mysqld" and any(
        "SHUTDOWN" in line.text and -fault.slack - 15 < line.at - fault.at < 5
        for line in seen.logs.get((node, "mysqld"), ())
    )


def _mysqld_ends(seen: Seen, node: str) -> Iterator[Episode]:
    for line in seen.logs.get((node, "mysqld"), ()):
        if line.at > seen.ready and "SHUTDOWN" in line.text:
            yield single(_fault(line, "stop", ("mysqld", node)), may_follow=True)
