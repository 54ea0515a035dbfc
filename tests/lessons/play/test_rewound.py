"""A runner whose events are repeated, because time was set back."""

from __future__ import annotations

from hatlab.lessons.play.runner import LessonRunner
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON
from tests.support.simulated_lab import SimLab


def test_an_advert_after_a_rewind_is_the_last_one() -> None:
    lesson = make_lesson(LESSON)
    lab, runner = SimLab(), LessonRunner(lesson)
    ready = lab.now
    reader = lab.session.reader()
    runner.feed(reader.drain())
    runner.begin()
    lab.run(3)
    runner.feed(reader.drain())
    lab.session.seek(ready)
    lab.do("set db1 auth_pass tuesday7", wait=2)
    runner.feed(reader.drain())
    assert runner.progress.last_adverts["db1"].auth == "tuesday7"
