"""In ASCII every screen is as wide as ever, and holds ASCII alone."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from hatlab.describe import symbols
from hatlab.session import Session
from hatlab.tui.app.app import LabApp
from hatlab.util.glyphs import to_ascii
from tests.support.story_engine import StoryEngine
from tests.tui.apps import wait_for_lab
from tests.tui.simulated import screen_lines

SCREENS = {
    "the lab": (),
    "packets": ("2",),
    "log": ("3",),
    "a past moment": ("1", "left", "left"),
    "menu": ("a",),
    "help": ("question_mark",),
    "editor": ("e",),
    "whys": ("w",),
    "palette": ("ctrl+p",),
    "prompt": ("colon",),
    "glossary": ("g",),
    "a packet": ("2", "up", "enter"),
}


@pytest.mark.parametrize("size", [(80, 24), (120, 35)])
@pytest.mark.parametrize("name", SCREENS)
async def test_only_ascii_is_drawn(name: str, size: tuple[int, int]) -> None:
    app = LabApp(Session(StoryEngine(36.0)), clock=lambda: 0.0, ascii_only=True)
    async with app.run_test(size=size) as pilot:
        await wait_for_lab(pilot)
        await pilot.press(*SCREENS[name])
        await pilot.pause(0.3)
        lines = screen_lines(pilot)
        assert len(lines) == size[1]
        for line in lines:
            assert line.isascii(), line
            assert len(line) == size[0]


async def test_a_line_in_ascii_is_as_long_as_with_glyphs() -> None:
    """What stands where is the same: the two screens differ in no blank."""
    pictures = []
    for ascii_only in (False, True):
        app = LabApp(Session(StoryEngine(36.0)), clock=lambda: 0.0, ascii_only=ascii_only)
        async with app.run_test(size=(120, 35)) as pilot:
            await wait_for_lab(pilot)
            pictures.append(screen_lines(pilot))
    with_glyphs, plain = pictures
    assert list(map(to_ascii, with_glyphs)) == plain


def test_states_have_different_forms() -> None:
    tables = (symbols.STATE_SYMBOLS, {k: symbols.POWER_SYMBOLS[k] for k in ("off", "paused")})
    glyphs = [symbol.glyph for table in tables for symbol in table.values()]
    glyphs += [symbols.PROCESS_SYMBOLS[state].glyph for state in ("up", "frozen")]
    assert len({to_ascii(glyph) for glyph in glyphs}) == len(glyphs)


@pytest.mark.parametrize("text", ["★ MASTER━━", "╭──╮", "⚡ 中文", "naïve e\u0301", "▐150▌╌╌▸", "a\tb"])
def test_a_form_is_as_wide_as_its_glyph(text: str) -> None:
    assert to_ascii(text).isascii()
    assert len(to_ascii(text)) == cell_len(text) or "\t" in text
