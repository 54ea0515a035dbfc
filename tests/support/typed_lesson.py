"""A lesson as text, taken by somebody who types."""

from __future__ import annotations

import io
from collections.abc import Iterable

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.text.lesson_input import InteractiveTextLesson
from hatlab.topology.library import load_topology
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON

SOUND = LESSON.replace("owner db2]", "owner db2, outage]")
"""The small lesson with an outage to measure."""


def output_of(typed: Iterable[str], text: str = SOUND, step: int = 0) -> str:
    """What a learner who types these lines reads, to the end."""
    out = io.StringIO()
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=20.0))
    session.start()
    try:
        assert InteractiveTextLesson(session, LessonRunner(make_lesson(text)), out, typed).run(step) == 0
    finally:
        session.stop()
    return out.getvalue()
