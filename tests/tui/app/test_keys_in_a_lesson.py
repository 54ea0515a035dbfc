"""What is typed in a lesson goes where the learner means it, wherever the focus happens to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.lesson.answer_input import AnswerField, ChoiceList
from hatlab.tui.lesson.lesson_text import LessonText
from hatlab.tui.packets.detail import PacketDetail
from hatlab.tui.screens.dialog import LeaveDialog
from hatlab.tui.screens.help import HelpScreen
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_start import LessonStart
from hatlab.tui.screens.prompt import ActionPrompt
from hatlab.tui.widgets.key_bar import KeyBar
from tests.tui.apps import RunningApp, wait_for
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine
from tests.tui.simulated import screen_lines

BESIDE = (120, 35)
"""The least size at which the tutor stands beside the lab."""


def number_field(lab: LearningApp) -> AnswerField:
    field = lab.tutor.number_field
    assert field is not None
    return field


def text_of(dialog: LeaveDialog) -> str:
    return " ".join(str(widget.render()) for widget in dialog.query(Static))


async def at_prediction(lab: LearningApp) -> LearningApp:
    await lab.go_on()
    assert lab.step == 1
    return lab


# -- the action line -------------------------------------------------------------------------------------


async def test_a_colon_opens_the_action_line_from_everywhere(lab: RunningApp) -> None:
    for before in ("", "1", "2", "2 f", "3 /", "1 /", "question_mark", "w", "a", "2 up enter", "R"):
        await lab.press("escape", "escape", *before.split())
        await lab.type_in_burst(*":kill mysqld db2")
        prompt = lab.app.screen
        assert isinstance(prompt, ActionPrompt), before
        assert prompt.copyable() == "kill mysqld db2", before
        await lab.press("escape")
        assert isinstance(lab.app.screen, LabScreen), f"what was open is closed: {before}"


async def test_a_colon_opens_the_action_line_from_a_question(predicting: LearningApp) -> None:
    lab = predicting
    await lab.type_in_burst("1", "2", *":cut")
    assert isinstance(lab.app.screen, ActionPrompt)
    await lab.press("escape")
    assert number_field(lab).value == "12"
    assert number_field(lab).has_focus, "the question has the keys again"


async def test_a_colon_opens_the_action_line_from_choices_and_closes_a_question(learner: LearningApp) -> None:
    await learner.press("enter")
    assert isinstance(learner.app.focused, ChoiceList)
    await learner.type_in_burst("q", *":cut")
    assert isinstance(learner.app.screen, ActionPrompt)


async def test_the_action_line_opens_over_an_editor_and_keeps_its_text(lab: RunningApp) -> None:
    await lab.type_in_burst("e", "#", ":")
    editor = lab.app.screen
    assert isinstance(editor, ConfEditor)
    assert editor.text.text.startswith("#:"), "in a text, a colon is a colon"
    editor.query_one("#check").focus()
    await lab.reach(ActionPrompt, ":")
    await lab.reach(ConfEditor, "escape")


# -- digits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, BESIDE], ids=str)
async def test_digits_go_into_the_open_number_question(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine()), size=size) as lab:
        await at_prediction(lab)
        lab.screen.timeline.focus()
        await lab.type_in_burst("1", "2", ".", "5")
        assert number_field(lab).value == "12.5"
        assert number_field(lab).has_focus
        assert lab.screen.tutor_visible


async def test_after_escape_digits_show_the_panes_until_one_returns_to_the_question(
    predicting: LearningApp,
) -> None:
    lab = predicting
    await lab.type_in_burst("7", "escape", "2")
    assert not lab.screen.tutor_visible
    await lab.type_in_burst("4", "8")
    assert number_field(lab).value == "78"


async def test_a_new_question_s_field_has_the_keys_and_the_text_can_still_be_read(
    predicting: LearningApp,
) -> None:
    lab = predicting
    await lab.press("b", "n")
    lab.tutor.text.focus()
    await lab.pilot.pause()
    await lab.type_in_burst("3", "up", "down")
    assert number_field(lab).value == "3"


@pytest.mark.parametrize("size", [SMALL, BESIDE], ids=str)
async def test_a_number_typed_before_its_question_is_there_goes_into_it(size: tuple[int, int]) -> None:
    app = app_with(story_engine(), "number")
    try:
        async with app.run_test(size=size) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, LessonStart), "the introduction")
            await pilot.press("enter", "1", "2", ".", "5")
            lab = LearningApp(app, app.session.engine, pilot)  # type: ignore[arg-type]
            await lab.until(lambda: app.lab_screen and lab.tutor.number_field, "the question")
            await lab.until(lambda: number_field(lab).value == "12.5", "what was typed")
            assert lab.screen.tutor_visible
    finally:
        app.session.stop()


async def test_a_key_that_the_step_speaks_of_works_while_its_question_has_the_keys() -> None:
    async with learning(app_with(story_engine(), "number"), size=SMALL) as lab:
        await lab.until(lambda: lab.tutor.number_field, "the question")
        await lab.type_in_burst("1", "s")
        assert number_field(lab).value == "1s", "its unit"
        await lab.type_in_burst("backspace", "a", "k")
        await lab.until(lambda: lab.shows("k is a lab key"), "why not")
        assert isinstance(lab.app.screen, LabScreen)
        await lab.reach(ConfEditor, "e")
        await lab.press("escape")
        await lab.type_in_burst("2")
        assert number_field(lab).value == "12"


async def test_escape_in_a_question_shows_the_present_first_as_the_header_says(
    predicting: LearningApp,
) -> None:
    lab = predicting
    lab.screen.show_moment(9.0, lab.app.state)
    await lab.until(lambda: "press Esc for live" in screen_lines(lab.pilot)[0], "the past")
    await lab.type_in_burst("1")
    await lab.until(lambda: "Esc: live" in lab.status_text, "the same beneath the question")
    await lab.press("escape")
    assert lab.screen.viewed_moment is None
    await lab.type_in_burst("2")
    assert number_field(lab).value == "12", "the question still has the keys"
    await lab.until(lambda: "Esc: lab" in lab.status_text, "the other use of the key")
    await lab.type_in_burst("escape", "2")
    assert not lab.screen.tutor_visible


# -- enter -----------------------------------------------------------------------------------------------


async def test_enter_answers_and_opens_no_packet_while_a_question_is_open() -> None:
    async with learning(app_with(story_engine()), size=BESIDE) as lab:
        await lab.press("2")
        assert lab.screen._packets.has_focus_within
        assert "Press Enter to answer" in lab.status_text
        await lab.press("enter")
        assert isinstance(lab.app.focused, ChoiceList)
        await lab.press("escape", "2", "up")
        await lab.until(lambda: "Press 4 to answer" in lab.status_text, "the other key")
        await lab.reach(PacketDetail, "enter")
        await lab.press("escape", "4")
        assert isinstance(lab.app.focused, ChoiceList)


# -- leaving ---------------------------------------------------------------------------------------------


async def test_q_asks_in_a_lesson_and_says_what_is_kept(tmp_path: Path) -> None:
    progress_file = ProgressFile(tmp_path / "progress.json")
    async with learning(app_with(story_engine(), progress_file=progress_file), size=SMALL) as lab:
        dialog = await lab.reach(LeaveDialog, "q")
        assert "To continue this lesson where you left it" in text_of(dialog)
        await lab.press("escape")
        assert isinstance(lab.app.screen, LabScreen)
        await lab.type_in_burst("q", "q")
        await lab.until(lambda: not lab.app.is_running, "the end")
    assert lab.app.return_code == 0


@pytest.mark.parametrize("keys", ["left enter", "y", "ctrl+q", "ctrl+c"])
async def test_a_second_key_leaves(learner: LearningApp, keys: str) -> None:
    await learner.reach(LeaveDialog, "ctrl+q")
    await learner.type_in_burst(*keys.split())
    await learner.until(lambda: not learner.app.is_running, "the end")


async def test_enter_where_leaving_is_asked_stays(learner: LearningApp) -> None:
    await learner.reach(LeaveDialog, "ctrl+q")
    await learner.reach(LabScreen, "enter")
    assert learner.app.is_running


async def test_q_at_a_number_question_asks(predicting: LearningApp) -> None:
    await predicting.type_in_burst("1", ":", "s", "q", "escape", "q")
    assert isinstance(predicting.app.screen, LeaveDialog)


async def test_leaving_tells_of_a_text_that_was_not_applied(lab: RunningApp) -> None:
    await lab.type_in_burst("e", *"# mine")
    dialog = await lab.reach(LeaveDialog, "ctrl+q")
    assert "not applied" in text_of(dialog)


# -- escape ----------------------------------------------------------------------------------------------


async def test_escape_goes_back_one_level_at_a_time(learner: LearningApp) -> None:
    lab = learner
    await lab.press("2", "f", *"vrrp", "enter")
    packets = lab.screen._packets
    assert packets.filter_text == "vrrp"
    await lab.press("1", "left")
    assert lab.screen.viewed_moment is not None
    await lab.press("2")
    await lab.press("escape")
    assert lab.screen.viewed_moment is None
    await lab.press("escape")
    assert packets.filter_text == ""
    assert not lab.screen.tutor_visible
    await lab.press("escape")
    assert lab.screen.tutor_visible
    await lab.press("escape")
    assert isinstance(lab.app.focused, LessonText)
    await lab.reach(HelpScreen, "question_mark")
    await lab.press("escape")
    assert isinstance(lab.app.screen, LabScreen)


async def test_escape_leaves_a_page_that_is_read_again(predicting: LearningApp) -> None:
    lab = predicting
    await lab.press("escape", "b")
    await lab.until(lambda: "Which node is Master?" in lab.text, "the step before")
    await lab.press("escape")
    await lab.until(lambda: "For how many seconds" in lab.text, "the step that is on")


# -- the lines of keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, (100, 30), BESIDE, (160, 48)], ids=str)
async def test_keys_that_a_lesson_speaks_of_are_in_the_lines_of_keys(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine()), size=size) as lab:
        await lab.until(lambda: "w" in lab.screen._keys.needed, "what the lesson needs")
        shown = {button.key for bar in lab.screen.query(KeyBar) for button in bar._buttons()}
        assert {"w", "n", "h", "r", "b", "S", "v", "q"} <= shown


# -- a new step -----------------------------------------------------------------------------------------


async def test_a_new_step_shows_the_tutor_and_the_lab_as_it_is_now() -> None:
    async with learning(app_with(story_engine()), size=SMALL) as lab:
        await lab.press("S")
        await lab.tell_until(10.2)
        await lab.until(lambda: lab.runner.item is None, "the end of the first step")
        await lab.press("1", "left")
        assert lab.app.viewed_moment is not None
        assert not lab.screen.tutor_visible
        await lab.press("n")
        assert lab.step == 1
        assert lab.app.viewed_moment is None
        assert lab.screen.tutor_visible


async def test_y_says_which_key_fixes_what_a_step_needs(learner: LearningApp) -> None:
    await learner.press("y")
    assert "Press u to fix the latest fault." in learner.notices


async def test_a_number_question_says_what_it_asks_for_in_words(predicting: LearningApp) -> None:
    assert number_field(predicting).placeholder == "a number of seconds, give or take 0.5"


async def test_n_turns_the_page_before_it_says_what_is_open() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        await lab.press("n")
        await lab.until(lambda: lab.tutor.text.scroll_offset.y > 0, "the next lines")
        assert "Not yet" not in lab.notices
        for _ in range(20):
            if not lab.tutor.text.has_more_below:
                break
            await lab.press("n")
        assert "Not yet" not in lab.notices
        await lab.press("n")
        await lab.until(
            lambda: "Not yet: do the task first, or press S to skip." in lab.notices, "what is open"
        )
