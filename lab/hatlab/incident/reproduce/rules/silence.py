"""Who stopped hearing whom, without a word of why: power, a dead keepalived, a frozen one, or the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hatlab import events as e
from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.rules.log_lines import booted_before, unannounced_start
from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived import HigherPriorityHeard, LowerPriorityHeard

_AFTER_LAST = 0.3
"""Seconds after the last advert at which a silence is taken to begin."""
_ALIVE = 2.5
"""Seconds after its last advert in which a node that lives must have sent, heard or logged something."""
_HARMLESS = {
    *("start", "thaw", "heal", "power on", "resume", "link up", "reload", "edit", "set"),
    *("address delete",),
}
"""Verbs that silence nobody by themselves."""
_BOOTING = 0.75
"""Seconds from a node's power to the start of its keepalived, in a lab."""


@dataclass(frozen=True, slots=True)
class _Takeover:
    """A Backup became Master as it heard nothing."""

    at: float
    node: str
    instance: str
    vrid: int
    silent: str
    """The node that it heard before."""
    last: float
    """When it heard it last, or must have."""
    heard_again: float | None
    priority_zero: bool
    fact: e.Event


def infer(seen: Seen, known: Sequence[Episode]) -> Iterator[Episode]:
    """Yield what explains each takeover that `known` does not explain."""
    if not seen.is_imported:
        return
    found: list[Episode] = []
    for takeover in _takeovers(seen):
        if _is_explained(seen, takeover, [*known, *found]):
            continue
        if takeover.priority_zero:
            found.append(_left_orderly(seen, takeover))
        else:
            found.append(Episode(tuple(_explanations(seen, takeover)), may_follow=True))
    yield from found


def _takeovers(seen: Seen) -> Iterator[_Takeover]:
    for node in seen.layout.server_names:
        for name in seen.layout.instances_of(node):
            vrid = seen.layout.topology.instances[name].vrid
            for fact in seen.became_master(node, name):
                if fact.at <= seen.ready:
                    continue
                found = _silent_peer(seen, node, name, vrid, fact)
                if found is not None:
                    yield found


def _silent_peer(seen: Seen, node: str, name: str, vrid: int, state: e.Event) -> _Takeover | None:
    """Return the takeover that a transition is, None if it is none: preempted, or nobody was Master."""
    wait = seen.down_interval(node, name)
    peers = [peer for peer in seen.layout.topology.instances[name].members if peer != node]
    for peer in peers:
        heard = seen.heard(node, peer, vrid)
        before = [a for a in heard if a.at < state.at]
        if seen.sees(node, "capture") or not seen.sees(node, "log"):
            if not before or state.at - before[-1].at > wait + 1.5:
                continue  # it was not Master
            zero = before[-1].priority == 0
            if not zero and state.at - before[-1].at < wait - 0.5:
                continue  # heard all the time: it preempted
            later = next((a.at for a in heard if a.at > state.at), None)
            real = [a for a in before if a.priority]
            last = before[-1].at if zero or not real else real[-1].at
            return _Takeover(state.at, node, name, vrid, peer, last, later, zero, state)
        return _from_log(seen, node, name, vrid, state, peer, wait)
    return None


def _from_log(
    seen: Seen, node: str, name: str, vrid: int, state: e.Event, peer: str, wait: float
) -> _Takeover | None:
    """Judge by the Backup's log: what it discarded, a priority 0, and when it yielded again."""
    lines = seen.lines(node)
    recent = [(line, what) for line, what in lines if 0 <= state.at - line.at < wait + 0.5 + state.about]
    if any(isinstance(what, LowerPriorityHeard) for _, what in recent):
        return None
    zero = any("priority 0" in line.text and "received" in line.text for line, _ in recent)
    later = next(
        (line.at for line, what in lines if line.at > state.at and isinstance(what, HigherPriorityHeard)),
        None,
    )
    was_master = any(s.state == "MASTER" and s.at < state.at for s in seen.states.get(peer, ()))
    if not (was_master or zero or seen.knows_nothing_of(peer)):
        return None
    last = state.at - (wait if not zero else 0.7)
    return _Takeover(state.at, node, name, vrid, peer, last, later, zero, state)


