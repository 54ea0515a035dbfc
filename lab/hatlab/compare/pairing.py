"""Which node, virtual router and client of one run stands for which of the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hatlab.compare.course import NOBODY, SILENT, Course, StreamKey
from hatlab.errors import UserError
from hatlab.topology import Layout
from hatlab.util.text import join_names


@dataclass(frozen=True, slots=True)
class Pairing:
    """Names of the other run → those of the first one; a name without its like stands for itself."""

    nodes: Mapping[str, str]
    instances: Mapping[str, str]
    clients: Mapping[str, str]
    vrids: Mapping[str, str]

    def key(self, key: StreamKey) -> StreamKey:
        """Return the first run's key of a stream of the other one."""
        kind, subject = key
        node, client = self.nodes.get(subject[0], subject[0]), self.clients.get(subject[0], subject[0])
        match kind:
            case "state":
                return StreamKey(kind, (node, self.instances.get(subject[1], subject[1])))
            case "owners":
                return StreamKey(kind, (self.instances.get(subject[0], subject[0]), subject[1]))
            case "outage":
                return StreamKey(kind, (client,))
            case "heard":
                sender = self.nodes.get(subject[1], subject[1])
                return StreamKey(kind, (node, sender, self.vrids.get(subject[2], subject[2])))
            case "sent":
                return StreamKey(kind, (node, self.vrids.get(subject[1], subject[1])))
            case _:
                return key

    def value(self, kind: str, value: str) -> str:
        """Return a value of the other run with the first one's names."""
        if kind != "owners" or value in (NOBODY, SILENT):
            return value
        return "+".join(sorted(self.nodes.get(name, name) for name in value.split("+")))

    def words(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return an action's words with the first run's names of nodes."""
        return tuple(self.nodes.get(word, word) for word in words)

    def renamed(self) -> dict[str, str]:
        """The first run's names of nodes → the other's, where they differ."""
        return {first: other for other, first in self.nodes.items() if first != other}


def pair(first: Course, other: Course, chosen: Sequence[str] = ()) -> Pairing:
    """Pair by name, and what is left by its place: nodes by priority, the others by VRID and order.

    Args:
        first: the run whose names are used.
        other: the run that is laid beside it.
        chosen: `db1=node-a`: a node of the first run and its like in the other.

    Raises:
        UserError: `chosen` names a node that there is not, or one twice.
    """
    a, b = first.layout, other.layout
    if a is None or b is None:
        return Pairing({}, {}, {}, {})
    nodes = _read_chosen(chosen, a, b)
    nodes |= _pair_names(_by_priority(a), _by_priority(b), nodes)
    vrids = {name: spec.vrid for name, spec in a.topology.instances.items()}
    order = sorted(vrids, key=lambda name: vrids[name])
    others = sorted(b.topology.instances, key=lambda name: b.topology.instances[name].vrid)
    instances = _pair_names(order, others, {})
    numbers = {str(b.topology.instances[theirs].vrid): str(vrids[ours]) for theirs, ours in instances.items()}
    return Pairing(nodes, instances, _pair_names(a.client_names, b.client_names, {}), numbers)


def _read_chosen(chosen: Sequence[str], a: Layout, b: Layout) -> dict[str, str]:
    nodes: dict[str, str] = {}
    for word in chosen:
        ours, sign, theirs = word.partition("=")
        if not sign:
            raise UserError(
                f"--map {word[:80]} names one node only",
                f"give the node of A and that of B, for example: --map {a.node_names[0]}={b.node_names[0]}",
            )
        for name, layout, which in ((ours, a, "first"), (theirs, b, "second")):
            if name not in layout.node_names:
                raise UserError(
                    f"--map {word[:80]}: the {which} recording has no node {name[:40]!r}",
                    f"use one of: {join_names(layout.node_names)}; for example: "
                    f"--map {a.node_names[0]}={b.node_names[0]}",
                )
        if theirs in nodes or ours in nodes.values():
            raise UserError(f"--map {word[:80]}: this node stands for another one already")
        nodes[theirs] = ours
    return nodes


def _by_priority(layout: Layout) -> list[str]:
    """Return the nodes, the one that should be Master first; hosts last."""
    best = {
        name: max(
            (i.members[name].priority for i in layout.topology.instances.values() if name in i.members),
            default=0,
        )
        for name in layout.node_names
    }
    return sorted(layout.node_names, key=lambda name: -best[name])


def _pair_names(ours: Sequence[str], theirs: Sequence[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Return the other's names → ours: equal names first, then the rest in order."""
    pairs = dict(taken)
    pairs |= {n: n for n in theirs if n in ours and n not in pairs and n not in pairs.values()}
    left = [name for name in ours if name not in pairs.values()]
    return pairs | dict(zip((name for name in theirs if name not in pairs), left, strict=False))
