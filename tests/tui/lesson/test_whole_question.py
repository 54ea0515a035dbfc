"""A question that has the keys is seen as a whole: its text and all its choices, or its field."""

from __future__ import annotations

import pytest

from hatlab.tui.lesson.block_widgets import TaskWidget
from hatlab.tui.lesson.view_model import TaskBlock
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine
from tests.tui.simulated import screen_lines

SIZES = [SMALL, (100, 30), (120, 35)]


def is_whole(lab: LearningApp) -> bool:
    question = lab.tutor.open_question
    return question is not None and lab.tutor.text.region.contains_region(question.region)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_question_of_a_lesson_is_whole_while_it_has_the_keys(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine(), "verdicts"), size=size) as lab:
        await lab.press("enter")
        await lab.until(lambda: lab.tutor.answering and is_whole(lab), "the first question")
        await lab.press("down", "down", "enter")
        await lab.until(lambda: lab.tutor.answering and is_whole(lab), "nine choices")
        await lab.press("down", "enter")
        await lab.until(lambda: lab.shows("One is not it"), "the verdict on a wrong answer")
        await lab.until(lambda: is_whole(lab), "the choices, too")
        await lab.press("end", "enter")
        await lab.until(lambda: lab.shows("Nine is the last"), "the verdict on the right answer")
        await lab.press("5")
        await lab.until(lambda: is_whole(lab) and lab.shows("5"), "the field that is typed into")
        await lab.press("enter")
        await lab.until(lambda: "locked" in lab.text, "the lock")
        assert not lab.screen.has_class("-tight", "-tighter")


async def test_what_is_said_of_a_number_is_read_before_the_next_question_has_the_keys() -> None:
    async with learning(app_with(story_engine(), "counted"), size=SMALL) as lab:
        await lab.press("2", "enter")
        await lab.until(lambda: lab.runner.progress.answers, "the answer")
        await lab.pilot.pause(0.7)
        assert lab.shows("✔ right: you said 2")
        assert "Press Enter to answer" in lab.status_text


async def test_what_has_no_place_on_the_page_yet_is_not_told_as_further_down(predicting: LearningApp) -> None:
    tutor = predicting.tutor
    tutor._widgets = {"new": TaskWidget(TaskBlock("new", "Do it.", "open"))}
    assert tutor.open_item_visible
    assert tutor._widget_in_sight() is None


async def test_an_empty_answer_shows_the_question_and_what_is_missing(predicting: LearningApp) -> None:
    lab = predicting
    lab.tutor.text.scroll_home(animate=False)
    await lab.press("enter", "enter")
    await lab.until(lambda: is_whole(lab) and lab.shows("Type a number"), "the question")


async def test_the_view_stays_where_an_answer_was_given(predicting: LearningApp) -> None:
    lab = predicting
    await lab.press("3", "enter")
    await lab.until(lambda: lab.tutor.answering and is_whole(lab), "the next question")
    await lab.press("down", "down", "enter")
    await lab.until(lambda: "Wait until the client" in lab.text, "the task")
    await lab.pilot.pause(0.7)
    assert lab.shows("locked")
    assert lab.shows("Wait until the client is answered again.")


async def test_somebody_who_scrolls_is_left_there(judged: LearningApp) -> None:
    lab = judged
    await lab.press("escape", "home")
    assert lab.tutor.text.scroll_offset.y == 0
    await lab.tell_until(9.5)
    await lab.pilot.pause(0.6)
    assert lab.tutor.text.scroll_offset.y == 0


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_keys_in_a_burst_do_not_leave_choices_without_their_question(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine(), "verdicts"), size=size) as lab:
        await lab.type_in_burst("enter", "down", "down", "enter", "down", "down", "down", "down")
        await lab.until(lambda: lab.tutor.answering and is_whole(lab), "the question and its choices")


async def test_the_tutor_s_keys_stay_while_a_question_needs_more_room() -> None:
    async with learning(app_with(story_engine(), "verdicts"), size=SMALL) as lab:
        await lab.press("enter")
        await lab.answer("down", "down")
        await lab.until(lambda: lab.screen.has_class("-tight") and is_whole(lab), "nine choices")
        keys = "\n".join(screen_lines(lab.pilot)[-2:])
        assert "S skip" in keys
        assert "q quit" in keys


async def test_who_puts_a_question_aside_before_it_has_the_keys_keeps_them(judged: LearningApp) -> None:
    lab = judged
    lab.tutor.focus_after_answer()
    lab.tutor.put_question_aside()
    await lab.pilot.pause(0.3)
    assert not lab.tutor.answering
