"""The tutor's pane: what is in sight, and when it scrolls."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.strip import Strip

from hatlab.tui.lesson.lesson_text import LessonText
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine


async def test_the_tutor_comes_to_the_front_when_there_is_something_to_read(learner: LearningApp) -> None:
    await learner.press("S", "2")
    assert not learner.screen.tutor_visible
    await learner.tell_until(10.2)
    await learner.until(lambda: learner.screen.tutor_visible, "the tutor")


async def test_what_was_not_read_yet_is_not_scrolled_away() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        assert not lab.tutor.open_item_visible
        await lab.tell_until(10.2)
        await lab.until(lambda: "☑ Kill mysqld" in lab.text, "the tick")
        await lab.pilot.pause(0.3)
        assert lab.tutor.text.scroll_offset.y == 0
        await lab.press("space")
        assert lab.tutor.text.scroll_offset.y > 0


async def test_a_task_that_was_done_without_scrolling_to_it_comes_into_sight() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        text = lab.tutor.text
        text.scroll_to(y=text.max_scroll_y - 3, animate=False)
        await lab.until(lambda: not lab.tutor.open_item_visible, "the task to be just out of sight")
        await lab.press("m")
        await lab.tell_until(10.2)
        await lab.until(lambda: lab.shows("☑ Kill mysqld"), "the tick")


async def test_what_is_open_stays_in_sight_in_another_size() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        await lab.press("space", "space", "space")
        await lab.until(lambda: lab.tutor.open_item_visible, "what is open")
        assert lab.tutor.text.scroll_offset.y > 0
        for at, size in ((9.3, (140, 45)), (9.6, SMALL)):
            await lab.tell_until(at)
            await lab.pilot.resize_terminal(*size)
            await lab.until(lambda: lab.tutor.open_item_visible, f"what is open at {size}")


async def test_a_wrong_answer_leaves_the_question_the_keys(learner: LearningApp) -> None:
    await learner.answer("down", "down")
    assert learner.tutor.answering
    await learner.press("up", "enter")
    await learner.until(lambda: "right: you said db1" in learner.text, "the answer")
    assert not learner.tutor.answering


async def test_the_verdict_on_a_wrong_answer_is_in_sight(judged: LearningApp) -> None:
    lab = judged
    await lab.press("down", "enter")
    await lab.until(lambda: lab.shows("One is not it") and lab.shows("whoever"), "the whole verdict")
    assert lab.tutor.answering


async def test_the_truth_is_shown_for_a_question_that_was_skipped(judged: LearningApp) -> None:
    lab = judged
    await lab.press("down", "enter")
    await lab.until(lambda: "One is not it" in lab.text, "the verdict")
    await lab.press("S")
    await lab.until(lambda: "wrong: you said one — it was nine" in lab.text, "the right answer")
    await lab.press("S")
    assert "· not answered\n" in lab.text
    await lab.tell_until(10.2)
    await lab.until(lambda: "· not answered; it was 3 s\n  Three, and this" in lab.text, "the truth")


async def test_a_verdict_is_in_sight_before_the_next_question(judged: LearningApp) -> None:
    lab = judged
    await lab.press("end", "enter")
    await lab.until(lambda: lab.shows("Nine is the last"), "the verdict")
    await lab.press("5", "enter")
    await lab.until(lambda: "you said 5 s — locked" in lab.text, "the lock")
    await lab.tell_until(10.2)
    await lab.until(lambda: lab.shows("you said 5 s — it was 3 s"), "the verdict")
    assert "you said db2 — it was db1" in lab.text
    await lab.press("4")
    await lab.until(lambda: lab.tutor.answering, "the next question to have the keys")
    await lab.until(lambda: lab.shows("◦ db1") and lab.shows("◦ nobody"), "all of its choices")
    await lab.press("end")
    await lab.until(lambda: lab.shows("▸ nobody"), "its choices")


async def test_a_new_page_is_never_drawn_where_the_one_before_was_scrolled_to(
    learner: LearningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, text = learner, learner.tutor.text
    render_lines, first_page = LessonText.render_lines, learner.tutor._page
    offsets: list[float] = []

    def note_and_render(self: LessonText, crop: Region) -> list[Strip]:
        if lab.tutor._page != first_page:
            offsets.append(self.scroll_offset.y)
        return render_lines(self, crop)

    while lab.status_text.startswith((" ?", " ◇", " ☐")):
        await lab.press("S")
    text.scroll_end(animate=False)
    await lab.until(lambda: text.scroll_offset.y > 0, "the end of the page")
    monkeypatch.setattr(LessonText, "render_lines", note_and_render)
    await lab.turn_page()
    await lab.until(lambda: lab.tutor._page != first_page and offsets, "the next page")
    assert offsets[0] == 0
