"""An exam: its clock, and what a lesson does not give or take in it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hatlab.errors import UserError
from hatlab.lessons.play.exam import Exam, ExamSitting
from tests.support.lesson_lab import LessonLab


class Steady:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _exam_lab(*, tries: int = 1) -> LessonLab:
    lab = LessonLab()
    lab.runner.exam = ExamSitting(Exam(lesson="small", tries=tries))
    return lab


def test_the_clock_runs_down_and_stands_while_it_is_held() -> None:
    clock = Steady()
    sitting = ExamSitting(Exam(minutes=2), 120.0, steady=clock)
    clock.now += 50
    assert sitting.seconds_left == 70
    sitting.hold(True)
    clock.now += 500
    assert sitting.seconds_left == 70
    sitting.hold(False)
    clock.now += 60
    assert sitting.seconds_left == 10
    clock.now += 60
    assert sitting.seconds_left == 0


def test_it_ends_for_everybody_when_it_closes() -> None:
    exam = Exam.model_validate({"minutes": 45, "closes": "2026-12-01T10:00:00+00:00"})
    closes = exam.closes
    assert closes is not None
    assert exam.ends(closes.timestamp() - 600) == closes.timestamp()
    assert exam.ends(closes.timestamp() - 6000) == closes.timestamp() - 6000 + 45 * 60


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"attempts": 0}, {"opens": "soon"}, {"hints": True}])
def test_what_is_no_exam_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Exam.model_validate(wrong)


def test_it_has_no_hints() -> None:
    lab = _exam_lab()
    lab.runner.answer("3")
    with pytest.raises(UserError, match="no hints"):
        lab.runner.hint()
    assert lab.task("kill").hints == ()


def test_nothing_says_what_is_right() -> None:
    lab = _exam_lab(tries=2)
    lab.runner.answer("90")
    lab.do("kill mysqld db1", wait=8)
    lab.runner.next_step()
    lab.runner.answer("nobody")
    lab.runner.answer("db1")
    assert lab.answer("who").right is False  # the lesson knows
    shown = lab.runner.shown_progress
    assert {answer.right for answer in shown.answers.values()} == {None}
    assert {answer.truth for answer in shown.answers.values()} == {None}
    assert {remark.kind for remark in shown.remarks} == {"done"}


@pytest.mark.parametrize(("tries", "given"), [(1, ["nobody"]), (2, ["nobody", "db1"])])
def test_a_question_is_over_after_so_many_answers(tries: int, given: list[str]) -> None:
    lab = _exam_lab(tries=tries)
    lab.runner.answer("3")
    lab.do("kill mysqld db1", wait=8)
    lab.runner.next_step()
    for answer in given:
        assert getattr(lab.runner.item, "id", "") == "who"
        lab.runner.answer(answer)
    assert getattr(lab.runner.item, "id", "") == "mend"
    assert lab.progress.revealed == {}
    lab.do("start mysqld db1", wait=8)
    assert lab.progress.finished_at is not None


def test_once_the_time_is_up_nothing_counts() -> None:
    lab = _exam_lab()
    lab.runner.answer("3")
    lab.runner.end_exam()
    assert lab.runner.is_over
    lab.do("kill mysqld db1", wait=8)
    assert lab.task("kill").done_at is None
    with pytest.raises(UserError, match="its time is up"):
        lab.runner.answer("db2")
    with pytest.raises(UserError, match="its time is up"):
        lab.runner.skip()
    with pytest.raises(UserError, match="its time is up"):
        lab.runner.next_step()
