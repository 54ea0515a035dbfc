"""↑ and ↓ in the action line bring back what was typed before, as in a shell."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.prompt import ActionPrompt
from tests.tui.apps import RunningApp

KILL, FREEZE = "kill mysqld db1", "freeze mysqld db2"


@pytest.fixture
async def typed(lab: RunningApp) -> RunningApp:
    """An app in which two actions were typed."""
    for line in (KILL, FREEZE, FREEZE):
        await lab.reach(ActionPrompt, ":")
        await lab.type_in_burst(*line, "enter")
        await lab.until(lambda: isinstance(lab.app.screen, LabScreen), "the lab")
    return lab


async def test_up_and_down_bring_lines_back(typed: RunningApp) -> None:
    await typed.reach(ActionPrompt, ":")
    await typed.type_in_burst(*"pow")
    line = typed.app.screen.query_one(Input)
    shown = []
    for key in ("up", "up", "up", "down", "down", "down"):
        await typed.press(key)
        shown.append(line.value)
    assert shown == [FREEZE, KILL, KILL, FREEZE, "pow", "pow"]


async def test_a_line_that_is_no_action_is_not_kept(typed: RunningApp) -> None:
    await typed.reach(ActionPrompt, ":")
    await typed.type_in_burst(*"explode db1", "enter", "escape")
    await typed.reach(ActionPrompt, ":")
    await typed.press("up")
    assert typed.app.screen.query_one(Input).value == FREEZE
