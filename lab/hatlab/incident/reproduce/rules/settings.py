"""What adverts say of a node's settings that its configuration does not have: it was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived.settings import InstanceSettings

_BEFORE = 0.02
"""Seconds before a start at which the file is changed."""


def with_changes(seen: Seen, episodes: Sequence[Episode]) -> Iterator[Episode]:
    """Yield the episodes; a start or reload after which a node advertises other values gets the change."""
    told: dict[str, dict[str, str]] = {}
    for episode in sorted(episodes, key=lambda one: one.candidates[0].faults[0].at):
        if not seen.is_imported:
            yield episode
            continue
        yield replace(
            episode,
            candidates=tuple(
                replace(candidate, faults=tuple(_with_changes(seen, candidate, told)))
                for candidate in episode.candidates
            ),
        )


def _with_changes(
    seen: Seen, candidate: Explanation, told: dict[str, dict[str, str]]
) -> Iterator[InferredFault]:
    for fault in candidate.faults:
        node = fault.targets[-1] if fault.targets else ""
        is_read = fault.verb == "reload" or (fault.verb == "start" and fault.targets[0] == "keepalived")
        changes = _changes(seen, node, fault.at, told.setdefault(node, {})) if is_read else {}
        for key, value in changes.items():
            told[node][key] = value
            why = f"{node} advertised {key.replace('_', ' ')} {value} from then on"
            at = fault.at if fault.verb == "reload" else fault.at - _BEFORE
            yield replace(fault, at=at, verb="set", targets=(node, key, value), why=why)
        if not (changes and fault.verb == "reload"):  # a change of a running keepalived is read at once
            yield fault


def _changes(seen: Seen, node: str, at: float, told: dict[str, str]) -> dict[str, str]:
    """Return setting → value that a node's adverts show after a moment, where its file says otherwise."""
    settings = list(seen.settings(node).values())
    if len(settings) != 1:
        return {}
    own = settings[0]
    advert = next((a for a in seen.all_of(node) if a.at > at and a.priority), None)
    if advert is None or advert.vrid is None or advert.interval is None:
        return {}
    known = _known(own) | told
    found = {"virtual_router_id": str(advert.vrid), "advert_int": f"{advert.interval:g}"}
    if all(script.weight == 0 for script in seen.scripts(node).values()):
        found["priority"] = str(advert.priority)
    if advert.auth:
        found["auth_pass"] = advert.auth
    return {key: value for key, value in found.items() if value != known.get(key, value)}


def _known(own: InstanceSettings) -> dict[str, str]:
    known = {
        "virtual_router_id": str(own.vrid),
        "advert_int": f"{own.interval:g}",
        "priority": str(own.priority),
    }
    return known | ({"auth_pass": own.auth_pass} if own.auth_pass else {})
