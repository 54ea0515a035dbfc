"""From facts to episodes. Each module is one kind of evidence.

observed    what a lab saw itself: processes, power, links, packet filters, files
log_lines   what a keepalived's own log says
lossy       adverts that were lost by chance
silence     who stopped hearing whom
settings    what adverts say of settings that were changed at a start or a reload
unseen_changes  what adverts say of changes that nothing else tells of
trusted     the other way: what a recording says was done
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hatlab.incident.reproduce.faults import Episode, single
from hatlab.incident.reproduce.rules import log_lines, lossy, observed, settings, silence, unseen_changes
from hatlab.incident.reproduce.seen import Seen


def infer(seen: Seen) -> tuple[Episode, ...]:
    """Return what must have happened, in order of time."""
    found = [*observed.infer(seen), *log_lines.infer(seen)]
    found += lossy.infer(seen)
    found += silence.infer(seen, found)
    found = list(_with_whole_cuts(seen, _without_repeats(found)))
    found = list(settings.with_changes(seen, found))
    found += unseen_changes.infer(seen, found)
    return tuple(sorted(found, key=lambda episode: episode.candidates[0].faults[0].at))


_REPEATED = 2.0
"""Seconds within which two sources tell of the same fault."""
_AT_ONCE = 2.5
"""Seconds within which several nodes that went deaf were cut off from one another."""


def _without_repeats(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the episodes without those that only repeat a fault of another one that tells more."""
    kept: list[Episode] = []
    for episode in sorted(episodes, key=lambda one: -len(one.candidates[0].faults)):
        faults = episode.candidates[0].faults
        known = [fault for other in kept for fault in other.candidates[0].faults]
        repeats = len(episode.candidates) == len(faults) == 1 and any(
            (fault.words, fault.text) == (faults[0].words, faults[0].text)
            and abs(fault.at - faults[0].at) < _REPEATED
            for fault in known
        )
        if not repeats:
            kept.append(episode)
    return kept


def _with_whole_cuts(seen: Seen, episodes: Sequence[Episode]) -> Iterator[Episode]:
    """Yield the episodes; where every node on a network went deaf at once, that is one cut."""
    cuts: dict[str, dict[str, Episode]] = {}
    for episode in episodes:
        fault = episode.candidates[0].faults[0]
        is_one_way = episode.certain and fault.verb == "cut" and len(fault.targets) > 1
        if is_one_way:
            cuts.setdefault(fault.targets[0], {}).setdefault(fault.targets[1], episode)
    whole: list[Episode] = []
    for network, deaf in cuts.items():
        times = [episode.candidates[0].faults[0].at for episode in deaf.values()]
        servers = (node for node in seen.layout.server_names if seen.layout.instances_of(node))
        members = {node for node in servers if network in seen.layout.networks_of(node)}
        if len(deaf) > 1 and deaf.keys() >= members and max(times) - min(times) < _AT_ONCE:
            first = min(deaf.values(), key=lambda one: one.candidates[0].faults[0].at)
            whole += deaf.values()
            yield single(replace(first.candidates[0].faults[0], targets=(network,)))
    yield from (episode for episode in episodes if episode not in whole)