def _is_explained(seen: Seen, takeover: _Takeover, episodes: Sequence[Episode]) -> bool:
    """Return whether something that is inferred already silenced the peer, or cut the two off."""
    spec = seen.layout.topology.instances[takeover.instance]
    network = spec.network_of(takeover.silent)
    begin = takeover.last - 2.5 * spec.interval - takeover.fact.about - 0.5
    for episode in episodes:
        if _is_by_chance(episode, takeover, network):
            return True
        for fault in episode.candidates[0].faults:
            near = begin - fault.slack <= fault.at <= takeover.at
            if fault.verb in ("kill", "freeze") and fault.targets[0] == "mysqld":
                near = begin - 30 <= fault.at <= takeover.at
            about = takeover.silent in fault.targets or fault.targets[:1] == (network,)
            if near and about and fault.verb not in _HARMLESS:
                return True
    return False


def _is_by_chance(episode: Episode, takeover: _Takeover, network: str) -> bool:
    """Return whether a link that lost some adverts of the silent node lasted until then."""
    chosen = episode.candidates[0]
    if not chosen.by_chance:
        return False
    loss, heal = chosen.faults
    return loss.targets[0] == network and loss.at < takeover.at < heal.at + _ALIVE


def _left_orderly(seen: Seen, takeover: _Takeover) -> Episode:
    """Return who sent priority 0: once it was stopped, twice a check or an interface failed."""
    peer = takeover.silent
    zeros = [
        a
        for a in seen.heard(takeover.node, peer, takeover.vrid)
        if a.priority == 0 and abs(a.at - takeover.last) < 0.2
    ]
    why = f"{peer} sent priority 0: it left cleanly"
    stop = InferredFault(takeover.last, "stop", ("keepalived", peer), why)
    fail = InferredFault(
        takeover.last - 2.3, "kill", ("mysqld", peer), f"{peer} sent priority 0: a check failed", slack=2.0
    )
    back_stop: tuple[InferredFault, ...] = ()
    back_fail: tuple[InferredFault, ...] = ()
    if takeover.heard_again is not None:
        wait = seen.down_interval(peer, takeover.instance)
        again = f"{peer} was heard again"
        at = takeover.heard_again - wait
        back_stop = (InferredFault(at - 0.04, "start", ("keepalived", peer), again),)
        back_fail = (InferredFault(at - 3.0, "start", ("mysqld", peer), again, slack=2.0),)
    stopped = Explanation(f"keepalived of {peer} stopped", (stop, *back_stop))
    failed = Explanation(f"a check of {peer} failed", (fail, *back_fail))
    return Episode((failed, stopped) if len(zeros) > 1 else (stopped, failed), may_follow=True)


def _explanations(seen: Seen, takeover: _Takeover) -> Iterator[Explanation]:
    """Yield what explains a silence, the likeliest first."""
    peer, node = takeover.silent, takeover.node
    network = seen.layout.topology.instances[takeover.instance].network_of(peer)
    two_way, one_way = f"{network} cut between the servers", f"{node} deaf on {network}"
    sends_on = _sends_on(seen, takeover)
    hears = _hears(seen, takeover)
    if sends_on:
        said = f"{peer} went on sending, but {node} heard nothing"
        if hears is not False:
            yield _cut(takeover, (network, node), one_way, f"{said}; {peer} heard {node}")
        if hears is not True:
            yield _cut(takeover, (network,), two_way, f"{said}, nor did {peer} hear {node}")
        return
    why = f"{node} heard nothing of {peer} any more"
    alive = _lives_on(seen, takeover)
    start = unannounced_start(seen, peer, takeover.last)
    power = _power_cut(seen, takeover, start, why)
    killed = _killed(seen, takeover, start, why)
    if start is not None:
        yield from (power, killed) if booted_before(seen, start) else (killed, power)
        return
    if not alive:
        yield power
    yield killed
    yield _frozen(takeover, why)
    if sends_on is None:
        yield _cut(takeover, (network,), two_way, why)
        yield _cut(takeover, (network, node), one_way, why)


