"""Verifies lessons on the simulator: several at once, on every core; and on engines of extensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hatlab.commands.support.processes import make_pool, results_in_order
from hatlab.util.collection import collect_rarely

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.verify.result import LessonResult
    from hatlab.session import Session


def verify_on_simulator(lessons: list[Lesson]) -> Iterator[LessonResult]:
    """Yield each lesson's result, in their order; several are played at once."""
    with make_pool(worthwhile=len(lessons) > 2) as pool:
        yield from results_in_order(pool, verify_simulated, lessons)


def simulated_session(lesson: Lesson) -> Session:
    """Return a session of a lesson's topology in virtual time, or of its recording, not started yet."""
    from hatlab.commands.support.lesson_recording import recorded_session
    from hatlab.engine.simulator.engine import SimulatorEngine
    from hatlab.session import Session
    from hatlab.topology.library import load_named_topology

    if lesson.is_recorded:
        return recorded_session(lesson)
    return Session(SimulatorEngine(*load_named_topology(lesson.front.topology), paced=False))


def verify_on_engine(lessons: list[Lesson], engine: str) -> Iterator[LessonResult]:
    """Yield each lesson's result on an extension's engine, in their order, one after the other."""
    from hatlab.engine.makers import EngineRequest, make_engine
    from hatlab.lessons.verify.verifier import verify_lesson
    from hatlab.session import Session
    from hatlab.topology.library import load_named_topology

    for lesson in lessons:
        if lesson.is_recorded:
            yield verify_simulated(lesson)
            continue
        request = EngineRequest(*load_named_topology(lesson.front.topology), paced=False)
        yield verify_lesson(Session(make_engine(engine, request)), lesson)


def verify_simulated(lesson: Lesson) -> LessonResult:
    """Verify a lesson on the simulator."""
    from hatlab.lessons.verify.verifier import verify_lesson

    collect_rarely()
    return verify_lesson(simulated_session(lesson), lesson)
