"""A lesson as text, played by itself."""

from __future__ import annotations

import io

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.text.lesson_demo import AutoTextLesson
from hatlab.topology.library import load_topology
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON
from tests.support.what_if_texts import ASKS_FIRST


def test_a_question_is_told_with_its_names_before_and_after() -> None:
    text = LESSON.replace("ask: For how many seconds is", "ask: How many seconds is {vip} gone and")
    text = text.replace("owner db2]", "owner db2, outage]")
    lesson = make_lesson(text)
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=100))
    out = io.StringIO()
    session.start()
    try:
        assert AutoTextLesson(session, LessonRunner(lesson), out).run() == 0
    finally:
        session.stop()
    text = out.getvalue()
    assert "The address is 198.18.0.100." in text
    assert text.count("How many seconds is 198.18.0.100 gone") == 2
    assert text.count("kill mysqld db1 started") == 1  # the step after it set the lab's time back


def test_a_what_if_is_played_and_told() -> None:
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=100))
    out = io.StringIO()
    session.start()
    try:
        assert AutoTextLesson(session, LessonRunner(make_lesson(ASKS_FIRST)), out).run() == 0
    finally:
        session.stop()
    assert "With the change it is 6.61 s instead of 3.61 s: 3.00 s more." in out.getvalue()
