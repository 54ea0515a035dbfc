"""Screens that were left keep nothing in memory."""

from __future__ import annotations

import gc
import weakref

from hatlab.tui.screens.help import HelpScreen
from tests.tui.apps import running


async def test_a_screen_that_was_left_has_no_lines_in_memory() -> None:
    async with running() as lab:
        seen: list[weakref.ref[object]] = []
        for _ in range(2):
            screen = await lab.reach(HelpScreen, "question_mark")
            seen += [weakref.ref(widget._styles_cache) for widget in screen.query("*")]
            await lab.press("escape")
        del screen

        def is_forgotten() -> bool:
            gc.unfreeze()
            gc.collect()
            return not [cache for cache in seen[: len(seen) // 2] if cache() is not None]

        assert seen
        await lab.until(is_forgotten, "the first help screen to be forgotten")
