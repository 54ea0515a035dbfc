"""`B`: what hatlab concludes is hidden, and comes back; facts stay."""

from __future__ import annotations

from hatlab.tui.app.app import facts_only_text
from hatlab.tui.screens.why import WhyList
from hatlab.tui.widgets.header import FACTS_ONLY, Banner, HeaderLine
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running
from tests.tui.simulated import screen_lines

SPLIT = 36.0
"""A moment of the story at which both servers hold the address."""


def _header(lab: RunningApp) -> str:
    return "\n".join(line.plain for line in lab.app.screen.query_one(HeaderLine).build())


def _kinds(lab: RunningApp) -> set[str]:
    screen = lab.app.lab_screen
    assert screen is not None
    return {entry.kind for entry in screen._log.model.entries}


async def test_b_hides_banners_whys_and_verdicts_and_shows_them_again() -> None:
    async with running(StoryEngine(SPLIT)) as lab:
        screen = lab.app.lab_screen
        assert screen is not None
        banner = screen.query_one(Banner)
        assert banner.sentences
        assert {"why", "condition"} <= _kinds(lab)
        before = screen._log.total_count()

        await lab.press("B")
        assert not banner.sentences
        assert FACTS_ONLY in _header(lab)
        assert not {"why", "condition"} & _kinds(lab)
        assert screen._box.why is None
        assert all(not box.view.doubts for box in screen.map._boxes.values() if box.view is not None)
        assert "MASTER" in "\n".join(screen_lines(lab.pilot))

        await lab.press("w")
        assert not isinstance(lab.app.screen, WhyList)
        assert "Press B" in lab.notices

        await lab.press("B")
        assert banner.sentences
        assert FACTS_ONLY not in _header(lab)
        assert facts_only_text() not in [notice.text for notice in lab.app.pending_notices]
        assert screen._log.total_count() == before
        await lab.reach(WhyList, "w")


async def test_what_happens_while_they_are_hidden_is_explained_afterwards() -> None:
    async with running(StoryEngine(9.0)) as lab:
        await lab.press("B")
        await lab.tell_until(SPLIT)
        assert not {"why", "condition"} & _kinds(lab)
        await lab.press("B")
        assert {"why", "condition"} <= _kinds(lab)
