"""How the columns of a pair's map are shared."""

from __future__ import annotations

import pytest

from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from hatlab.tui.map.proportions import content_width, pair_columns


@pytest.mark.parametrize("width", range(60, 220))
def test_the_wire_gets_what_the_boxes_leave(width: int) -> None:
    box, wire = pair_columns(width, 26)
    assert 2 * box + wire == width
    assert wire >= 16
    assert box >= (28 if width >= 72 else 22)


@pytest.mark.parametrize("name", ["two-node", "one-network", "load-sharing", "ipv6", "gateway"])
def test_a_box_is_as_wide_as_its_longest_line(name: str) -> None:
    layout = Layout.numbered(name, load_topology(name))
    lines = [f"◆ holds {address}" for spec in layout.topology.instances for address, _ in layout.vips(spec)]
    assert content_width(layout) >= max(map(len, lines))
