"""The menu: what it offers, finds and does."""

from __future__ import annotations

from functools import partial

import pytest
from textual.widgets import Input, OptionList

from hatlab import events as e
from hatlab.actions import SETTINGS, Action
from hatlab.tui.screens.menu import ActionMenu, EntryOption, MenuEntry, entry_help, menu_entries
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.tui.widgets.bullet_list import BulletOption
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running

KILL = Action("kill", ("mysqld", "db1"))


async def test_the_menu_filters_and_acts(lab: RunningApp) -> None:
    await lab.reach(ActionMenu, "a")
    await lab.type_in_burst(*"cut heart db2", "enter")
    await lab.until(lambda: lab.engine.acted == [Action("cut", ("heartbeat", "db2"))], "the cut")


async def test_the_menu_moves_past_headings(lab: RunningApp) -> None:
    await lab.reach(ActionMenu, "a")
    await lab.press("down", "up", "up", "enter")
    await lab.until(lambda: lab.engine.acted == [KILL], "the first entry")


async def test_a_menu_entry_that_needs_words_opens_the_line(lab: RunningApp) -> None:
    await lab.reach(ActionMenu, "a")
    await lab.reach(ActionPrompt, *"set db2", "enter")
    assert lab.app.screen.query_one(Input).value == "set db2 "
    await lab.type_in_burst(*"priority 200", "enter")
    await lab.until(lambda: lab.engine.acted == [Action("set", ("db2", "priority", "200"))], "the set")


@pytest.mark.parametrize("setting", SETTINGS)
async def test_the_menu_finds_a_setting_by_its_name(lab: RunningApp, setting: str) -> None:
    await lab.press("a", *setting)
    menu = lab.app.screen
    assert isinstance(menu, ActionMenu)
    first = first_entry(menu)
    assert first is not None
    assert (first.title, first.line) == ("Set priority, advert_int … on db1", "set db1 ")


async def test_a_click_on_a_node_opens_its_menu(lab: RunningApp) -> None:
    await lab.pilot.click("#node-db2")
    await lab.until(lambda: isinstance(lab.app.screen, ActionMenu), "the menu")
    offered = menu_entries(lab.app.state, (), "db2")
    assert offered
    assert all(choice.node == "db2" for choice in offered)


async def test_how_an_action_is_written_in_general_is_told_where_words_are_missing(lab: RunningApp) -> None:
    """The line to type says it all of an action that is whole, and is shorter."""
    offered = menu_entries(lab.app.state, (), "db2")
    assert {entry.action is None for entry in offered} == {True, False}
    assert all(("usage:" in entry_help(entry).plain) is (entry.action is None) for entry in offered)


async def test_the_menu_offers_what_mends_first() -> None:
    async with running(StoryEngine(12.0)) as lab:
        await lab.reach(ActionMenu, "a")
        await lab.press("enter")
        await lab.until(lambda: lab.engine.acted == [Action("start", ("mysqld", "db1"))], "mended")


async def test_the_menu_is_searched_by_what_its_entries_do(lab: RunningApp) -> None:
    menu = await lab.reach(ActionMenu, "a")
    found = (
        ("deaf db2 heartbeat", "cut heartbeat db2"),
        ("stop keepalived db2", "stop keepalived db2"),
        ("runs a query", "sql db1 "),
        ("deaf", "cut heartbeat db1"),
        ("freeze", "freeze mysqld db1"),
    )
    for words, line in found:
        await lab.type_in_burst(*words)
        await lab.until(partial(_offers, menu, line), words)
        await lab.type_in_burst(*["backspace"] * len(words))


def first_entry(menu: ActionMenu) -> MenuEntry | None:
    options = menu.query_one(OptionList).options
    return next((option.entry for option in options if isinstance(option, EntryOption)), None)


def _offers(menu: ActionMenu, line: str) -> bool:
    entry = first_entry(menu)
    return entry is not None and entry.line == line


async def test_the_menu_offers_only_what_can_be_done_and_says_why_not_the_rest() -> None:
    engine = StoryEngine(8.0)
    async with running(engine) as lab:
        engine.tell(e.Node(at=8.1, node="db1", state="off"))
        await lab.wait_until_seen()
        menu = await lab.reach(ActionMenu, "a")
        offered = [option.entry.line for option in _entry_options(menu)]
        assert "power on db1" in offered
        assert "kill mysqld db1" not in offered
        await lab.type_in_burst(*"kill mysqld db1")
        await lab.until(lambda: len(_entry_options(menu)) == 1, "what is looked for")
        (option,) = _entry_options(menu)
        assert option.disabled
        assert "Kill mysqld on db1 (SIGKILL): db1 is off" in str(option.prompt)
        await lab.press("enter")
        assert isinstance(lab.app.screen, ActionMenu)
        assert engine.acted == []


def _entry_options(menu: ActionMenu) -> list[EntryOption]:
    return [option for option in menu.query_one(OptionList).options if isinstance(option, EntryOption)]


@pytest.mark.parametrize("width", [24, 40, 60])
async def test_no_line_of_a_long_entry_looks_like_another_entry(lab: RunningApp, width: int) -> None:
    for entry in menu_entries(lab.app.state, ()):
        option = EntryOption(entry)
        assert isinstance(option.prompt, BulletOption)
        first, *rest = [line.plain for line in option.prompt._lines(width)]
        assert first.startswith("  ")
        assert all(line.startswith("    ") for line in rest), first
        assert max(map(len, (first, *rest))) <= width
