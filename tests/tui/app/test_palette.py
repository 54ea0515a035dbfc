"""The command palette."""

from __future__ import annotations

from hatlab.actions import Action
from tests.tui.apps import RunningApp


async def test_the_palette_acts(lab: RunningApp) -> None:
    await lab.press("ctrl+p")
    await lab.press(*"Freeze keepalived on db2")
    await lab.pilot.pause(0.5)
    await lab.press("enter")
    await lab.pilot.pause(0.2)
    await lab.press("enter")
    await lab.until(lambda: lab.engine.acted == [Action("freeze", ("keepalived", "db2"))], "the freeze")
