"""A long effect, in a dialog."""

from __future__ import annotations

from hatlab.tui.screens.action_result import ActionResult
from hatlab.tui.screens.lab import LabScreen
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.simulated import screen_lines

LONG = "\n".join(["Replica_IO_State: Waiting", *(f"Other_{k}: {k}" for k in range(60)), "Last_Errno: 1062"])


async def test_a_long_effect_is_shown_in_a_dialog_and_can_be_searched() -> None:
    async with running(StoryEngine(effect=LONG), size=(80, 24)) as lab:
        await lab.reach(ActionResult, "colon", *'sql db1 "SHOW REPLICA STATUS"', "enter")
        assert "Replica_IO_State: Waiting" in "".join(screen_lines(lab.pilot))
        await lab.type_in_burst(*"errno")
        await lab.until(lambda: "Last_Errno: 1062" in "".join(screen_lines(lab.pilot)), "the line")
        assert "Other_" not in "".join(screen_lines(lab.pilot))
        await lab.type_in_burst(*["backspace"] * 5, *["pagedown"] * 7)
        await lab.until(lambda: "Last_Errno: 1062" in "".join(screen_lines(lab.pilot)), "the end")
        await lab.reach(LabScreen, "escape")
