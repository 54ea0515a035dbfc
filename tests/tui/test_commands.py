"""One table of commands feeds bindings, footer, palette and help."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.widget import Widget

from hatlab.actions import Action
from hatlab.tui.app.app import LabApp
from hatlab.tui.commands import COMMANDS, action_from_line
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.screens.dialog import ConfirmDialog, FailureScreen
from hatlab.tui.screens.help import HelpScreen, help_page
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.tui.screens.why import WhyList
from hatlab.tui.widgets.key_bar import KeyBar
from hatlab.tui.widgets.tabs import Tabs
from tests.tui.apps import RunningApp, running


def test_no_two_commands_share_a_key_or_an_id() -> None:
    assert len({c.id for c in COMMANDS}) == len(COMMANDS)
    for others in ({"lesson"}, {"recorded"}):  # a lesson is never one of a recording
        keys = [c.key for c in COMMANDS if c.needs not in others]
        assert len(set(keys)) == len(keys)
    ranks = [c.footer for c in COMMANDS if c.footer]
    assert len(set(ranks)) == len(ranks)


DIALOGS = (ActionMenu, ActionPrompt, HelpScreen, WhyList, ConfirmDialog, FailureScreen)


@pytest.mark.parametrize("owner", [LabApp, ConfEditor, *DIALOGS], ids=lambda o: o.__name__)
def test_every_binding_can_be_rebound_and_says_what_it_does(owner: type[Widget]) -> None:
    for binding in owner.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id, binding
        assert binding.description or binding.tooltip, binding


def test_every_line_of_the_table_is_an_action() -> None:
    for command in COMMANDS:
        if command.line:
            assert isinstance(action_from_line(command.line, "db1", "heartbeat"), Action)
        else:
            name = command.call.split("(")[0]
            assert hasattr(LabApp, f"action_{name}"), name


def test_help_tells_every_key() -> None:
    text = help_page("keys", 90).plain
    for command in COMMANDS:
        assert command.help in " ".join(text.split())


async def test_a_click_in_the_footer_does_what_the_key_does(lab: RunningApp) -> None:
    bar = lab.app.screen.query_one(KeyBar)
    begin = next(begin for begin, _, key, _, _ in bar._buttons() if key == "c")
    await lab.pilot.click(KeyBar, offset=(begin + 1, 0))
    await lab.until(lambda: lab.engine.acted == [Action("cut", ("heartbeat",))], "the cut")


async def test_a_click_on_a_tab_chooses_its_pane() -> None:
    async with running(size=(80, 24)) as lab:
        tabs = lab.app.screen.query_one(Tabs)
        await lab.pilot.click(Tabs, offset=(20, 0))
        await lab.until(lambda: tabs.active == "packets", "the packets")
        await lab.pilot.click(Tabs, offset=(3, 0))
        await lab.until(lambda: tabs.active == "timeline", "the timeline")


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
async def test_the_footer_fits_and_keeps_what_is_needed_most(width: int) -> None:
    async with running(size=(width, 24)) as lab:
        shown = lab.app.screen.query_one(KeyBar)._buttons()
        assert shown[-1][1] <= width
        keys = {key for _, _, key, _, _ in shown}
        assert {"a", "k", "c", "u"} <= keys
        if width >= 80:
            assert {"?", "q", "s", "L"} <= keys
        if width >= 100:
            assert {"e", "w"} <= keys
