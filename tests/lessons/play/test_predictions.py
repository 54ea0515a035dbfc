"""Predictions beside the measured truth, and truths that are revealed where nothing was answered."""

from __future__ import annotations

from hatlab.lessons.play.progress import Answer
from tests.lessons.play.lesson_texts import PREDICT
from tests.support.lesson_lab import LessonLab
from tests.support.lesson_texts import LESSON


def test_a_prediction_is_compared_when_the_task_is_done() -> None:
    lab = LessonLab(PREDICT)
    lab.runner.answer("3,1 s")
    lab.do("kill mysqld db1")
    assert lab.answer("cut-off").truth is None
    lab.run(6)
    own = lab.answer("cut-off")
    assert own.late is False
    assert isinstance(own.truth, float)
    assert own.right is (abs(own.truth - 3.1) <= 0.5)
    assert lab.said("done") == ["Kill mysqld on db1."]
    assert lab.said("truth") == [f"It was {own.truth:.2f} s."]
    assert lab.progress.captures["cut_off"] == own.truth
    assert lab.runner.item is None


def test_a_prediction_is_not_compared_at_a_later_task() -> None:
    text = LESSON.replace("truth: outage\nnear: 0.5", "truth: takeover db2\nnear: 0.5")
    lab = LessonLab(text)
    lab.runner.answer("3")
    lab.runner.skip()
    lab.do("kill mysqld db1", wait=8)
    assert lab.progress.answers["cut-off"].truth is None


def test_a_prediction_is_explained_even_if_it_could_not_be_measured() -> None:
    text = LESSON.replace("truth: outage\nnear: 0.5", "truth: takeover db1\nnear: 0.5")
    lab = LessonLab(text.replace('why: "It was {outage} s."', 'why: "A Backup waits."'))
    lab.runner.answer("3")
    lab.do("kill mysqld db1", wait=8)
    assert lab.progress.answers["cut-off"].truth is None
    assert lab.said("truth") == ["A Backup waits."]


def test_the_right_answer_to_an_unanswered_question_is_revealed() -> None:
    lab = LessonLab(PREDICT)
    lab.runner.skip()
    assert not lab.progress.revealed, "the lab is to show it first"
    lab.do("kill mysqld db1", wait=6)
    truth, why = lab.progress.revealed["cut-off"]
    assert isinstance(truth, float)
    assert why.startswith(f"It was {truth:.2f} s.")
    assert lab.progress.captures["cut_off"] == truth
    lab.runner.next_step()
    lab.runner.skip()
    assert lab.progress.revealed["who"][0] == "db2"
    assert not lab.progress.answers
    lab.runner.begin(1)
    assert lab.progress.revealed.keys() == {"cut-off"}


def test_a_prediction_outside_of_near_is_close_up_to_twice_as_far() -> None:
    def answer(said: float) -> Answer:
        lab = LessonLab(PREDICT)
        lab.runner.answer(f"{said:.3f}")
        lab.do("kill mysqld db1", wait=6)
        return lab.answer("cut-off")

    truth = answer(3).truth
    assert isinstance(truth, float)
    judged = [(own.right, own.close) for own in map(answer, (truth - 0.45, truth + 0.95, truth - 1.1))]
    assert judged == [(True, False), (False, True), (False, False)]
