"""What the lab's screen shows: now, at a past moment, and in terminals of any size."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from hatlab.tui.log.pane import LogPane
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.map.pane import Map
from hatlab.tui.packets.pane import Packets
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.why import WhyBox
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets.header import Banner, HeaderLine
from tests.support.present import present
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running


async def test_the_story_is_shown(lab: RunningApp) -> None:
    await lab.tell_until(15.0)
    map_ = lab.app.screen.query_one(Map)
    views = [box.view for box in map_.query(NodeBox)]
    assert [v.tone for v in views if v] == ["fault", "master"]
    header = present(lab.app.screen.query_one(HeaderLine).view)
    assert header.faults == ("mysqld is down on db1",)
    why = present(lab.app.screen.query_one(WhyBox).why)
    assert why.node == "client"


async def test_a_split_brain_has_a_banner_and_healing_removes_it(lab: RunningApp) -> None:
    banner = lab.app.screen.query_one(Banner)
    assert not banner.sentences
    places = regions(lab)
    await lab.tell_until(36.0)
    assert "SPLIT BRAIN" in banner.sentences[0]
    assert regions(lab) == places, "nothing moves when it speaks"
    await lab.tell_until(40.0)
    assert not banner.sentences


def regions(lab: RunningApp) -> list[Region]:
    """Where each part of the lab's screen stands."""
    return [part.region for part in lab.app.screen.children]


async def test_a_past_moment_is_shown_until_escape() -> None:
    async with running(StoryEngine(20.0)) as lab:
        screen = lab.app.screen
        assert isinstance(screen, LabScreen)
        screen.query_one(Timeline).post_message(Timeline.MomentSelected(8.0))
        await lab.until(lambda: screen.viewed_moment == 8.0, "the moment")
        header = present(screen.query_one(HeaderLine).view)
        assert header.looking == "0:08.0"
        box = screen.query_one("#node-db1", NodeBox)
        assert box.view is not None
        assert box.view.tone == "master"
        await lab.tell_until(20.5)
        assert box.view.tone == "master"
        await lab.press("escape")
        assert screen.viewed_moment is None
        assert box.view.tone == "fault"


async def test_tabs_choose_a_pane_on_a_small_screen() -> None:
    async with running(size=(80, 24)) as lab:
        timeline, packets = lab.app.screen.query_one(Timeline), lab.app.screen.query_one("Packets")
        assert (timeline.display, packets.display) == (True, False)
        await lab.press("2")
        assert (timeline.display, packets.display) == (False, True)


async def test_a_terminal_may_be_tiny_and_come_back() -> None:
    async with running(StoryEngine(20.0)) as lab:
        for size in ((40, 10), (1, 1), (200, 60), (59, 15), (80, 24), (140, 45)):
            await lab.pilot.resize_terminal(*size)
            await lab.pilot.pause()
        assert lab.app.screen.query_one(Timeline).display
        assert not lab.app.screen.query_one("#too-small").display


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((80, 24), {"Timeline"}),
        ((100, 30), {"Timeline", "Packets"}),
        ((120, 35), {"Timeline", "Packets"}),
        ((150, 35), {"Timeline", "Packets", "LogPane"}),
        ((160, 48), {"Timeline", "Packets", "LogPane"}),
    ],
)
async def test_a_list_stands_beneath_the_timeline_where_there_is_room(
    size: tuple[int, int], seen: set[str]
) -> None:
    async with running(StoryEngine(20.0), size=size) as lab:
        panes = lab.app.screen.query("Timeline, Packets, LogPane")
        await lab.until(lambda: {type(p).__name__ for p in panes if p.is_on_screen} == seen, "the panes")
        timeline = lab.app.screen.query_one(Timeline)
        assert timeline.size.height >= timeline.rows_needed
        await lab.press("3")
        log = lab.app.screen.query_one(LogPane)
        await lab.until(lambda: log.is_on_screen, "the log")
        assert timeline.is_on_screen is (size != (80, 24))


async def test_another_size_keeps_the_focus_and_the_place() -> None:
    async with running(StoryEngine(40.0), size=(160, 48)) as lab:
        packets = lab.app.screen.query_one(Packets)
        packets.rows.focus()
        await lab.press("home", "down", "down", "down")
        for size in ((80, 24), (120, 35), (100, 30), (60, 16), (160, 48)):
            await lab.pilot.resize_terminal(*size)
            await lab.pilot.pause()
            assert packets.rows.has_focus
            assert packets.rows.cursor == 3
            assert packets.is_on_screen, size
