"""Where a lesson stands, as a teacher is told it."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.lesson_report import LessonReporter
from hatlab.lessons.play.runner import LessonRunner
from hatlab.util.visible import to_json
from tests.support.drill_texts import DRILL
from tests.support.lesson_lab import LessonLab, make_lesson
from tests.support.lesson_texts import LESSON


class Watched:
    """A lesson whose reports are read; `clock` is real time, s."""

    def __init__(self, text: str = LESSON) -> None:
        self.clock = 0.0
        self.lab = LessonLab(text)
        self.reporter = LessonReporter(self.lab.session, self.lab.runner, lambda: self.clock)
        self.wait(0)

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self.reporter.follow(self.lab.session.teacher.frozen)

    def report(self, *keys: str) -> Any:
        self.wait(0)
        told = self.lab.session.teacher.report()
        assert told is not None
        assert to_json(told)
        return tuple(told[key] for key in keys) if len(keys) > 1 else told[keys[0]] if keys else told


def test_the_beginning() -> None:
    told = Watched().report()
    assert told == {
        "lesson": "small",
        "title": "Small",
        "step": 1,
        "steps": 2,
        "kind": "prediction",
        "item": "cut-off",
        "task": "For how many seconds is the client cut off?",
        "since": 0.0,
        "hints": 0,
        "wrong": 0,
        "predictions": {},
        "questions": {},
        "lab": "fine",
        "glyph": "✔",
        "paused": False,
        "frozen": None,
        "solved": 0,
        "tasks": 2,
        "finished": False,
        "clock": None,
    }


def test_the_way_through() -> None:
    lesson = Watched()
    lesson.lab.runner.answer("1.5")
    assert lesson.report("kind", "task") == ("task", "Kill mysqld on db1.")
    assert lesson.report("predictions") == {"cut-off": "1.50"}
    asked = {"ask": "For how many seconds is the client cut off?", "choices": [], "unit": "s"}
    assert lesson.report("questions") == {"cut-off": asked}
    lesson.lab.runner.hint()
    assert lesson.report("hints") == 1
    lesson.lab.do("kill mysqld db1", wait=6)
    assert lesson.report("kind", "step", "solved", "hints") == ("end", 1, 1, 0)
    lesson.lab.runner.next_step()
    assert lesson.report("kind", "step") == ("question", 2)
    lesson.lab.runner.answer("db1")
    lesson.lab.runner.answer("nobody")
    assert lesson.report("wrong") == 2
    lesson.lab.runner.answer("db2")
    assert lesson.report("kind", "wrong") == ("task", 0)
    lesson.lab.do("start mysqld db1", wait=40)
    assert lesson.report("finished", "solved", "kind") == (True, 2, "end")


def test_wrong_turns_count_at_their_task() -> None:
    turn = "fail:\n  - when: went keepalived db1 down\n    say: That was keepalived.\nhints:"
    lesson = Watched(LESSON.replace("hints:", turn, 1))
    lesson.lab.runner.skip()
    lesson.lab.do("stop keepalived db1", wait=1)
    assert lesson.report("kind", "wrong") == ("task", 1)


def test_time_is_that_of_the_person_and_not_the_labs() -> None:
    lesson = Watched()
    lesson.lab.run(30)
    assert lesson.report("since") == 0
    lesson.wait(4)
    lesson.clock += 0.5
    assert lesson.lab.session.teacher.report()["since"] == 4.5, "also between two looks"  # type: ignore[index]
    lesson.lab.runner.skip()
    assert lesson.lab.session.teacher.report()["since"] == 0, "what is open now, before a look too"  # type: ignore[index]
    assert lesson.report("since") == 0


def test_while_everybody_looks_up_no_time_counts() -> None:
    lesson = Watched(LESSON.replace("solution: kill mysqld db1", "solution: kill mysqld db1\nlimit: 60", 1))
    lesson.lab.runner.skip()
    lesson.wait(0)
    lesson.wait(2)
    lesson.lab.run(2)
    assert lesson.report("clock") == {"seconds": pytest.approx(2, abs=0.1), "limit": 60}
    lesson.lab.session.teacher.freeze("the board")
    lesson.wait(0)
    lesson.wait(100)
    lesson.lab.run(100)
    assert lesson.report("frozen", "since") == ("the board", 2.0)
    lesson.lab.session.teacher.thaw()
    lesson.wait(0)
    lesson.wait(3)
    lesson.lab.run(3)
    assert lesson.report("frozen", "since") == (None, 5.0)
    assert lesson.report("clock")["seconds"] == pytest.approx(5, abs=0.1)


def test_a_drill_has_its_clock_and_its_secret() -> None:
    lab = LessonLab(make_lesson(DRILL))
    drill = DrillRunner(make_lesson(DRILL))
    lab.session.facts_only = lambda: True
    reporter = LessonReporter(lab.session, drill)
    reporter.follow(None)
    assert reporter.report()["clock"] == {"seconds": 0.0, "limit": drill.limit}
    assert reporter.report()["kind"] == "start"


def test_before_the_lab_is_there() -> None:
    lab = LessonLab()
    LessonReporter(lab.session, LessonRunner(make_lesson()))
    told = lab.session.teacher.report()
    assert told is not None
    assert (told["step"], told["kind"], told["lab"]) == (0, "start", "starting")
