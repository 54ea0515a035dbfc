"""The command palette."""

from __future__ import annotations

from textual.widgets import OptionList

from hatlab.actions import Action
from hatlab.tui.screens.palette import Palette
from hatlab.tui.widgets import theme
from tests.tui.apps import RunningApp


async def test_the_palette_acts(lab: RunningApp) -> None:
    await lab.press("ctrl+p")
    await lab.type_in_burst(*"Freeze keepalived on db2")
    await lab.pilot.pause(0.5)
    await lab.press("enter")
    await lab.pilot.pause(0.2)
    await lab.press("enter")
    await lab.until(lambda: lab.engine.acted == [Action("freeze", ("keepalived", "db2"))], "the freeze")


async def test_the_palette_shows_each_key_and_runs_commands(lab: RunningApp) -> None:
    palette = await lab.reach(Palette, "ctrl+p")
    await lab.type_in_burst(*"light")
    menu = palette.query_one(OptionList)
    assert str(menu.get_option_at_index(1).prompt).split() == ["T", "Light/dark"]
    await lab.press("enter")
    await lab.until(lambda: lab.app.theme == theme.LIGHT, "the light theme")


async def test_the_palette_goes_without_doing_anything(lab: RunningApp) -> None:
    await lab.reach(Palette, "ctrl+p")
    await lab.type_in_burst(*"nothing like this", "enter")
    assert isinstance(lab.app.screen, Palette)
    await lab.press("escape")
    await lab.until(lambda: lab.app.screen is lab.app.lab_screen, "the lab")
    assert lab.engine.acted == []
