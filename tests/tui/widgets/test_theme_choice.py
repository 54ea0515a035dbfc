"""Every theme has every colour, and what has to be read can be read in it; a person's own come from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from hatlab.errors import FileError, UserError
from hatlab.settings.effective import Settings
from hatlab.settings.table import DARK_THEME, LIGHT_THEME, THEMES
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.contrast import TEXT, contrast, readable
from hatlab.tui.widgets.theme_choice import check_theme, find_theme, read_theme, theme_names

READ = ("primary", "secondary", "accent", "success", "warning", "error", "foreground")
READ_OF_OURS = ("master", "backup", "fault", "vip", "wire", "warn", "init", "stopped", "quiet")
GROUNDS = ("background", "surface", "panel", "past", "out", "accent-muted", "chosen")


def test_every_well_known_theme_is_offered() -> None:
    assert {*THEMES} == {theme.DARK, theme.LIGHT, *BUILTIN_THEMES} - {"ansi-dark", "ansi-light"}
    assert (theme.DARK, theme.LIGHT) == (DARK_THEME, LIGHT_THEME)


def _ground(text: str, beneath: Color) -> Color:
    """Return a ground; some are written `COLOUR PERCENT%`, over another one."""
    colour, _, percent = text.partition(" ")
    return beneath.blend(Color.parse(colour), float(percent[:-1]) / 100) if percent else Color.parse(colour)


@pytest.mark.parametrize("name", THEMES)
def test_every_colour_of_text_can_be_read_on_every_ground(name: str) -> None:
    found = find_theme(name, Settings())
    assert found.variables.keys() >= theme.DARK_COLOURS.keys() | {"reversed", "scrollbar"}
    made = {**found.to_color_system().generate(), **found.variables}
    background = Color.parse(made["background"])
    grounds = {ground: _ground(made[ground], background) for ground in GROUNDS}
    poor = {
        (key, name): round(ratio, 2)
        for key in (*READ, *READ_OF_OURS)
        for name, ground in grounds.items()
        if (ratio := contrast(Color.parse(made[key]), ground)) < TEXT
    }
    assert poor == {}
    assert contrast(Color.parse(made["alarm-ink"]), Color.parse(made["alarm"])) >= TEXT


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color(255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    grey = Color(128, 128, 128)
    assert contrast(readable(grey, [Color(120, 120, 120)]), Color(120, 120, 120)) >= TEXT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "themes").mkdir()
    return tmp_path / "themes"


def test_a_theme_of_ones_own(folder: Path) -> None:
    text = 'primary = "#102040"\ndark = true\nbackground = "#101010"\nmaster = "#00ff00"\n'
    (folder / "night.toml").write_text(text, encoding="utf-8")
    settings = Settings(folder.parent / "config.toml", {"HATLAB_THEME": "night"})
    assert theme_names(settings)[-1] == "night"
    check_theme(settings)
    found = find_theme("night", settings)
    assert found.variables["master"] == "#00FF00"
    assert contrast(Color.parse(found.primary), Color.parse("#101010")) >= TEXT


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('primary = "blue"\nprimry = 1', "2:1: unknown key `primry`; did you mean `primary`?"),
        ('\nprimary = "bluish"', "2:1: primary: 'bluish' is no colour"),
        ("dark = true", "1:1: `primary` is missing"),
        ('primary = "blue"\ndark = 1', "2:1: dark: this should be true or false"),
        ("primary = blue", "1:11: not valid TOML"),
    ],
)
def test_a_mistake_in_a_theme_is_told_with_its_line(folder: Path, text: str, problem: str) -> None:
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_theme(path)
    assert caught.value.message.startswith(f"{path}:{problem}")


def test_a_theme_that_is_not_there_is_told_with_its_place() -> None:
    with pytest.raises(UserError, match=r"HATLAB_THEME: there is no theme 'nrd'; did you mean `nord`\?"):
        check_theme(Settings(None, {"HATLAB_THEME": "nrd"}))
