"""Verifies lessons on the simulator: several at once, on every core; and on engines of extensions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.verify.result import LessonResult
    from hatlab.session import Session


def verify_on_simulator(lessons: list[Lesson]) -> Iterator[LessonResult]:
    """Yield each lesson's result, in their order; several are played at once."""
    with _make_pool(len(lessons)) as pool:
        yield from _results_in_order(pool, verify_simulated, lessons)


def _make_pool(lessons: int) -> Executor:
    """Return a pool of one process a core, which a simulated lab keeps busy; of none for a lesson or two."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    cores = min(os.cpu_count() or 1, 8)
    if lessons <= 2 or cores == 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(cores, mp_context=get_context("spawn"))


def _results_in_order(
    pool: Executor, verify: Callable[[Lesson], LessonResult], lessons: list[Lesson]
) -> Iterator[LessonResult]:
    from hatlab.commands.support.lifecycle import result_interruptibly

    futures = [pool.submit(verify, lesson) for lesson in lessons]
    try:
        for future in futures:
            yield result_interruptibly(future)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise


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

    return verify_lesson(simulated_session(lesson), lesson)
