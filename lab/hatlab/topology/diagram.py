"""Draws a topology as a small map of text: a column a node, a rail a network, a row an instance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.topology import Instance, Topology

WIDTH = 80
_INDENT = "  "


def draw_topology(topology: Topology, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` cells.

    `●`: the node is on the network. `≈`: adverts travel there; `◆`: virtual addresses, by last octet; `▣`:
    clients. Beneath stand the priorities, `★` before the highest. Nodes for which a line has no room follow
    in another map.
    """
    label_width = max(map(len, [*topology.networks, *topology.instances])) + len(_INDENT) + 2
    cell = max(max(map(len, topology.nodes)) + 2, len("★255") + 1)
    names = list(topology.nodes)
    most_in_a_map = max(1, (width - label_width) // cell)
    maps = -(-len(names) // most_in_a_map)
    size = -(-len(names) // maps)
    lines: list[str] = []
    for begin in range(0, len(names), size):
        lines += _draw_map(topology, names[begin : begin + size], label_width, cell, width, notes=begin == 0)
    return lines


def _draw_map(
    topology: Topology, names: Sequence[str], label_width: int, cell: int, width: int, *, notes: bool
) -> Iterator[str]:
    """The lines of a map of some nodes, with notes on the networks beside the rails if wanted."""
    yield (" " * label_width + "".join(f"{name:^{cell}}" for name in names)).rstrip()
    for network in topology.networks:
        cells = (f"{'●' if network in topology.networks_of(name) else '─':─^{cell}}" for name in names)
        line = f"{_INDENT + network:<{label_width}}{''.join(cells)}"
        remarks = _network_notes(topology, network) if notes else []
        joined = "  ".join(remarks)
        if joined and len(line) + 2 + len(joined) <= width:
            yield f"{line}  {joined}"
            continue
        yield line
        yield from (f"{' ' * label_width}{remark}"[:width] for remark in remarks)
    for name, instance in topology.instances.items():
        cells = (_priority(instance, node) for node in names)
        yield f"{_INDENT + name:<{label_width}}{''.join(f'{text:^{cell}}' for text in cells)}".rstrip()


def _priority(instance: Instance, node: str) -> str:
    member = instance.members.get(node)
    if member is None:
        return ""
    highest = max(each.priority for each in instance.members.values())
    return f"★{member.priority}" if member.priority == highest else str(member.priority)


def _network_notes(topology: Topology, network: str) -> list[str]:
    """The adverts, virtual addresses and clients on a network."""
    instances = topology.instances.items()
    adverts = [name for name, instance in instances if instance.network == network]
    octets = [i.ending(octet) for _, i in instances for octet in i.addresses.get(network, ())]
    clients = [name for name, client in topology.clients.items() if client.network == network]
    notes = zip("≈◆▣", (adverts, octets, clients), strict=True)
    return [f"{glyph} {' '.join(words)}" for glyph, words in notes if words]
