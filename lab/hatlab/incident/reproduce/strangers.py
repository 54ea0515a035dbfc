"""A stranger with a virtual router's number: a node of the lab that sends what the stranger sent.

It is cut off from what the others send, as nothing says what it took: so it sends, whatever it hears, from
the first advert of each series to the last. Until then it has a number of its own, and is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.octets import free_octet
from hatlab.incident.reproduce.seen import SERIES, Seen
from hatlab.keepalived import HigherPriorityHeard, LowerPriorityHeard, MasterChanged
from hatlab.keepalived.log_line import AddressListDiffers
from hatlab.topology import Layout, Topology
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.timers import master_down_interval

STRANGER = "stranger"
"""What the nodes that play them are called, from the second one on with a number."""
_MOST = 4
"""Strangers that are played."""
_MOST_CHANGES = 20
"""Adverts of one that differ from the one before and are played."""
_READ = 0.05
"""Seconds that a daemon takes to read its file, about."""
_INSTANCE = "other_cluster"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a stranger claimed at a moment, as far as anything says it."""

    at: float
    node: str
    """Who heard it."""
    instance: str
    """Of the lab, with the same VRID."""
    source: str
    """Empty if nothing says it."""
    priority: int | None
    interval: float
    version: int
    auth: str | None
    addresses: tuple[str, ...]
    evidence: str

    @property
    def who(self) -> str:
        return self.source or "a sender that no line names"


@dataclass(frozen=True, slots=True)
class Stranger:
    """One stranger, and all that was heard of it, in order of time."""

    name: str
    """Of the node that plays it."""
    instance: str
    """Of the lab: the virtual router whose number it has."""
    network: str
    claims: tuple[Claim, ...]

    @property
    def own_instance(self) -> str:
        return _INSTANCE + self.name.removeprefix(STRANGER)


def find_strangers(seen: Seen) -> tuple[Stranger, ...]:
    """Return who was heard that is no node of the incident, the one heard first before the others."""
    if not seen.is_imported:
        return ()
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in _captured(seen):
        found.setdefault((claim.instance, claim.source), []).append(claim)
    captured = {*found}
    for claim in sorted(_logged(seen), key=lambda claim: not claim.source):  # the nameless ones at last
        known = [key for key in found if key[0] == claim.instance and claim.source in ("", key[1])]
        if not known or known[0] not in captured:
            found.setdefault(known[0] if known else (claim.instance, claim.source), []).append(claim)
    strangers: list[Stranger] = []
    for (instance, _), claims in found.items():
        claims = sorted((c for c in claims if c.at >= seen.ready), key=lambda claim: claim.at)
        if not claims:
            continue
        name = f"{STRANGER}{len(strangers) + 1}" if strangers else STRANGER
        network = seen.layout.topology.instances[instance].network_of(claims[0].node)
        if name not in seen.layout.node_names and len(strangers) < _MOST:
            strangers.append(Stranger(name, instance, network, tuple(claims)))
    return tuple(strangers)


def _is_captured(claim: Claim) -> bool:
    return bool(claim.addresses)


def _captured(seen: Seen) -> Iterator[Claim]:
    """Yield the captured adverts of strangers; what several nodes captured counts once."""
    told: dict[tuple[str, str], str] = {}
    layout = seen.layout
    for (node, direction), adverts in seen.adverts.items():
        for advert in adverts if direction == "received" else ():
            if layout.owner_of(advert.source) or not advert.priority or advert.version not in (2, 3):
                continue
            for name in layout.instances_of(node):
                spec = layout.topology.instances[name]
                same = spec.router == (advert.vrid, is_ipv6(advert.source))
                if same and told.setdefault((name, advert.source), node) == node:
                    yield Claim(
                        advert.at,
                        node,
                        name,
                        advert.source,
                        advert.priority,
                        advert.interval or spec.interval,
                        advert.version,
                        advert.auth,
                        advert.addresses,
                        advert.evidence,
                    )


def _logged(seen: Seen) -> Iterator[Claim]:
    """Yield what logs say of strangers: a list of addresses that differs, an address that is nobody's."""
    layout = seen.layout
    for node in layout.server_names:
        names = layout.instances_of(node)
        if _is_shared(layout, names):
            continue
        for line, what in seen.lines(node):
            match what:
                case LowerPriorityHeard() | HigherPriorityHeard() | MasterChanged() if what.address:
                    if layout.owner_of(what.address):
                        continue
                    source = what.address
                    priority = getattr(what, "priority", None)
                case AddressListDiffers():
                    source, priority = "", None
                case _:
                    continue
            name = what.instance if what.instance in names else names[0] if len(names) == 1 else ""
            if name:
                spec = layout.topology.instances[name]
                version, interval = spec.version, spec.interval
                yield Claim(line.at, node, name, source, priority, interval, version, None, (), line.evidence)


def _is_shared(layout: Layout, names: Sequence[str]) -> bool:
    """Return whether other nodes that were brought have the same VRID: then these are whom a node hears."""
    routers = {layout.topology.instances[name].router for name in names}
    others = (spec for name, spec in layout.topology.instances.items() if name not in names)
    return any(spec.router in routers for spec in others)