def _sends_on(seen: Seen, takeover: _Takeover) -> bool | None:
    """Return whether the silent node went on sending; None if nothing says so."""
    peer = takeover.silent
    if seen.sees(peer, "capture"):
        return any(takeover.last + 0.5 < a.at < takeover.at + 3 for a in seen.sent(peer, takeover.vrid))
    if not seen.sees(peer, "log"):
        return None
    if unannounced_start(seen, peer, takeover.last) is not None:
        return False
    since = takeover.last + 1.0 + takeover.fact.about
    return True if any(line.at > since for line, _ in seen.lines(peer)) else None


def _hears(seen: Seen, takeover: _Takeover) -> bool | None:
    """Return whether the silent node heard the new Master; None if nothing says so."""
    peer, until = takeover.silent, takeover.heard_again or seen.ends
    if seen.sees(peer, "capture"):
        heard = seen.heard(peer, takeover.node, takeover.vrid)
        return any(takeover.at <= a.at < until - 0.2 for a in heard)
    if not seen.sees(peer, "log"):
        return None
    lines = [(line, what) for line, what in seen.lines(peer) if takeover.at <= line.at < until - 0.2]
    return any(isinstance(what, LowerPriorityHeard) and what.ours is not None for _, what in lines)


def _lives_on(seen: Seen, takeover: _Takeover) -> bool:
    """Return whether anything of the silent node's own came after it fell silent."""
    peer, since = takeover.silent, takeover.last + _ALIVE
    facts = (f for f in seen.facts if f.at > since and getattr(f, "node", "") == peer)
    return any(isinstance(f, e.Advert | e.Arp | e.Log) for f in facts)


def _begins(takeover: _Takeover) -> float:
    return takeover.last + _AFTER_LAST


def _cut(takeover: _Takeover, targets: tuple[str, ...], name: str, why: str) -> Explanation:
    cut = InferredFault(_begins(takeover), "cut", targets, why, _evidence(takeover))
    if takeover.heard_again is None:
        return Explanation(name, (cut,))
    again = f"{takeover.node} heard {takeover.silent} again"
    heal = InferredFault(takeover.heard_again - _AFTER_LAST, "heal", targets[:1], again)
    return Explanation(name, (cut, heal))


def _power_cut(seen: Seen, takeover: _Takeover, start: e.Log | None, why: str) -> Explanation:
    peer = takeover.silent
    off = InferredFault(_begins(takeover), "power off", (peer,), why, _evidence(takeover))
    back = _returns(seen, takeover, start, "power on", (peer,), _BOOTING)
    return Explanation(f"power cut of {peer}", (off, *back))


def _killed(seen: Seen, takeover: _Takeover, start: e.Log | None, why: str) -> Explanation:
    peer = takeover.silent
    kill = InferredFault(_begins(takeover), "kill", ("keepalived", peer), why, _evidence(takeover))
    back = _returns(seen, takeover, start, "start", ("keepalived", peer), 0.0)
    return Explanation(f"keepalived of {peer} killed", (kill, *back))


def _returns(
    seen: Seen, takeover: _Takeover, start: e.Log | None, verb: str, targets: tuple[str, ...], lead: float
) -> tuple[InferredFault, ...]:
    """Return what brought the silent node back, if it came back."""
    if start is not None:
        said = f"{takeover.silent} logged “{start.text}”"
        return (
            InferredFault(start.at - lead, verb, targets, said, (start.evidence,) * bool(start.evidence)),
        )
    if takeover.heard_again is None:
        return ()
    wait = seen.down_interval(takeover.silent, takeover.instance)
    again = f"{takeover.node} heard {takeover.silent} again"
    at = max(takeover.heard_again - wait - lead - 0.04, takeover.at)
    return (InferredFault(at, verb, targets, again),)


def _frozen(takeover: _Takeover, why: str) -> Explanation:
    target = ("keepalived", takeover.silent)
    freeze = InferredFault(_begins(takeover), "freeze", target, why, _evidence(takeover))
    name = f"keepalived of {takeover.silent} frozen"
    if takeover.heard_again is None:
        return Explanation(name, (freeze,))
    again = f"{takeover.node} heard {takeover.silent} again"
    return Explanation(name, (freeze, InferredFault(takeover.heard_again, "thaw", target, again)))


def _evidence(takeover: _Takeover) -> tuple[str, ...]:
    return (takeover.fact.evidence,) if takeover.fact.evidence else ()
