"""The screen of `hatlab compare`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hatlab.compare.comparison import compare_courses
from hatlab.compare.course import read_course
from hatlab.settings.effective import Settings
from hatlab.state.steps import derive_steps
from hatlab.tui.comparison import ComparisonApp, OverlayChart
from hatlab.tui.keys import use_keymap
from hatlab.tui.widgets.line_widget import line_plain
from tests.support.story import story

FACTS = story(44.0)


def test_differences_are_drawn_between_both_runs_and_chosen_by_keys() -> None:
    later = [replace(ev, at=ev.at + 0.5) if ev.at > 12 else ev for ev in FACTS]
    comparison = compare_courses(read_course(derive_steps(FACTS)), read_course(derive_steps(later)))
    app = ComparisonApp(comparison, ("before.jsonl", "after.jsonl"))

    async def look() -> None:
        async with app.run_test(size=(120, 35)) as pilot:
            await pilot.pause()
            chart = app.query_one(OverlayChart)
            text = "\n".join(line_plain(line) for line in chart.build())
            assert "A db1" in text
            assert "B db1" in text
            assert "+0.50 s" in text
            first = chart.cursor
            await pilot.press("n")
            assert chart.cursor is not None
            assert first is not None
            assert chart.cursor > first
            await pilot.press("N")
            assert chart.cursor == first
            await pilot.press("q")

    asyncio.run(look())
    assert not app.is_running


def test_its_keys_are_those_that_a_person_has_bound() -> None:
    later = [replace(ev, at=ev.at + 0.5) if ev.at > 12 else ev for ev in FACTS]
    comparison = compare_courses(read_course(derive_steps(FACTS)), read_course(derive_steps(later)))
    settings = Settings(None, {"HATLAB_KEYS": "compare.next=f6 compare.previous=f7 app.quit=f10"})
    app = ComparisonApp(comparison, ("before.jsonl", "after.jsonl"), settings)

    async def look() -> None:
        async with app.run_test(size=(120, 35)) as pilot:
            await pilot.pause()
            chart = app.query_one(OverlayChart)
            first = chart.cursor
            await pilot.press("n", "N", "q")
            assert chart.cursor == first
            await pilot.press("f6")
            assert chart.cursor != first
            await pilot.press("f7")
            assert chart.cursor == first
            chart.cursor = None
            chart.build()
            assert "F6: next difference" in str(chart.border_subtitle)
            await pilot.press("f10")

    try:
        asyncio.run(look())
    finally:
        use_keymap({})
    assert not app.is_running
