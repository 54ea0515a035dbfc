"""How the columns of the map are shared: a box gets what its longest line needs, the wire what is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hatlab.topology import PROGRAMS, Layout

BORDER = 2
"""Columns of a box's border."""
PADDING = 2
"""Columns of the air within a box that has room for it."""
_WIRE = 25
"""Columns of a wire with its caption in full: `db1 sends 150 every 1 s`."""
_LEAST_WIRE = 16
"""Columns of a wire on which an advert can still be seen to travel."""
_USUAL_LINES = (
    "⚠ BACKUP, yet advertises",
    "✖ replication error 1062",
    "▲ answers the client  ",  # stands in the border, between two corners
)
"""The longest lines that a box of any topology may have."""
_COUNTDOWN = "◔ takeover in 3.6 s ━━━━━━"
"""A Backup's countdown; in a narrower box its bar is shorter."""


def least_content(layout: Layout) -> int:
    """Return the cells that the longest line takes that has no shorter form, in any box of a lab."""
    return max(map(len, chain(_USUAL_LINES, _lines_of(layout))))


def content_width(layout: Layout) -> int:
    """Return the cells that the longest line takes in full."""
    networks = {network for name in layout.node_names for network in layout.networks_of(name)}
    late = (f"✂ 200 ms late on {network}" for network in networks)
    return max(least_content(layout), len(_COUNTDOWN), *map(len, late))


def _lines_of(layout: Layout) -> Iterator[str]:
    """Yield the lines that have names and addresses of a lab in them, each at its longest."""
    topology = layout.topology
    for name, instance in topology.instances.items():
        if len(topology.instances) > 1:
            yield f"■ STOPPED  {name} prio {max(member.priority for member in instance.members.values())}"
        for address, _ in layout.vips(name):
            yield f"◆ holds {address}"
    for node in topology.nodes.values():
        yield "  ".join(f"✔ {program}" for program in PROGRAMS[node.service])
        if node.service == "router":
            yield "▲ forwards for the client  "


def pair_columns(width: int, content: int) -> tuple[int, int]:
    """Return the columns of each of two boxes, and of the wires between them.

    Args:
        width: of the map.
        content: cells that a box's longest line takes.
    """
    tight = content + BORDER
    whole = max(tight + PADDING, width * 3 // 10)
    box = min(whole, max((width - _WIRE) // 2, min(tight, (width - _LEAST_WIRE) // 2)))
    return box, width - 2 * box
