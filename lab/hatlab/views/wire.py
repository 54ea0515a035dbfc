"""A network's wire: who sends what on it, and where it is lost. Pure.

An advert needs 0.2 ms on the wire; shown it takes `TRAVEL` seconds, so that an eye can follow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.state.model import Claim, InstanceState, LabState, NodeState
from hatlab.topology import Layout

TRAVEL = 0.6
LINGER = 0.7
"""Seconds that a lost advert's ╳ stays."""
FAREWELL = 10.0
"""Seconds for which a Master's last advert, of priority 0, is shown."""
RETURNED = 3.0
"""The same for a node that is Backup by now."""


def advert_networks(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return each network on which adverts travel, with the nodes that may send there; if there is none, the
    lab's first network."""
    instances = layout.topology.instances.values()
    networks = dict.fromkeys(i.network for i in instances)
    return {
        network: tuple(
            node
            for node in layout.node_names
            if any(i.network == network and node in i.members for i in instances)
        )
        for network in networks
    } or {layout.network_names[0]: layout.node_names}


def heartbeat_network(layout: Layout) -> str:
    """Return the network on which the first instance's adverts travel."""
    return next(iter(advert_networks(layout)))


@dataclass(frozen=True, slots=True)
class WireSender:
    """A node, and the adverts it sends over the wire."""

    node: str
    claim: Claim | None
    """Its last advert, None if it never sent one."""
    lost: float | None
    """Where its adverts die, as a share of the way; None if they arrive."""
    age: float
    """Seconds since its last advert."""
    claims: tuple[tuple[str, int], ...] = ()
    """The instances it advertises now, each with its priority; empty where there is one instance only."""
    off: bool = False
    """True if it is without power."""
    listens: bool = False
    """True if it reports Backup everywhere on this network: it is meant to send nothing."""

    @property
    def silent(self) -> bool:
        return self.claim is None or self.claim.priority == 0 or self.age > self.claim.interval * 1.5


def wire_senders(state: LabState, network: str, nodes: tuple[str, ...]) -> tuple[WireSender, ...]:
    """Return what each node sends that takes part in an instance on this network."""
    senders = []
    for name in nodes:
        node = state.nodes[name]
        parts = dict(_parts_on(state, network, node))
        adverts = [part.sent for part in parts.values() if part.sent is not None]
        latest = max(adverts, key=lambda advert: advert.at, default=None)
        age = round(state.at - latest.at, 1) if latest else 0.0
        claims = tuple(
            (instance, part.sent.priority)
            for instance, part in parts.items()
            if len(parts) > 1 and part.sent and part.claims(state.at)
        )
        listens = bool(parts) and all(part.reported == "BACKUP" for part in parts.values())
        lost, off = _lost_at(state, network, name, nodes), node.power == "off"
        listens = listens and not off and node.service("keepalived").state == "up"
        senders.append(WireSender(name, latest, lost, age, claims, off, listens))
    return tuple(senders)


def _parts_on(state: LabState, network: str, node: NodeState) -> Iterator[tuple[str, InstanceState]]:
    """Yield the instances that advertise on a network: name, and the node's part."""
    specs = state.layout.topology.instances if state.layout else {}
    return ((n, part) for n, part in node.instances.items() if n not in specs or specs[n].network == network)


def _lost_at(state: LabState, network: str, name: str, nodes: tuple[str, ...]) -> float | None:
    """Where an advert dies, as a share of the way: at a dead link, on a cut wire, or at a deaf receiver."""
    sender = state.nodes[name]
    others = [state.nodes[n] for n in nodes if n != name]
    if sender.power == "off" or not others:
        return None
    if sender.links.get(network) is False:
        return 0.1
    if not all(node.power == "off" or _is_deaf(node, network) for node in others):
        return None
    return 0.5 if _is_deaf(sender, network) else 0.9


def _is_deaf(node: NodeState, network: str) -> bool:
    drop = node.filters.get(network)
    return node.links.get(network) is False or (drop is not None and drop.percent >= 100)


def wire_title(state: LabState, network: str, nodes: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the wire's title, in full and for narrower wires, and its style: its name, or what is wrong."""
    members = [state.nodes[name] for name in nodes]
    cut = [node.name for node in members if _is_deaf(node, network)]
    if len(cut) == 1 and len(members) > 1:
        (name,) = cut
        if state.nodes[name].links.get(network) is False:
            return (f"✂ {name} has no link", f"✂ {name}: no link", "✂ no link"), "bold fault"
        return (f"✂ {name} hears nothing", f"✂ {name} is deaf", "✂ deaf"), "bold fault"
    if cut:
        return (f"✂ {network} is cut", "✂ cut"), "bold fault"
    filters = [node.filters[network] for node in members if network in node.filters]
    percent = max((f.percent for f in filters), default=0)
    delay = max((f.delay_ms for f in filters), default=0)
    if percent:
        return (f"≈ {network} loses {percent:g} %", f"≈ loses {percent:g} %"), "bold warn"
    if delay:
        return (f"≈ {network} is {delay:g} ms late", f"≈ {delay:g} ms late"), "bold warn"
    return (network,), "quiet"


def caption_texts(sender: WireSender) -> tuple[tuple[str, ...], str]:
    """Return what a sender claims, in full and for narrower wires, and the style of it."""
    node, claim = sender.node, sender.claim
    if sender.off:
        return (f"{node} is off",), "stopped"
    farewell = RETURNED if sender.listens else FAREWELL
    leaving = claim is not None and claim.priority == 0 and sender.age < farewell
    if sender.listens and sender.silent and not leaving:
        return (f"{node} is Backup: it listens", f"{node} listens"), "quiet"
    if claim is None:
        return (f"{node} is silent",), "quiet"
    if leaving:
        return (f"{node} sent 0: leaving", f"{node} sent 0"), "warn"
    if sender.silent:
        return (f"{node} silent for {sender.age:.0f} s", f"{node} silent {sender.age:.0f} s"), "quiet"
    if len(sender.claims) > 1:  # whose advert was the last changes with each
        claims = ", ".join(f"{name} {priority}" for name, priority in sender.claims)
        numbers = ", ".join(f"{priority}" for _, priority in sender.claims)
        return (f"{node}: {claims}", f"{node}: {numbers}"), "wire"
    every = f"every {claim.interval:g} s"
    if sender.claims:
        ((name, priority),) = sender.claims
        texts = f"{node} {name}: {priority} {every}", f"{node} {name}: {priority}", f"{node}: {priority}"
        return texts, "wire"
    return (f"{node} sends {claim.priority} {every}", f"{node} sends {claim.priority}"), "wire"
