"""Every question of yes or no has the same two buttons, in the same order, and takes the same keys."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App
from textual.widget import Widget

from hatlab.tui.screens.dialog import ConfirmDialog, DialogButton, LeaveDialog
from tests.tui.apps import RunningApp
from tests.tui.simulated import screen_lines

KEYS = {
    ("enter",): False,
    ("y",): True,
    ("escape",): False,
    ("n",): False,
    ("left", "enter"): True,
    ("tab", "enter"): True,
    ("left", "right", "enter"): False,
}
KINDS = [ConfirmDialog, LeaveDialog]


@pytest.mark.parametrize("kind", KINDS)
async def test_enter_takes_the_marked_answer_which_is_at_first_the_harmless_one(
    kind: type[ConfirmDialog],
) -> None:
    app = App[int]()
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, does_it in KEYS.items():
            answers: list[bool | None] = []
            await app.push_screen(kind("really?", "Something ends."), answers.append)
            await pilot.pause()
            for key in keys[:-1]:
                await pilot.press(key)
            shown = "\n".join(screen_lines(pilot))
            yes, no = (button.label for button in app.screen.query(DialogButton))
            assert shown.index(f" {yes}  y") < shown.index(f" {no}  n Esc")
            if keys[-1] == "enter":
                assert f"▸ {yes if does_it else no}" in shown
                border = app.screen.query_one(".dialog").border_subtitle
                assert f"Enter {yes if does_it else no} " in str(border)
            await pilot.press(keys[-1])
            assert answers == [does_it], keys


async def test_a_click_on_a_button_takes_it() -> None:
    app = App[int]()
    async with app.run_test(size=(80, 24)) as pilot:
        for number, does_it in enumerate((True, False)):
            answers: list[bool | None] = []
            await app.push_screen(ConfirmDialog("really?", "Something ends."), answers.append)
            await pilot.pause()
            await pilot.click(list(app.screen.query(DialogButton))[number])
            await pilot.pause()
            assert answers == [does_it]


async def test_what_changes_something_is_never_marked_unasked_not_even_for_a_moment(lab: RunningApp) -> None:
    marked: list[str] = []
    dialog = ConfirmDialog("give up?", "You will see the cause.", "give up")
    watched = dialog.set_focus

    def watch(widget: Widget | None, *args: Any, **kwargs: Any) -> None:
        marked.append(widget.label if isinstance(widget, DialogButton) else "")
        watched(widget, *args, **kwargs)

    dialog.set_focus = watch  # type: ignore[method-assign]
    lab.app.push_screen(dialog)
    await lab.until(lambda: isinstance(dialog.focused, DialogButton), "the mark")
    assert set(marked) == {"change nothing"}
