"""What is drawn at each size of terminal: nothing cut, borders straight, nothing beneath a notice."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from hatlab.topology.library import load_topology
from hatlab.tui.map.client_line import ClientLine
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.map.pane import Map
from hatlab.tui.widgets.line_widget import LineWidget
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.simulated import playing, screen_lines

SIZES = [(80, 24), (100, 30), (120, 35), (160, 48)]
TOPOLOGIES = ["one-network", "three-node", "load-sharing", "ipv6", "gateway"]
SCRIPTS = {
    "killed": [(6.0, "kill mysqld {first}")],
    "off": [(6.0, "power off {first}")],
    "frozen": [(6.0, "freeze keepalived {first}"), (6.5, "loss {network} 60")],
    "cut": [(6.0, "cut {network}")],
}
CASES = [
    *(("two-node", script) for script in SCRIPTS),
    *((name, "killed") for name in TOPOLOGIES),
    ("load-sharing", "cut"),
    ("ipv6", "cut"),
]
SIDES = "│┃║"


@pytest.mark.parametrize(("name", "script"), CASES)
async def test_the_map_cuts_nothing_and_its_boxes_are_straight(name: str, script: str) -> None:
    topology = load_topology(name)
    network = next(iter(topology.instances.values())).network
    first = next(iter(next(iter(topology.instances.values())).members))
    actions = [(at, line.format(first=first, network=network)) for at, line in SCRIPTS[script]]
    if name == "gateway" and script == "killed":
        actions = [(6.0, f"kill keepalived {first}")]
    async with playing(topology, actions, 12.0, SIZES[0]) as pilot:
        shown = pilot.app.screen.query_one(Map)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for part in shown.query("NodeBox, ClientLine, Heartbeat"):
                assert isinstance(part, NodeBox | ClientLine | Heartbeat)
                assert cut_lines(part) == [], f"{part} of {part.content_size} at {size}"
            if not shown.has_class("-rows"):
                lines = screen_lines(pilot)
                for box in shown.query(NodeBox):
                    assert sides_of(lines, box.region) == [], f"{box.node} at {size}"


def cut_lines(part: LineWidget) -> list[str]:
    """The lines of a part of the screen that do not fit into it, or were made to."""
    width = part.content_size.width
    lines = [line for line in part._drawn if not isinstance(line, tuple)]
    return [line.plain for line in lines if line.cell_length > width or "…" in line.plain]


def sides_of(lines: list[str], box: Region) -> list[str]:
    """The rows of a box whose sides are no border."""
    inner = lines[box.y + 1 : box.bottom - 1]
    return [line for line in inner if line[box.x] not in SIDES or line[box.right - 1] not in SIDES]


async def test_three_nodes_leave_room_for_time_and_packets_on_a_small_screen() -> None:
    async with playing(load_topology("three-node"), [(8.0, "kill mysqld db1")], 15.0, (80, 24)) as pilot:
        words = "\n".join(screen_lines(pilot))
        assert all(f"\n {lane} " in words for lane in ("VIP", "client", "db1", "db2"))
        await pilot.press("2")
        await pilot.pause()
        assert sum("prio" in line or "GARP" in line for line in screen_lines(pilot)[16:]) >= 5


DIALOGS = [["question_mark"], ["w"], ["a"], ["colon"], ["e"], ["P"], ["ctrl+p"], ["M"], ["2", "up", "enter"]]


async def test_no_dialog_is_larger_than_the_screen() -> None:
    async with running(StoryEngine(15.0), size=SIZES[0]) as lab:
        for keys in DIALOGS:
            await lab.press(*keys)
            for size in SIZES if keys[-1] == "enter" else SIZES[:1]:
                await lab.pilot.resize_terminal(*size)
                await lab.pilot.pause()
                dialog = lab.app.screen
                assert dialog is not lab.app.lab_screen, keys
                assert (dialog.max_scroll_x, dialog.max_scroll_y) == (0, 0), (keys, size)
                inside = Region(0, 0, *size)
                for child in dialog.children:
                    assert inside.contains_region(child.region), (keys, size)
                    assert child.region.x == (size[0] - child.region.width) // 2, "in the middle"
            if keys[-1] != "enter":
                await lab.press("escape")
        await lab.pilot.resize_terminal(*SIZES[0])
        whole_address = "01:00:5e:00:00:12"
        await lab.until(lambda: whole_address in "\n".join(screen_lines(lab.pilot)), whole_address)
