"""What a learner can do: answer, ask for a hint, skip, go on."""

from __future__ import annotations

import pytest

from hatlab.errors import UserError
from hatlab.lessons.play import learner_actions
from tests.lessons.play.lesson_texts import FAILS, PREDICT
from tests.support.lesson_lab import LessonLab
from tests.support.lesson_texts import LESSON


def test_an_answer_can_be_named_in_a_text() -> None:
    lab = LessonLab(LESSON.replace("It took", "You said {cut_off.said} s. It took"))
    lab.runner.answer("3")
    assert lab.progress.captures["cut_off.said"] == 3.0


def test_the_same_wrong_answer_again_is_no_further_try() -> None:
    lab = LessonLab(LESSON)
    lab.runner.answer("3")
    lab.runner.skip()
    lab.runner.next_step()
    for answer, tries in (("db2", 1), ("db2", 1), ("nobody", 2), ("db1", 3)):
        lab.runner.answer(answer)
        assert lab.progress.answers["who"].tries == tries


def test_the_answer_to_a_question_is_checked_at_once() -> None:
    lab = LessonLab(PREDICT)
    lab.runner.skip()
    lab.do("kill mysqld db1", wait=6)
    lab.runner.next_step()
    lab.runner.answer("1")
    assert lab.answer("who").right is False
    with pytest.raises(UserError, match="not one of the answers"):
        lab.runner.answer("db7")
    lab.runner.answer("DB2")
    assert (lab.answer("who").right, lab.answer("who").tries) == (True, 2)
    with pytest.raises(UserError, match="there is no open question"):
        lab.runner.answer("db2")
    lab.do("start mysqld db1", wait=12)
    assert lab.progress.finished_at is not None


def test_the_verdict_on_a_wrong_number_says_how_far_off_it_is_and_to_which_side() -> None:
    lab = LessonLab(LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", "right: 150\nunit: of 255"))
    lab.runner.skip()
    lab.runner.skip()
    lab.runner.next_step()
    for answer in ("200", "100.5", "150"):
        lab.runner.answer(answer)
    assert lab.said("truth") == ["No: 50 too high.", "No: 49.50 too low.", "Right."]


def test_a_number_that_is_nearly_right_is_close() -> None:
    text = LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", "right: 3.6\nunit: s\nnear: 0.1")
    lab = LessonLab(text)
    lab.runner.skip()
    lab.runner.skip()
    lab.runner.next_step()
    for answer, right, close in (("3", False, False), ("3.41", False, True), ("3.5", True, False)):
        lab.runner.answer(answer)
        assert (lab.answer("who").right, lab.answer("who").close) == (right, close)
    assert lab.said("truth") == ["No: 0.60 s too low.", "Close: 0.19 s too low.", "Right."]


def test_how_far_off_an_error_number_is_says_nothing() -> None:
    lab = LessonLab(LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", "right: 0"))
    lab.runner.skip()
    lab.runner.skip()
    lab.runner.next_step()
    lab.runner.answer("1062")
    assert lab.said("truth") == ["No: that is too high."]


def test_a_fitting_hint_comes_first_and_the_answer_last() -> None:
    lab = LessonLab(FAILS)
    lab.do("kill mysqld db2")
    for _ in range(6):
        lab.runner.hint()
    assert lab.task("kill").hints == (
        "db2 is dead.",
        "Look at db1.",
        "Press k.",
        "The answer: kill mysqld db1",
        learner_actions.BEGIN_AGAIN,
    ), "db2 was killed first"


def test_a_step_goes_on_only_when_it_is_over_or_skipped() -> None:
    lab = LessonLab(FAILS)
    lab.runner.next_step()
    assert lab.progress.step_index == 0
    lab.runner.skip()
    assert lab.task("kill").skipped
    lab.runner.skip()
    lab.runner.next_step()
    assert lab.progress.step_index == 1
    lab.runner.skip()
    assert lab.progress.finished_at is not None
    lab.runner.next_step()
    lab.runner.skip()
    lab.runner.hint()
    assert lab.progress.step_index == 1
