"""`g` opens the glossary at the words on the screen; typing searches, Esc goes back."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList, Static

from hatlab.tui.screens.glossary import GlossaryScreen, TermOption
from tests.tui.apps import RunningApp, running
from tests.tui.learning import SMALL, WIDE, app_with, learning, story_engine


def listed(lab: RunningApp) -> list[str]:
    options = lab.app.screen.query_one(OptionList).options
    return [option.term.name if isinstance(option, TermOption) else str(option.prompt) for option in options]


def shown(lab: RunningApp) -> str:
    """What is explained."""
    return str(lab.app.screen.query_one("#glossary-text", Static).content)


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=str)
async def test_the_words_of_the_lesson_s_page_come_first(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine()), size=size) as lab:
        await lab.reach(GlossaryScreen, "g")
        assert listed(lab)[:5] == ["On the screen", "client", "Master", "Backup", "All words"]
        await lab.until(lambda: "The program that uses the database." in shown(lab), "its first word")
        await lab.press("down")
        await lab.until(lambda: "The server of a pair" in shown(lab), "the next word")


async def test_what_is_typed_searches_in_order_and_esc_goes_back() -> None:
    async with learning(app_with(story_engine()), size=SMALL) as lab:
        await lab.reach(GlossaryScreen, "g")
        await lab.press(*"skew")
        await lab.until(lambda: listed(lab) == ["skew"], "the word")
        assert lab.app.screen.query_one(Input).value == "skew"
        await lab.until(lambda: "(256 − priority) / 256" in shown(lab), "what it means")
        await lab.press("enter")
        await lab.until(lambda: not lab.app.screen.query_one(Input).has_focus, "the text to have the keys")
        await lab.press("escape")
        await lab.until(lambda: lab.app.screen.query_one(Input).has_focus, "the search again")
        await lab.press("escape")
        await lab.until(lambda: not isinstance(lab.app.screen, GlossaryScreen), "the lesson")
        assert lab.step == 0
        assert lab.runner.progress.answers == {}


async def test_a_search_without_a_result_says_so() -> None:
    async with running(size=SMALL) as lab:
        await lab.reach(GlossaryScreen, "g")
        await lab.press(*"quokka")
        await lab.until(lambda: "No word matches." in shown(lab), "the answer")
        await lab.press("enter", "escape", "escape")
        await lab.until(lambda: not isinstance(lab.app.screen, GlossaryScreen), "the lab")


async def test_without_a_lesson_the_words_of_the_pane_come_first() -> None:
    async with running(size=SMALL) as lab:
        await lab.press("2")
        await lab.until(lambda: lab.app.lab_screen and lab.app.lab_screen.pane_with_keys == "packets", "it")
        await lab.reach(GlossaryScreen, "g")
        here = listed(lab)[1 : listed(lab).index("All words")]
        assert {"advert", "multicast", "gratuitous ARP"} <= set(here)
        assert "GTID" not in here
