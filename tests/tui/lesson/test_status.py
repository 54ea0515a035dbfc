"""The tutor's status line: what is waited for, and the time that is left."""

from __future__ import annotations

from functools import partial

import pytest
from textual.content import Content

from hatlab import events as e
from hatlab.session import Session
from hatlab.state.fold import fold
from hatlab.tui.lesson.status import _unanswered_clients, status_forms
from tests.support.story import story
from tests.tui.learning import SMALL, LearningApp, app_with, learning, story_engine


async def test_the_clock_of_a_task_with_a_limit_runs(predicting: LearningApp) -> None:
    lab = predicting
    await lab.press("S", "S")
    await lab.until(lambda: "your turn" in lab.status_text and "◷ 1:00 left" in lab.status_text, "the clock")
    lab.tutor.set_status((("what is waited for, in many words; " * 4, ""),), clock=("◷ 0:05 left", "warn"))
    assert lab.status_text.rstrip().endswith("◷ 0:05 left")
    lab.engine.tell(e.Tick(at=76.2))
    await lab.until(lambda: "◷ 0:06 over time" in lab.status_text, "the clock")
    assert "Time is up" in lab.notices
    lab.app.clear_notifications()
    lab.engine.tell(e.Tick(at=77.2))
    await lab.until(lambda: "◷ 0:07 over time" in lab.status_text, "the clock")
    assert "Time is up" not in lab.notices


async def test_only_what_is_being_done_is_timed(learner: LearningApp) -> None:
    await learner.press("S")
    started = e.Action(at=9.5, name="start", targets=("mysqld", "db1"), phase="started")
    learner.engine.tell(e.Tick(at=9.2), started, e.Tick(at=12.6))
    await learner.until(lambda: "Start mysqld on db1 … · 3 s" in learner.status_text, "the action")
    learner.engine.tell(e.Action(at=12.7, name="start", targets=("mysqld", "db1"), phase="done"))
    await learner.until(lambda: "not done yet · press h for a hint" in learner.status_text, "the task")
    assert " s now" not in learner.status_text


async def test_a_question_that_has_the_keys_but_is_further_down_says_so(predicting: LearningApp) -> None:
    await predicting.until(lambda: predicting.tutor.answering, "the question to have the keys")
    assert "Your prediction 1 of 2: type it" in predicting.status_text
    forms = partial(status_forms, predicting.runner, answering=True)
    said = ["".join(text for text, _ in forms(open_visible=visible)[0]) for visible in (True, False)]
    assert said[0].startswith("? Your prediction 1 of 2: type it")
    assert said[1] == "? Your question is further down: read on"


def test_a_client_that_asks_the_wrong_server_is_named() -> None:
    session = Session(story_engine(30.0))
    session.emit(story(12.0))
    state = session.state
    assert next(_unanswered_clients(state)).startswith("client has had no answer for")
    lost = e.Condition(at=state.at, name="misdirected", present=True, detail="")
    assert next(_unanswered_clients(fold(state, lost))) == (
        "client still asks db1: wait until its ARP entry expires"
    )


async def test_what_is_too_long_for_the_line_is_said_in_few_words() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        assert not lab.tutor.open_item_visible
        for words, said in (("short", "Do it: short"), ("long " * 20, "In few words")):
            lab.tutor.set_status((("Do it: ", ""), (words, "")), (("In few words", ""),))
            assert said in lab.status_text
            assert "…" not in lab.status_text


@pytest.mark.parametrize("size", [SMALL, (100, 30)], ids=str)
async def test_what_is_open_is_never_cut_while_another_pane_hides_it(size: tuple[int, int]) -> None:
    async with learning(app_with(story_engine()), size=size) as lab:
        await lab.press("2")
        tabs = lab.screen._tabs
        await lab.until(lambda: tabs.reminders, "what is open")
        (line,) = tabs.build()
        assert "…" not in line.plain
        tabs.reminders = (Content("◇ very long " * 10), *tabs.reminders[1:])
        (line,) = tabs.build()
        assert line.plain.rstrip().endswith("◇ press 4 to answer")


async def test_an_empty_row_is_nothing_to_read_on_for() -> None:
    async with learning(app_with(story_engine(), "long"), size=SMALL) as lab:
        assert "▼ space" in lab.status_text
        text = lab.tutor.text
        text.scroll_to(y=text.max_scroll_y - 1, animate=False)
        await lab.until(lambda: "▼" not in lab.status_text, "the end")
