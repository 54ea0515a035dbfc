"""The line to type an action in."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, Static

from hatlab.actions import Action
from hatlab.tui.screens.prompt import ActionPrompt
from tests.tui.apps import RunningApp


async def test_a_typed_action_is_checked_before_it_is_done(lab: RunningApp) -> None:
    await lab.reach(ActionPrompt, "colon")
    await lab.type_in_burst(*"loss heartbeat 400", "enter")
    assert isinstance(lab.app.screen, ActionPrompt)
    await lab.press("backspace", "enter")
    await lab.until(lambda: lab.engine.acted == [Action("loss", ("heartbeat", "40"))], "the loss")


async def test_a_typed_edit_takes_the_text_of_the_file(lab: RunningApp, tmp_path: Path) -> None:
    conf = tmp_path / "own.conf"
    await lab.reach(ActionPrompt, "colon")
    line = lab.app.screen.query_one(Input)
    line.value = f"edit db1 {conf}"
    await lab.press("enter")
    assert f"there is no file {conf}" in str(lab.app.screen.query_one("#prompt-help", Static).render())
    conf.write_text("vrrp_instance VI_1 {\n}\n")
    await lab.press("enter")
    await lab.until(lambda: len(lab.engine.acted) == 1, "the edit")
    assert lab.engine.acted[0].text == conf.read_text()


async def test_a_line_longer_than_its_box_is_seen_where_it_is_typed(lab: RunningApp) -> None:
    await lab.reach(ActionPrompt, "colon")
    line = lab.app.screen.query_one(Input)
    await lab.press(
        *'sql db1 "UPDATE lab.accounts SET balance = balance + 10 WHERE id = 1 AND true AND false'
    )
    await lab.until(lambda: "AND true AND false" in line.render_line(0).text, "the end of it")
    assert line.scrollable_content_region.height == 1, "no scrollbar lies over it"


async def test_tab_completes_what_is_typed_in_one_burst(lab: RunningApp) -> None:
    await lab.reach(ActionPrompt, "colon")
    await lab.type_in_burst(*"stop keep", "tab", "enter")
    await lab.until(lambda: lab.engine.acted == [Action("stop", ("keepalived", "db1"))], "the stop")


async def test_tab_leaves_what_nothing_begins_with(lab: RunningApp) -> None:
    await lab.reach(ActionPrompt, "colon")
    await lab.type_in_burst(*"stop nothing", "tab", "tab")
    assert lab.app.screen.query_one(Input).value == "stop nothing"
    assert lab.app.screen.query_one(Input).has_focus


async def test_sql_in_the_action_line_has_colours_as_it_is_typed(lab: RunningApp) -> None:
    await lab.reach(ActionPrompt, "colon")
    line = lab.app.screen.query_one(Input)
    await lab.type_in_burst(*'sql db1 "SELECT 1"')
    await lab.pilot.pause()
    colours = {part.text.strip(): part.style and part.style.color for part in line.render_line(0)}
    assert colours["SELECT"] not in {colour for word, colour in colours.items() if "sql db1" in word}
