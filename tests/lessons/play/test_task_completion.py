"""The task under way: when it is ticked, what it captures, and which wrong turns are spoken of."""

from __future__ import annotations

import re

from tests.lessons.play.lesson_texts import FAILS, PREDICT
from tests.support.lesson_lab import LessonLab
from tests.support.lesson_texts import LESSON


def test_a_task_ticks_only_when_its_prediction_is_locked() -> None:
    lab = LessonLab(PREDICT)
    lab.do("kill mysqld db1", wait=6)
    assert lab.task("kill").held_at is not None
    assert lab.task("kill").done_at is None
    lab.runner.answer("3")
    own = lab.answer("cut-off")
    assert lab.task("kill").done_at is not None
    assert (own.late, own.truth) == (True, lab.progress.captures["outage"])


def test_a_task_to_be_watched_begins_when_its_learner_comes_to_it() -> None:
    text = LESSON.replace("hints:\n  - Press k.\nsolution: kill mysqld db1\n", "watch: true\n")
    begin, end = text.index("wrong:"), text.index("```", text.index("wrong:"))
    text = text[:begin] + text[end:]
    lab = LessonLab(re.sub(r"when: \[process.*\]", "when: elapsed 5", text))
    lab.run(20)
    assert "kill" not in lab.progress.tasks
    lab.runner.answer("3")
    lab.run(4)
    assert lab.progress.tasks["kill"].done_at is None
    lab.run(2)
    assert lab.progress.tasks["kill"].done_at is not None


def test_a_wrong_turn_is_spoken_of_once_each_time_it_is_taken() -> None:
    lab = LessonLab(FAILS)
    lab.do("kill mysqld db2", wait=5)
    assert lab.said("wrong turn") == ["That was db2."]
    lab.do("start mysqld db2", wait=5)
    lab.do("kill mysqld db2", wait=1)
    assert lab.said("wrong turn") == ["That was db2."] * 2


def test_a_value_that_was_not_measured_reads_so() -> None:
    from hatlab.lessons.templates import render

    lab = LessonLab(FAILS)
    lab.runner.skip()
    assert (
        render("{outage} s at {vip}, {other}", lab.progress.captures)
        == "(not measured) at 198.18.0.100, {other}"
    )
