"""Which of the addresses that adverts come from is whose: capture, configuration or logs say it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from hatlab.incident.clocks import shared_frames
from hatlab.incident.survey import NodeSurvey, RouterKey, Survey
from hatlab.keepalived import InstanceSettings, read_settings

_SHORTEST_WAY = 4e-6
"""Seconds that a frame takes to another machine and one takes back, at the least."""
OwnAddresses = Mapping[tuple[str, RouterKey], str]
"""(node, virtual router) → the address that its adverts come from."""


def find_own_addresses(found: Survey, texts: Mapping[str, str]) -> dict[tuple[str, RouterKey], str]:
    """Return whose address is whose, where that is known.

    Args:
        texts: node → its configuration.
    """
    settings = {name: _by_router(read_settings(text)) for name, text in texts.items()}
    sources: dict[RouterKey, set[str]] = {}
    for node in found.nodes.values():
        for router, source in node.adverts:
            sources.setdefault(router, set()).add(source)
        for address in node.heard_from:
            for router in {router for routers in settings.values() for router in routers}:
                if router[1] == (":" in address):
                    sources.setdefault(router, set()).add(address)
    own: dict[tuple[str, RouterKey], str] = {}
    for router, addresses in sources.items():
        own |= _assign(found, router, addresses, settings)
    for name, routers in settings.items():
        for router, one in routers.items():
            if one.adverts.source:
                own[name, router] = one.adverts.source
    return own


def _assign(
    found: Survey,
    router: RouterKey,
    addresses: set[str],
    settings: Mapping[str, Mapping[RouterKey, InstanceSettings]],
) -> dict[tuple[str, RouterKey], str]:
    """Give each node the address for which most speaks; the last one to the only one that has none."""
    members = [name for name in found.nodes if router in settings.get(name, {router: None})]
    scores = [
        (_score(found, node, router, address, settings), node, address)
        for node in members
        for address in addresses
    ]
    own: dict[tuple[str, RouterKey], str] = {}
    for score, node, address in sorted(scores, key=lambda scored: (-scored[0], *scored[1:])):
        if score > 0 and (node, router) not in own and address not in own.values():
            own[node, router] = address
    left = addresses - {*own.values()}
    without = [node for node in members if (node, router) not in own]
    if len(left) == 1 and len(without) == 1 and not left & found.nodes[without[0]].heard_from:
        own[without[0], router] = left.pop()
    return own


def _by_router(settings: Mapping[str, InstanceSettings]) -> dict[RouterKey, InstanceSettings]:
    return {(one.vrid, one.family == 6): one for one in settings.values() if one.vrid is not None}


def _score(
    found: Survey,
    name: str,
    router: RouterKey,
    address: str,
    settings: Mapping[str, Mapping[RouterKey, InstanceSettings]],
) -> int:
    """How much speaks for an address being a node's own; negative if something speaks against it."""
    node = found.nodes[name]
    seen = node.adverts.get((router, address))
    score = -100 * (address in node.heard_from) + 100 * bool(seen and seen.sent)
    score += 60 * bool(seen and seen.unpadded and _are_others_padded(node, router, address))
    score += 30 * _was_here_first(found, node, address)
    if len(found.nodes) == 2:
        score += 50 * any(address in other.heard_from for other in found.nodes.values() if other is not node)
    ours = settings.get(name, {}).get(router)
    if ours is not None:
        score += 200 * (ours.adverts.source == address) - 200 * (address in ours.unicast_peers)
        priorities = _priorities(found, router, address)
        others = {r[router].priority for n, r in settings.items() if n != name and router in r}
        score += 20 * (ours.priority in priorities)
        score -= 15 * bool(others & priorities - {ours.priority})
    is_alone = seen is not None and sum(key == router for key, _ in node.adverts) == 1
    return score + 5 * (is_alone and _was_master(node))


def _are_others_padded(node: NodeSurvey, router: RouterKey, address: str) -> bool:
    """True if frames from other addresses came over a wire, as they are as long as one needs."""
    others = [seen for (key, source), seen in node.adverts.items() if key == router and source != address]
    return bool(others) and not any(seen.unpadded for seen in others)


def _was_here_first(found: Survey, node: NodeSurvey, address: str) -> bool:
    """True if frames from an address were captured on this node before any other had them.

    Whatever the clocks say: frames of two senders go opposite ways, so their times differ by twice the way.
    """
    for other in found.nodes.values():
        if other is node:
            continue
        apart: dict[str, list[float]] = {}
        for source, seconds in shared_frames(node, other):
            apart.setdefault(source, []).append(seconds)
        if len(apart) < 2 or address not in apart:
            continue
        middles = {source: median(values) for source, values in apart.items()}
        if middles[address] - min(middles.values()) > _SHORTEST_WAY:
            return True
    return False


def _priorities(found: Survey, router: RouterKey, address: str) -> set[int]:
    """The priorities that adverts from an address had, in any capture."""
    seen = (node.adverts.get((router, address)) for node in found.nodes.values())
    return {priority for one in seen if one is not None for priority in one.priorities}


def _was_master(node: NodeSurvey) -> bool:
    return any("MASTER" in states for states in node.states.values())
