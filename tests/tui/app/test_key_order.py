"""What is typed in one burst: no key is lost, none overtakes another, each goes where the person means it."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.widgets import Input

from hatlab.actions import Action
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.lesson.answer_input import AnswerField
from hatlab.tui.log.pane import LogPane
from hatlab.tui.screens.action_result import ActionResult
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.menu import ActionMenu
from hatlab.tui.screens.prompt import ActionPrompt
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running
from tests.tui.learning import LearningApp

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-_{}#/"


def random_typing(seed: int, count: int = 60) -> tuple[list[str], str]:
    """Return keys as somebody types who corrects what they type, and the text that comes of them."""
    drawn = random.Random(seed)
    keys: list[str] = []
    text, cursor = "", 0
    for _ in range(count):
        kind = drawn.random()
        if kind < 0.6:
            letter = drawn.choice(LETTERS)
            keys.append(letter)
            text, cursor = text[:cursor] + letter + text[cursor:], cursor + 1
        elif kind < 0.8:
            keys.append("backspace")
            text, cursor = text[: max(0, cursor - 1)] + text[cursor:], max(0, cursor - 1)
        elif kind < 0.9:
            keys.append("left")
            cursor = max(0, cursor - 1)
        else:
            keys.append("end")
            cursor = len(text)
    return keys, text


@pytest.mark.parametrize("seed", range(2))
async def test_a_burst_in_the_action_line(lab: RunningApp, seed: int) -> None:
    keys, text = random_typing(seed)
    await lab.type_in_burst(":", *keys)
    prompt = lab.app.screen
    assert isinstance(prompt, ActionPrompt)
    assert prompt.query_one(Input).value == text


@pytest.mark.parametrize("seed", range(2))
async def test_a_burst_in_the_menu_and_its_filter(lab: RunningApp, seed: int) -> None:
    keys, text = random_typing(seed)
    await lab.type_in_burst("a", *keys)
    menu = lab.app.screen
    assert isinstance(menu, ActionMenu)
    assert menu.query_one(Input).value == text


@pytest.mark.parametrize("seed", range(2))
async def test_a_burst_in_the_filter_of_a_pane(lab: RunningApp, seed: int) -> None:
    keys, text = random_typing(seed)
    await lab.press("3")
    await lab.type_in_burst("f", *keys)
    assert lab.app.screen.query_one(LogPane).query_one(Input).value == text


@pytest.mark.parametrize("seed", range(3))
async def test_a_burst_in_the_editor(lab: RunningApp, seed: int) -> None:
    keys, text = random_typing(seed)
    await lab.type_in_burst("e", "enter", "up", *keys)
    editor = lab.app.screen
    assert isinstance(editor, ConfEditor)
    assert editor.text.text.split("\n")[0] == text


async def test_an_address_is_replaced_in_the_editor_in_one_burst(lab: RunningApp) -> None:
    await lab.type_in_burst("e", *"10.0.0.123", *["backspace"] * 9, *"92.168.7.8")
    editor = lab.app.screen
    assert isinstance(editor, ConfEditor)
    assert editor.text.text.startswith("192.168.7.8")


async def test_an_action_is_typed_and_done_in_one_burst_and_the_next_one_too(lab: RunningApp) -> None:
    await lab.type_in_burst(":", *"kill mysqld db1", "enter", ":", *"cut lann", "backspace", "enter")
    wanted = [Action("kill", ("mysqld", "db1")), Action("cut", ("lan",))]
    await lab.until(lambda: sorted(map(str, lab.engine.acted)) == sorted(map(str, wanted)), "both actions")


async def test_what_follows_a_closed_dialog_goes_to_what_lies_beneath(lab: RunningApp) -> None:
    await lab.type_in_burst(
        "?", "escape", "a", *"reset", "escape", ":", *"power off db2", "escape", "w", "w", "?"
    )
    assert isinstance(lab.app.screen, HelpScreen)
    assert lab.engine.acted == []


async def test_a_paste_keeps_its_place_between_keys(lab: RunningApp) -> None:
    lab.burst(":", "k", "i")
    lab.app.post_message(events.Paste("ll mysqld"))
    await lab.type_in_burst(" ", *"db2")
    prompt = lab.app.screen
    assert isinstance(prompt, ActionPrompt)
    assert prompt.query_one(Input).value == "kill mysqld db2"


async def test_the_way_from_a_pane_to_an_answer_in_one_burst(predicting: LearningApp) -> None:
    await predicting.type_in_burst(*"13", "backspace", ".", "5", "enter")
    await predicting.until(lambda: "you said 1.5 s — locked" in predicting.text, "the answer")


async def test_a_long_result_takes_what_is_typed_after_it(lab: RunningApp) -> None:
    lab.app.push_screen(ActionResult("Query", "\n".join(f"row {n}" for n in range(9))))
    await lab.type_in_burst(*"row 7", "backspace", "8")
    result = lab.app.screen
    assert isinstance(result, ActionResult)
    assert result.query_one(Input).value == "row 8"
    await lab.type_in_burst("escape", "3", "f", *"why", "enter", "escape")
    assert isinstance(lab.app.screen, LabScreen)
    assert lab.app.screen.query_one(LogPane).filter_text == ""


async def test_a_field_of_a_question_takes_a_burst_while_the_lesson_is_read(predicting: LearningApp) -> None:
    await predicting.type_in_burst("1", "2", "backspace", ".", "2", "5")
    field = predicting.app.focused
    assert isinstance(field, AnswerField)
    assert field.value == "1.25"


async def test_a_result_takes_no_keys_from_the_line_that_is_being_typed() -> None:
    async with running(StoryEngine(effect="a row\n" * 9)) as lab:
        await lab.type_in_burst(*":kill mysqld db1", "enter", *":cut")
        await lab.until(lambda: lab.engine.acted, "the action")
        await lab.pilot.pause(0.5)
        prompt = lab.app.screen
        assert isinstance(prompt, ActionPrompt)
        assert prompt.copyable() == "cut"
        await lab.reach(ActionResult, "escape")
