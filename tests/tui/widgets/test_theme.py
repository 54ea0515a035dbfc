"""Colours that can be read, and screens that can be read without any."""

from __future__ import annotations

from itertools import product

import pytest
from textual.color import Color
from textual.theme import Theme

from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.tui.widgets import theme
from tests.support.story_engine import StoryEngine
from tests.tui.apps import wait_for_lab

INKS = ("master", "backup", "fault", "vip", "wire", "warn", "quiet", "init", "stopped")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA."""


def _contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, as WCAG defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _grounds(found: Theme) -> dict[str, Color]:
    grounds = {name: Color.parse(getattr(found, name)) for name in ("background", "surface", "panel")}
    return grounds | {"chosen": Color.parse(found.variables["chosen"])}


@pytest.mark.parametrize("found", theme.THEMES, ids=lambda found: found.name)
def test_every_ink_can_be_read_on_every_ground(found: Theme) -> None:
    grounds = _grounds(found)
    inks = {name: found.variables[name] for name in INKS} | {"foreground": found.foreground}
    weak = {
        (ink, ground): round(contrast, 2)
        for ink, ground in product(inks, grounds)
        if (contrast := _contrast(grounds[ground], Color.parse(inks[ink] or ""))) < LEAST_CONTRAST
    }
    assert weak == {}


@pytest.mark.parametrize("found", theme.THEMES, ids=lambda found: found.name)
def test_the_banner_and_the_cursor_can_be_read(found: Theme) -> None:
    alarm, ink = (Color.parse(found.variables[name]) for name in ("alarm", "alarm-ink"))
    cursor, under = Color.parse(found.accent or ""), Color.parse(found.background or "")
    assert _contrast(alarm, ink) >= LEAST_CONTRAST
    assert _contrast(cursor, under) >= LEAST_CONTRAST


async def test_without_colour_none_is_drawn_and_reverse_shows_what_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = LabApp(Session(StoryEngine(36.0)), clock=lambda: 0.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_lab(pilot)
        for keys in ((), ("2", "up"), ("a",)):
            await pilot.press(*keys)
            await pilot.pause(0.3)
            segments = [s for strip in app.screen._compositor.render_strips() for s in strip if s.style]
            colours = {c for s in segments if s.style for c in (s.style.color, s.style.bgcolor) if c}
            assert all(colour.is_default for colour in colours)
            reversed_text = " ".join(s.text for s in segments if s.style and s.style.reverse)
            assert "SPLIT BRAIN" in reversed_text or "a" in keys
        assert "Heal" in reversed_text, "the chosen entry of the menu"
