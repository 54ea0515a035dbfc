"""A link that loses some frames: adverts that were sent and did not arrive, one here, two there.

Two captures show each lost advert, one on the receiver shows gaps in a Master's even series. Of logs alone, a
Backup tells that takes over for a moment again and again, while the Master goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, permutations
from math import sqrt

from hatlab import events as e
from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived import HigherPriorityHeard, TimerLate

_FEWEST_GAPS = 3
"""Separate gaps that are no chance, nor one cut."""
_FEWEST_ADVERTS = 8
_FEWER = 2.5
"""Standard deviations by which there are fewer gaps than chance would make, where somebody cut the link."""
_PHASE = 0.2
"""Share of an interval by which an advert of an even series may be late."""
_LONGEST = 30
"""Adverts in a row that are lost at most: a longer gap is a cut, or a Master that was not there."""
_MOST_CUTS = 40
_EDGE = 0.4
"""Share of an interval before the first lost advert, and after the last, at which a cut begins and ends."""
_BRIEF = 10.0
"""Seconds that a Backup of a lossy link is Master for at most, where only logs tell."""
_LEAST, _MOST = 2, 98
"""Per cent."""
_ENOUGH = 3
"""Adverts the other way that tell, as they all arrived, that nothing is lost there."""
_SOLVED = 60


@dataclass(frozen=True, slots=True)
class _Sent:
    """An advert that was sent, or must have been."""

    at: float
    arrived: bool
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class _Lossy:
    """A link in one direction."""

    network: str
    receiver: str
    sender: str
    interval: float
    begins: float
    ends: float
    percent: int
    why: str
    evidence: tuple[str, ...]
    gaps: tuple[tuple[float, float], ...]
    """First and last lost advert of each."""


def infer(seen: Seen) -> Iterator[Episode]:
    """Yield a lossy link for each direction in which adverts were lost by chance."""
    if not seen.is_imported:
        return
    layout = seen.layout
    for name, spec in layout.topology.instances.items():
        members = [node for node in layout.server_names if node in spec.members]
        pairs = permutations(members, 2)
        found = [_find(seen, name, receiver, sender) for receiver, sender in pairs]
        yield from _episodes(seen, name, [lossy for lossy in found if lossy is not None])


def _find(seen: Seen, name: str, receiver: str, sender: str) -> _Lossy | None:
    spec = seen.layout.topology.instances[name]
    network = spec.network_of(receiver)
    if not seen.sees(receiver, "capture"):
        return _from_logs(seen, name, receiver, sender) if seen.sees(receiver, "log") else None
    heard = [a for a in seen.heard(receiver, sender, spec.vrid) if a.priority and a.at >= seen.ready]
    sent = [a for a in seen.sent(sender, spec.vrid) if a.priority and a.at >= seen.ready]
    if not sent and any(isinstance(what, TimerLate) for _, what in seen.lines(sender)):
        return None  # it stood still, and sent nothing then
    series = _compared(sent, heard) if seen.sees(sender, "capture") else _expected(heard, spec.interval)
    runs = [(arrived, list(group)) for arrived, group in groupby(series, key=lambda one: one.arrived)]
    gaps = [group for arrived, group in runs if not arrived]
    if len(gaps) < _FEWEST_GAPS or any(len(group) > _LONGEST for group in gaps):
        return None
    span = [one for one in series if gaps[0][0].at <= one.at <= gaps[-1][-1].at]
    lost = sum(not one.arrived for one in span)
    share = lost / len(span)
    if len(span) < _FEWEST_ADVERTS or not _is_by_chance(lost, len(span) - lost, 2 * len(gaps) - 1):
        return None
    why = f"{lost} of {len(span)} adverts of {sender} did not reach {receiver}, in {len(gaps)} gaps"
    evidence = tuple(one.evidence for one in span if one.evidence)[:1]
    interval = heard[0].interval or spec.interval
    return _Lossy(
        network,
        receiver,
        sender,
        interval,
        span[0].at - _EDGE * interval,
        span[-1].at + _EDGE * interval,
        max(_LEAST, min(_MOST, round(100 * share))),
        why,
        evidence,
        tuple((group[0].at, group[-1].at) for group in gaps),
    )


def _is_by_chance(lost: int, arrived: int, runs: int) -> bool:
    """Return whether the runs of both kinds are no fewer than chance makes (Wald and Wolfowitz's test)."""
    count, twice = lost + arrived, 2 * lost * arrived
    expected = twice / count + 1
    deviation = sqrt(twice * max(twice - count, 0) / (count**2 * (count - 1)))
    return runs >= expected - _FEWER * deviation


def _compared(sent: Sequence[e.Advert], heard: Sequence[e.Advert]) -> list[_Sent]:
    """Each advert that the sender's capture has, and whether the receiver's has it, too."""
    found, position = [], 0
    for advert in sent:
        near = 0.4 * (advert.interval or 1.0)
        while position < len(heard) and heard[position].at < advert.at - near:
            position += 1
        arrived = position < len(heard) and abs(heard[position].at - advert.at) <= near
        found.append(_Sent(advert.at, arrived, advert.evidence))
    return found


def _expected(heard: Sequence[e.Advert], configured: float) -> list[_Sent]:
    """The adverts of an even series: a gap of whole intervals has some that did not arrive."""
    found: list[_Sent] = []
    for advert, after in pairwise(heard):
        interval = advert.interval or configured
        found.append(_Sent(advert.at, True, advert.evidence))
        missing = round((after.at - advert.at) / interval) - 1
        is_even = abs((after.at - advert.at) / interval - missing - 1) <= _PHASE * max(1, missing) ** 0.5
        if missing > 0 and is_even:
            found += [_Sent(advert.at + number * interval, False) for number in range(1, missing + 1)]
    return [*found, _Sent(heard[-1].at, True)] if heard else []


def _from_logs(seen: Seen, name: str, receiver: str, sender: str) -> _Lossy | None:
    """A Backup that took over for a moment, several times, from a Master that never ceased to be one."""
    spec = seen.layout.topology.instances[name]
    if not seen.sees(sender, "log") or spec.members[sender].priority < spec.members[receiver].priority:
        return None
    yielded = [
        line.at
        for line, what in seen.lines(receiver)
        if isinstance(what, HigherPriorityHeard) and what.instance == name
    ]
    brief = []
    for state in seen.became_master(receiver, name):
        ends = next((at for at in yielded if at >= state.at), None)
        if state.at > seen.ready and ends is not None and ends - state.at < _BRIEF:
            brief.append((state, ends))
    if len(brief) < _FEWEST_GAPS:
        return None
    first, last = brief[0][0].at, brief[-1][1]
    wait = seen.down_interval(receiver, name)
    changed = any(first - wait < s.at < last and s.instance == name for s in seen.states.get(sender, ()))
    if changed:
        return None
    percent = _percent_of(len(brief), (last - first + wait) / spec.interval)
    evidence = tuple(state.evidence for state, _ in brief if state.evidence)[:1]
    why = f"{receiver} took over from {sender} {len(brief)} times for a moment, and {sender} stayed Master"
    gaps = tuple((state.at - wait + spec.interval, ends - spec.interval) for state, ends in brief)
    begins = first - wait - spec.interval
    return _Lossy(
        spec.network_of(receiver), receiver, sender, spec.interval, begins, last, percent, why, evidence, gaps
    )


def _percent_of(takeovers: int, adverts: float) -> int:
    """Return the loss that lets a Backup take over so often: three adverts in a row are lost, and one before
    them was not, with a chance of p³ (1 - p)."""
    rate = min(takeovers / max(adverts, 1.0), 0.1)
    low, high = 0.0, 0.75  # where the chance is greatest
    for _ in range(_SOLVED):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**3 * (1 - middle) < rate else (low, middle)
    return max(_LEAST, round(100 * low))


def _episodes(seen: Seen, name: str, found: Sequence[_Lossy]) -> Iterator[Episode]:
    """Both directions of a link at once are one loss on the network."""
    if not found:
        return
    first = max(found, key=lambda one: one.ends - one.begins)
    at_once = [one for one in found if one.begins < first.ends and one.ends > first.begins]
    one_way = (f"{first.receiver} loses frames on {first.network}", (first.receiver,))
    both_ways: tuple[str, tuple[str, ...]] = (f"{first.network} loses frames", ())
    back = _sent_back(seen, name, first)
    if any(one.receiver != first.receiver for one in at_once) or not all(one.arrived for one in back):
        names = [both_ways]
    else:
        names = [one_way] if len(back) >= _ENOUGH else [one_way, both_ways]
    yield Episode((*(_loss(first, called, who) for called, who in names), _as_cuts(first)))
    yield from _episodes(seen, name, [one for one in found if one not in at_once])


def _sent_back(seen: Seen, name: str, lossy: _Lossy) -> list[_Sent]:
    """Return what the receiver itself sent meanwhile, where both captures are there."""
    vrid = seen.layout.topology.instances[name].vrid
    if not (seen.sees(lossy.sender, "capture") and seen.sees(lossy.receiver, "capture")):
        return []
    sent = [a for a in seen.sent(lossy.receiver, vrid) if lossy.begins < a.at < lossy.ends]
    return _compared(sent, seen.heard(lossy.sender, lossy.receiver, vrid))


def _loss(lossy: _Lossy, name: str, who: tuple[str, ...]) -> Explanation:
    targets = (lossy.network, str(lossy.percent), *who)
    loss = InferredFault(lossy.begins, "loss", targets, lossy.why, lossy.evidence)
    heal = InferredFault(lossy.ends, "heal", (lossy.network,), "no advert was lost any more")
    return Explanation(name, (loss, heal), by_chance=True)


def _as_cuts(lossy: _Lossy) -> Explanation:
    """The same adverts lost by cuts, each just long enough."""
    target = (lossy.network, lossy.receiver)
    edge = _EDGE * lossy.interval
    faults: list[InferredFault] = []
    for begins, ends in lossy.gaps[:_MOST_CUTS]:
        lost = "the next adverts did not arrive"
        faults.append(InferredFault(begins - edge, "cut", target, lost))
        faults.append(InferredFault(ends + edge, "heal", target[:1], "this one arrived"))
    return Explanation(f"{len(lossy.gaps)} short cuts", tuple(faults))
