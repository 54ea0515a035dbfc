"""Map, timeline and packets of simulated labs of 1 to 16 nodes, with several networks and instances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.timeline.pane import Timeline
from tests.support.topologies import many
from tests.tui.simulated import play_script, playing, screen_lines, simulated_app

BROKEN = ((8.0, "kill mysqld db1"), (14.0, "cut heartbeat"))
WORDS = ("★ MASTER", "○ BACKUP", "✖ FAULT")
SIZES = [(60, 16), (80, 24), (140, 45), (200, 60)]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_sixteen_nodes_each_with_its_whole_state(size: tuple[int, int]) -> None:
    async with playing(many(16), BROKEN, 15.0, size) as pilot:
        boxes = list(pilot.app.screen.query(NodeBox))
        drawn = {box.node: " ".join(line.plain for line in box.build()) for box in boxes}
        assert "✖ FAULT" in drawn.pop("db1")
        assert "★ MASTER" in drawn.pop("db2")
        assert len(drawn) == 14
        for node, words in drawn.items():
            assert "○ BACKUP" in words, node
        for box in boxes:
            box.focus()
            await pilot.pause()
            region = pilot.app.screen.find_widget(box)
            assert region.clip.contains_region(region.region), f"{box.node} cannot be brought into view"
            first = "".join(segment.text for segment in box.render_line(0))
            assert any(word in first for word in WORDS), first


async def test_arrows_go_from_node_to_node_and_the_timeline_follows() -> None:
    async with playing(many(16), (), 6.0, (80, 24)) as pilot:
        timeline = pilot.app.screen.query_one(Timeline)
        pilot.app.screen.query_one("#node-db1", NodeBox).focus()
        await pilot.press("down", "down", "right", "up")
        await pilot.pause()
        focused = pilot.app.screen.focused
        assert isinstance(focused, NodeBox)
        assert focused.node == "db4"
        for _ in range(6):
            await pilot.press("down")
        await pilot.pause()
        lanes = [row[0][0].strip() for row in timeline.build()]
        assert "db16" in lanes
        assert "VIP" in lanes
        await pilot.press("down")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#node-db16")


async def test_packets_show_in_one_column_at_which_of_many_nodes_they_arrived() -> None:
    async with playing(many(16), ((8.0, "cut heartbeat db7"),), 12.0, (140, 45)) as pilot:
        screen = "\n".join(screen_lines(pilot))
        assert "✔ all 15" in screen
        assert "✖ missed 1 of 15: db7" in screen


async def test_each_network_with_adverts_has_a_wire() -> None:
    topology = many(2, instances=2, networks=2)
    first, second = topology.instances.values()
    instances = {"VI_1": first, "VI_2": second.model_copy(update={"network": "lan"})}
    crossed = topology.model_copy(update={"instances": instances})
    async with playing(crossed, (), 8.0, (80, 24)) as pilot:
        drawn = {
            wire.network: "\n".join(line.plain for line in wire.build())
            for wire in pilot.app.screen.query(Heartbeat)
        }
        assert set(drawn) == {"heartbeat", "lan"}
        assert all(network in lines for network, lines in drawn.items())


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=str)
@pytest.mark.parametrize(
    ("nodes", "instances", "networks"), [(1, 1, 1), (2, 4, 3), (3, 2, 3), (8, 4, 3), (16, 8, 8)]
)
async def test_the_map_loses_nothing(
    nodes: int, instances: int, networks: int, size: tuple[int, int]
) -> None:
    topology = many(nodes, instances=instances, networks=networks, clients=min(instances, 2))
    async with playing(topology, (), 6.0, size) as pilot:
        screen = "\n".join(screen_lines(pilot))
        for node in topology.nodes:
            assert node in screen
        assert "★ MASTER" in screen
        assert "answered by" in screen


async def test_a_moment_of_many_nodes_is_described_by_state() -> None:
    async with playing(many(16), BROKEN[:1], 14.0, (140, 45)) as pilot:
        timeline = pilot.app.screen.query_one(Timeline)
        words = dict(timeline.model.describe_moment(13.0))
        assert words["FAULT"] == "db1"
        assert words["MASTER"] == "db2"
        assert words["BACKUP"] == "14"
        assert words["VIP"] == "db2"


async def test_a_timeline_that_grows_scrolls_no_further_than_it_must() -> None:
    async with playing(many(16), BROKEN[:1], 14.0, (80, 12)) as pilot:
        timeline = pilot.app.screen.query_one(Timeline)
        for node in ("db1", "db9", "db2"):
            timeline.show_node(node)
        await pilot.resize_terminal(140, 45)
        await pilot.pause()
        lanes = [row[0][0].strip() for row in timeline.build()]
        assert lanes[0].startswith("↕ 1-")
        assert "db1" in lanes


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
def test_sixteen_nodes_look(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def broken(pilot: Pilot[Any]) -> None:
        await play_script(pilot, BROKEN, 15.0)

    assert snap_compare(simulated_app(many(16)), terminal_size=size, run_before=broken)
