"""A topology as a small map of text: a column a node, a rail a network, a row an instance."""

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
    label = max(map(len, [*topology.networks, *topology.instances])) + len(_INDENT) + 2
    cell = max(map(len, topology.nodes)) + 2
    cell = max(cell, len("★255") + 1)
    names = list(topology.nodes)
    fitting = max(1, (width - label) // cell)
    blocks = -(-len(names) // fitting)
    size = -(-len(names) // blocks)
    lines: list[str] = []
    for begin in range(0, len(names), size):
        lines += _block(topology, names[begin : begin + size], label, cell, width, notes=begin == 0)
    return lines


def _block(
    topology: Topology, names: Sequence[str], label: int, cell: int, width: int, *, notes: bool
) -> Iterator[str]:
    yield (" " * label + "".join(f"{name:^{cell}}" for name in names)).rstrip()
    for network in topology.networks:
        cells = (f"{'●' if _is_on(topology, name, network) else '─':─^{cell}}" for name in names)
        line = f"{_INDENT + network:<{label}}{''.join(cells)}"
        told = _notes(topology, network) if notes else []
        rest = "  ".join(told)
        if rest and len(line) + 2 + len(rest) <= width:
            yield f"{line}  {rest}"
            continue
        yield line
        yield from (f"{' ' * label}{each}"[:width] for each in told)
    for name, instance in topology.instances.items():
        cells = (_priority(instance, node) for node in names)
        yield f"{_INDENT + name:<{label}}{''.join(f'{text:^{cell}}' for text in cells)}".rstrip()


def _is_on(topology: Topology, node: str, network: str) -> bool:
    own = topology.nodes[node].networks
    return own is None or network in own


def _priority(instance: Instance, node: str) -> str:
    member = instance.members.get(node)
    if member is None:
        return ""
    best = max(each.priority for each in instance.members.values())
    return f"★{member.priority}" if member.priority == best else str(member.priority)


def _notes(topology: Topology, network: str) -> list[str]:
    """What is on a network beside the nodes."""
    instances = topology.instances.items()
    adverts = [name for name, instance in instances if instance.network == network]
    octets = [f".{octet}" for _, instance in instances for octet in instance.addresses.get(network, ())]
    clients = [name for name, client in topology.clients.items() if client.network == network]
    found = (("≈", adverts), ("◆", octets), ("▣", clients))
    return [f"{glyph} {' '.join(words)}" for glyph, words in found if words]
