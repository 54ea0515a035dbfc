"""Adverts that change from one to the next, where no log says why: a check's weight, or an edited file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations

from hatlab import events as e
from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.rules.log_lines import cause_of_failure
from hatlab.incident.reproduce.seen import SERIES, Seen
from hatlab.vrrp.timers import master_down_interval

_READ = 0.1
"""Seconds before the first advert with a new value at which the file was read."""
_MOST = 40
"""Changes of one node that are played."""
_MOST_CHECKS = 8


def infer(seen: Seen, known: Sequence[Episode]) -> Iterator[Episode]:
    """Yield what changed a node's adverts, where it has no log; `known` are the other episodes."""
    if not seen.is_imported:
        return
    explained = [fault for episode in known for chosen in episode.candidates for fault in chosen.faults]
    for node in seen.layout.server_names:
        if not seen.sees(node, "log") and len(seen.layout.instances_of(node)) == 1:
            yield from list(_of_node(seen, node, explained))[:_MOST]


def _of_node(seen: Seen, node: str, explained: Sequence[InferredFault]) -> Iterator[Episode]:
    adverts = [a for a in seen.all_of(node) if a.priority and a.at >= seen.ready]
    if not adverts:
        return
    current = _values(adverts[0]) | _configured(seen, node)
    last = None
    for advert in adverts:
        values = _values(advert)
        changed = {key: value for key, value in values.items() if value != current.get(key, value)}
        current |= values
        for key, value in changed.items():
            is_known = any(f.targets[:2] == (node, key) and f.at <= advert.at for f in explained)
            if not is_known:
                yield _explain(seen, node, key, value, advert, last)
        last = advert


def _values(advert: e.Advert) -> dict[str, str]:
    found = {"virtual_router_id": str(advert.vrid), "priority": str(advert.priority)}
    if advert.interval:
        found["advert_int"] = f"{advert.interval:g}"
    return found | ({"auth_pass": advert.auth} if advert.auth else {})


def _configured(seen: Seen, node: str) -> dict[str, str]:
    """Return what a node's file says, or the lab's topology, which has what was seen first."""
    (name,) = seen.layout.instances_of(node)
    spec = seen.layout.topology.instances[name]
    own = next(iter(seen.settings(node).values()), None)
    if own is None or own.vrid is None:
        return {"virtual_router_id": str(spec.vrid), "priority": str(spec.members[node].priority)}
    found = {"virtual_router_id": str(own.vrid), "advert_int": f"{own.interval:g}"}
    if not _weights(seen, node):
        found["priority"] = str(own.priority)
    return found | ({"auth_pass": own.auth_pass} if own.auth_pass else {})


def _weights(seen: Seen, node: str) -> dict[str, int]:
    """Return check → weight of those that change a node's priority."""
    own = next(iter(seen.settings(node).values()), None)
    scripts = seen.scripts(node)
    tracked = [name for name in own.track_scripts if name in scripts] if own else []
    return {name: scripts[name].weight for name in tracked[:_MOST_CHECKS] if scripts[name].weight}


def _explain(seen: Seen, node: str, key: str, value: str, advert: e.Advert, last: e.Advert | None) -> Episode:
    """Return what made an advert another than the last one."""
    words = key.replace("_", " ")
    why = f"{node} advertised {words} {value} from then on"
    evidence = (advert.evidence,) if advert.evidence else ()
    change = InferredFault(advert.at - _READ, "set", (node, key, value), why, evidence)
    if key == "priority" and last is not None and (check := _failed_check(seen, node, last, advert)):
        return Episode((check, Explanation(change.words, (change,))))
    interval = advert.interval or 1.0
    if last is not None and advert.at - last.at < SERIES * interval:
        return Episode((Explanation(change.words, (change,)),))
    wait = master_down_interval(advert.version or 2, advert.priority or 1, interval, 3)
    before = replace(change, at=max(advert.at - wait - _READ, seen.ready))
    return Episode(
        (
            Explanation(f"{change.words} before it became Master", (before,)),
            Explanation(f"{change.words} as it became Master", (replace(change, at=advert.at + _READ),)),
        )
    )


def _failed_check(seen: Seen, node: str, last: e.Advert, advert: e.Advert) -> Explanation | None:
    """Return the check whose weight makes the difference of two priorities, as what made it fail or pass."""
    weights = _weights(seen, node)
    own = next(iter(seen.settings(node).values()), None)
    if own is None or not weights or last.priority is None or advert.priority is None:
        return None
    reachable = _reachable(own.priority, weights)
    step = advert.priority - last.priority
    if not {last.priority, advert.priority} <= reachable:
        return None
    for name, weight in weights.items():
        if abs(weight) != abs(step):
            continue
        failed = step < 0
        verb, targets, undo = cause_of_failure(seen, node, name, hung=False)
        script = seen.scripts(node)[name]
        runs = script.fall if failed else script.rise
        at = advert.at - (runs - 1) * script.interval - _READ
        why = f"{node} advertised priority {advert.priority} from then on: the check {name} weighs {weight}"
        evidence = (advert.evidence,) if advert.evidence else ()
        back = targets[:1] if undo == "heal" else targets
        fault = InferredFault(
            at, verb if failed else undo, targets if failed else back, why, evidence, slack=script.interval
        )
        return Explanation(f"the check {name} {'failed' if failed else 'passed again'} on {node}", (fault,))
    return None


def _reachable(base: int, weights: Mapping[str, int]) -> set[int]:
    """Return the priorities that a node may have: each check adds its weight, or does not."""
    names = list(weights)
    chosen = chain.from_iterable(combinations(names, count) for count in range(len(names) + 1))
    return {max(1, min(254, base + sum(weights[name] for name in some))) for some in chosen}
