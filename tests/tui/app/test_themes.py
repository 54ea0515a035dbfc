"""The lab in every theme: what is drawn can be read, the choice is kept, and something else may count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.color import Color
from textual.command import CommandPalette

from hatlab.session import Session
from hatlab.settings.effective import Settings
from hatlab.settings.remembered import Remembered
from hatlab.settings.table import THEMES
from hatlab.tui.app.app import LabApp
from hatlab.tui.widgets.contrast import contrast
from hatlab.tui.widgets.theme import DARK, LIGHT
from hatlab.tui.widgets.theme_choice import install_all_themes
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running, wait_for_lab

LEAST = 4.4
"""The ratio for text on the screen: that of WCAG, but for what rounding takes where a ground is mixed."""


def _unreadable(lab: RunningApp) -> Iterator[tuple[str, float]]:
    """Yield each piece of text on the screen, or in its dialog, with too little contrast, and its ratio."""
    screen = lab.app.screen
    region = next((dialog.region for dialog in screen.query("#packet, .dialog")), screen.region)
    for row in screen._compositor.render_strips()[region.y : region.bottom]:
        strip = row.crop(region.x, region.right)
        for segment in strip:
            style = segment.style
            words = "".join(char for char in segment.text if char.isalnum())
            if not words or style is None or style.color is None or style.bgcolor is None:
                continue
            ink, ground = (
                Color.from_rich_color(style.color, screen.app.ansi_theme),
                Color.from_rich_color(style.bgcolor, screen.app.ansi_theme),
            )
            if style.reverse:
                ink, ground = ground, ink
            if (ratio := contrast(ink, ground)) < LEAST:
                yield segment.text.strip(), round(ratio, 2)


async def test_what_is_drawn_can_be_read_in_every_theme(lab: RunningApp) -> None:
    """Map, timeline and packets beside each other, at a past moment, with a packet that is selected."""
    assert list(install_all_themes(lab.app, Settings())) == []
    await lab.press("1", "left", "left")
    assert lab.app.viewed_moment is not None
    poor: dict[str, list[tuple[str, float]]] = {}
    for name in THEMES:
        lab.app.theme = name
        await lab.pilot.pause()
        if found := sorted({*_unreadable(lab)}):
            poor[name] = found
    assert poor == {}


@pytest.mark.parametrize(
    "keys", [("a",), ("ctrl+p",), ("w",), ("g",), ("e",), ("2", "enter"), ("q",), ("colon", "s")], ids=str
)
async def test_what_stands_in_a_dialog_can_be_read(keys: tuple[str, ...]) -> None:
    """What is chosen in it, too, and what stands in an empty field."""
    async with running(StoryEngine(12.0), size=(80, 24)) as lab:
        assert list(install_all_themes(lab.app, Settings())) == []
        await lab.press(*keys)
        await lab.until(lambda: lab.app.screen is not lab.app.lab_screen, "the dialog")
        await lab.app.workers.wait_for_complete()
        poor: dict[str, list[tuple[str, float]]] = {}
        for name in (LIGHT, "nord", "solarized-light"):
            lab.app.theme = name
            await lab.pilot.pause()
            if found := sorted({*_unreadable(lab)}):
                poor[name] = found
        assert poor == {}


def _settings(tmp_path: Path, environ: dict[str, str] | None = None) -> Settings:
    return Settings(tmp_path / "config.toml", environ, lambda: Remembered(tmp_path / "screen.json"))


async def _choose(settings: Settings, *keys: str) -> tuple[str, str]:
    """Run the app, press keys in the lab; return the theme then, and the notices."""
    app = LabApp(Session(StoryEngine()), clock=lambda: 0.0, settings=settings)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_lab(pilot)
        lab = RunningApp(app, StoryEngine(), pilot)
        await lab.press(*keys)
        return app.theme, "\n".join(notice.text for notice in app.notices)


async def test_a_theme_is_kept_for_the_next_time(tmp_path: Path) -> None:
    assert await _choose(_settings(tmp_path), "T") == (LIGHT, "")
    assert (await _choose(_settings(tmp_path)))[0] == LIGHT
    assert Remembered(tmp_path / "screen.json").values == {"theme": LIGHT}


async def test_the_list_has_every_theme_and_takes_one(tmp_path: Path) -> None:
    app = LabApp(Session(StoryEngine()), clock=lambda: 0.0, settings=_settings(tmp_path))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_lab(pilot)
        lab = RunningApp(app, StoryEngine(), pilot)
        await lab.reach(CommandPalette, "ctrl+t")
        assert {*app.available_themes} == {*THEMES}
        for key in "nord":
            await lab.pilot.press(key)
        await lab.pilot.pause(0.3)
        await lab.pilot.press("down", "enter")
        await lab.until(lambda: app.theme == "nord", "the theme")
    assert Remembered(tmp_path / "screen.json").values == {"theme": "nord"}


async def test_a_theme_of_last_time_that_is_gone_is_the_default(tmp_path: Path) -> None:
    Remembered(tmp_path / "screen.json").keep("theme", "gone")
    assert (await _choose(_settings(tmp_path)))[0] == DARK


async def test_where_something_else_counts_that_is_said(tmp_path: Path) -> None:
    theme, said = await _choose(_settings(tmp_path, {"HATLAB_THEME": "nord"}), "T")
    assert theme == LIGHT
    assert said == "Next time it is as before: HATLAB_THEME sets `theme`."
