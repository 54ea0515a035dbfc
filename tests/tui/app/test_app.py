"""Keys of the app itself: help, explanations, theme, and a key that is only a letter in a filter."""

from __future__ import annotations

from textual.widgets import Input

from hatlab.engine.base import Engine
from hatlab.tui.packets.pane import PacketList
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.why import WhyList
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running


def test_the_fake_is_an_engine() -> None:
    engine: Engine = StoryEngine()
    assert engine.live


async def test_help_and_whys_open_and_close() -> None:
    async with running(StoryEngine(20.0)) as lab:
        await lab.reach(HelpScreen, "question_mark")
        await lab.press("right", "right", "escape")
        await lab.reach(WhyList, "w")
        await lab.reach(LabScreen, "down", "escape")


async def test_a_key_switches_between_light_and_dark(lab: RunningApp) -> None:
    before = lab.app.theme
    await lab.press("T")
    assert lab.app.theme != before
    await lab.press("T")
    assert lab.app.theme == before


async def test_a_q_typed_into_a_filter_is_a_letter() -> None:
    async with running(size=(80, 24)) as lab:
        await lab.press("2")
        await lab.until(lambda: isinstance(lab.app.focused, PacketList), "the packets to have the keys")
        await lab.press("f")
        await lab.until(lambda: isinstance(lab.app.focused, Input), "the filter")
        await lab.press("q")
        assert isinstance(lab.app.focused, Input)
        assert lab.app.focused.value == "q"
        assert lab.engine.stopped == 0