def play_strangers(seen: Seen, strangers: Sequence[Stranger]) -> Iterator[Episode]:
    """Yield an episode for each: it comes, claims other things, goes, and never hears the others."""
    for stranger in strangers:
        first = stranger.claims[0]
        why = f"{first.node} heard {first.who}, none of the nodes, with the VRID of {stranger.instance}"
        evidence = (first.evidence,) if first.evidence else ()
        faults = [*_faults(seen, stranger, why, evidence)]
        name = f"a stranger with the VRID of {stranger.instance}"
        yield Episode((Explanation(name, tuple(faults)),), may_not_matter=True)


def _faults(seen: Seen, stranger: Stranger, why: str, evidence: tuple[str, ...]) -> Iterator[InferredFault]:
    node, network = stranger.name, stranger.network
    target = ("keepalived", node)
    first = stranger.claims[0]
    wait = _down_interval(seen, stranger, first)
    begins = max(first.at - wait - _READ, seen.ready)
    deaf = "so that it sends on, whatever it hears: nothing says what it took"
    yield InferredFault(begins, "cut", (network, node), deaf)
    vrid = str(seen.layout.topology.instances[stranger.instance].vrid)
    yield InferredFault(begins, "set", (node, "virtual_router_id", vrid), why, evidence)
    changes = 0
    for before, claim in zip(stranger.claims, stranger.claims[1:], strict=False):
        if (gone := _gone(seen, before, claim.at)) is not None:
            yield InferredFault(gone, "kill", target, f"{before.who} was not heard any more")
            again = max(claim.at - wait - _READ, gone + _READ)
            yield InferredFault(again, "start", target, f"{claim.who} was heard again")
        for key, was, value in (
            ("priority", before.priority, claim.priority),
            ("advert_int", before.interval, claim.interval),
        ):
            if was != value and value is not None and was is not None and changes < _MOST_CHANGES:
                changes += 1
                says = f"{claim.who} advertised {key.replace('_', ' ')} {value:g} from then on"
                yield InferredFault(claim.at - _READ, "set", (node, key, f"{value:g}"), says)
    last = stranger.claims[-1]
    if (gone := _gone(seen, last, seen.ends)) is not None:
        yield InferredFault(gone, "kill", target, f"{last.who} was not heard any more")


def _gone(seen: Seen, last: Claim, until: float) -> float | None:
    """Return when a stranger fell silent after what it claimed last before a moment; None if it did not.

    A capture shows it; of a log, that the node which heard it became Master as its timer ran out.
    """
    if _is_captured(last):
        is_silent = until - last.at > SERIES * last.interval
        return last.at + 0.5 * last.interval if is_silent else None
    wait = seen.down_interval(last.node, last.instance)
    for state in seen.became_master(last.node, last.instance):
        if last.at < state.at - wait + last.interval and state.at <= until:
            return state.at - wait + 0.5 * last.interval
    return None


def _down_interval(seen: Seen, stranger: Stranger, claim: Claim) -> float:
    return master_down_interval(claim.version, _priority(seen, stranger), claim.interval, 3)


def _priority(seen: Seen, stranger: Stranger) -> int:
    """Return the first priority that is known; else one below all others, to which nobody yields."""
    known = next((claim.priority for claim in stranger.claims if claim.priority is not None), None)
    if known is not None:
        return known
    members = seen.layout.topology.instances[stranger.instance].members.values()
    return max(1, min(member.priority for member in members) - 1)


def still_deaf(faults: Sequence[InferredFault], strangers: Sequence[Stranger]) -> Iterator[InferredFault]:
    """Yield the faults; where a network is healed, strangers there are cut off again."""
    present = [
        (stranger, fault)
        for stranger in strangers
        for fault in faults
        if fault.words == f"cut {stranger.network} {stranger.name}"
    ]
    for fault in faults:
        yield fault
        for stranger, cut in present:
            if fault.verb == "heal" and fault.targets[0] == stranger.network and fault.at > cut.at:
                yield replace(cut, at=fault.at + 0.01)


def with_strangers(
    seen: Seen, topology: Topology, strangers: Sequence[Stranger], faults: Sequence[InferredFault]
) -> Topology:
    """Return a topology with a node for each stranger that the faults name."""
    named = {word for fault in faults for word in fault.targets}
    wanted = [stranger for stranger in strangers if stranger.name in named]
    if not wanted:
        return topology
    data = topology.to_data()
    for stranger in wanted:
        _add(seen, data, stranger)
    return Topology.model_validate({"version": 1, **data})


def _add(seen: Seen, data: dict[str, Any], stranger: Stranger) -> None:
    network, first = stranger.network, stranger.claims[0]
    used = {node["octet"] for node in data["nodes"].values()}
    used |= {octet for spec in data["instances"].values() for octet in spec["addresses"].get(network, ())}
    octet = free_octet(first.source, used)
    addresses = [free_octet(address, {octet}) for address in first.addresses] or [
        free_octet("", used | {octet})
    ]
    spec = seen.layout.topology.instances[stranger.instance]
    vrids = {other["vrid"] for other in data["instances"].values()}
    aside = next(vrid for vrid in range(255, 0, -1) if vrid not in vrids)
    made: dict[str, Any] = {
        "network": network,
        "vrid": aside,
        "members": {stranger.name: {"priority": _priority(seen, stranger)}},
        "addresses": {network: list(dict.fromkeys(addresses))},
        "family": spec.family,
        "version": first.version,
        "interval": first.interval,
    }
    auth = first.auth or (None if _is_captured(first) else spec.auth_pass)
    if auth and first.version == 2:
        made["auth_pass"] = auth
    data["nodes"][stranger.name] = {"octet": octet, "service": "router", "networks": [network]}
    data["instances"][stranger.own_instance] = made
