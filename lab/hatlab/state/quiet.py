"""Folds many facts at once while nothing happens in a lab: the same state for a fraction of the work. Pure.

Nearly all of a long run repeats what is known: ticks, tries, the same adverts. In a quiet lab they bring
about neither a condition nor an explanation, and of adverts and answers that are alike only the last one
counts: each sets the same parts of the state, to values that follow from it alone. tests/state/test_quiet.py
holds this to `fold_fact`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence

from hatlab import events as e
from hatlab.state.derive import GRACE, SETTLED, advertising_masters
from hatlab.state.fold import fold
from hatlab.state.model import InstanceState, LabState, claim_ends, evolve
from hatlab.vrrp.codec import has_header

_APART = (e.Write, e.Replication, e.Table, e.Written)
"""Facts that set what the others neither read nor set; nothing is derived of them while tables are equal."""
_REPEATED = (e.Tick, e.Probe, e.Advert, e.Arp, *_APART)
_ENDED_BY_THEM = frozenset({"misdirected", "muted_master", "tables_differ"})
"""Conditions that an advert, a try or a table may end."""
_NEVER = -math.inf
_ROUNDING = 1e-6
"""Seconds, far below what tells two facts apart."""


def fold_quiet(state: LabState, facts: Sequence[e.Event]) -> tuple[LabState, int]:
    """Fold the first of some facts, up to one that has to be looked at alone.

    Args:
        state: any, from which everything was derived that follows from it.
        facts: in the order in which they came.

    Returns:
        The state after them, and how many they are; nothing follows from them.

    Raises:
        ValueError, LookupError: as `fold`.
    """
    if not facts or not isinstance(facts[0], _REPEATED):
        return state, 0
    until = quiet_until(state)
    latest, count = state.at, 0
    last: dict[Hashable, e.Event | None] = {}
    """The last of those that are alike, in the order in which they came; None if it is folded."""
    for fact in facts:
        if fact.at >= until or not isinstance(fact, _REPEATED):
            break
        if (key := _content(fact)) in last:
            del last[key]
            last[key] = fact
        elif not isinstance(fact, e.Tick):
            if not _brings_nothing(fact, state):
                break
            if key is not None:
                state = _fold_last(state, last)
                last[key] = None
            if isinstance(fact, e.Advert) and until < math.inf:
                until = min(until, claim_ends(fact.at, fact.interval or 1.0) - _ROUNDING)
            after = fold(evolve(state, at=latest), fact)
            if after.differing:
                break
            state = after
        latest = max(latest, fact.at)
        count += 1
    state = _fold_last(state, last)
    return (evolve(state, at=latest) if latest > state.at else state), count


def _content(fact: e.Event) -> Hashable:
    """What the effect of an advert or an answer follows from, but for its time; None of others."""
    if isinstance(fact, e.Probe):
        return fact.client if fact.ok else None
    if not isinstance(fact, e.Advert):
        return None
    return (
        *(fact.node, fact.direction, fact.network, fact.source, fact.destination, fact.version, fact.vrid),
        *(fact.priority, fact.interval, fact.auth, fact.addresses, fact.defects, has_header(fact.frame)),
    )


def _brings_nothing(fact: e.Event, state: LabState) -> bool:
    """True if nothing can follow from a fact, the first of its kind."""
    match fact:
        case e.Probe():  # answered as before, or not as before
            return fact.client in state.clients and fact.ok == (not state.clients[fact.client].failed)
        case e.Advert():
            return fact.priority != 0
        case e.Arp(gratuitous=True):  # who announced an address counts if it has no owner, or a client none
            one_owner = all(len(owners) == 1 for owners, _ in state.owned.values())
            return one_owner and not any(client.failed for client in state.clients.values())
        case _:
            return True


def _fold_last(state: LabState, last: dict[Hashable, e.Event | None]) -> LabState:
    """Fold what is left, and note that it is."""
    for key, fact in last.items():
        if fact is not None:
            state = fold(state, fact)
            last[key] = None
    return state


def quiet_until(state: LabState) -> float:
    """Return up to when no condition begins or ends, s, whatever ticks, adverts and tries come.

    It is long ago where that cannot be told, and infinite where other facts have to come for it.
    """
    if state.layout is None or state.differing or not state.conditions.keys().isdisjoint(_ENDED_BY_THEM):
        return _NEVER
    if any(condition.at >= state.at for condition in state.conditions.values()):
        return _NEVER  # one that has just begun may bring others at once
    if any(_depends_on_more(i) for node in state.nodes.values() for i in node.instances.values()):
        return _NEVER
    if any(client.failed for client in state.clients.values()) and _may_be_misdirected(state):
        return _NEVER
    return min((*_owners_due(state), *_masters_due(state)), default=math.inf) - _ROUNDING


def _depends_on_more(instance: InstanceState) -> bool:
    """True if an advert's effect depends on the one before, or on what its frame alone says."""
    conf = instance.settings
    return instance.preempt_from is not None or (
        conf is not None and (bool(conf.preempt_delay) or conf.auth_type == "AH")
    )


def _may_be_misdirected(state: LabState) -> bool:
    """True if somebody else than an address's only owner announced it last."""
    return any(
        len(owners) == 1 and address in state.announcers and state.announcers[address] not in owners
        for address, (owners, _) in state.owned.items()
    )


def _owners_due(state: LabState) -> Iterator[float]:
    """Yield when a wrong number of owners will have lasted long enough to be a condition."""
    for address, (owners, since) in state.owned.items():
        if len(owners) == 1 or (not owners and (not state.ready or state.possible_owners(address))):
            continue
        if ("split_brain" if owners else "no_owner") not in state.conditions:
            yield since + GRACE + 2 * state.coarse


def _masters_due(state: LabState) -> Iterator[float]:
    """Yield when one of several Masters of an instance may begin to look muted."""
    for _, masters in advertising_masters(state):
        for instance in masters.values():
            if state.at - instance.since <= SETTLED:
                yield instance.since + SETTLED
            elif instance.sent is None or not instance.claims(state.at):
                yield _NEVER
            else:
                yield claim_ends(instance.sent.at, instance.sent.interval)
