"""Lessons proved on Docker: several labs at once, which a signal ends together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from hatlab.commands.support.lifecycle import ignoring_interrupts, result_interruptibly
from hatlab.engine.docker.engine import DockerEngine
from hatlab.lessons.model import Lesson
from hatlab.lessons.verify.result import (
    LessonResult,
    WrongSolutionId,
    merge_results,
    wrong_solution_ids,
)
from hatlab.lessons.verify.verifier import OnProgress, verify_lesson, verify_wrong_solutions
from hatlab.session import Session
from hatlab.topology.library import find_topology, load_topology


class DockerVerifier:
    """Plays lessons on Docker.

    Args:
        jobs: labs at once. Where there are more than lessons, the wrong answers of one are shared out.
        context: a Docker context, None for the current one.
        news: told of what passed.
    """

    def __init__(self, jobs: int, context: str | None, news: OnProgress) -> None:
        self._jobs, self._context, self._news = jobs, context, news
        self._running: set[Session] = set()
        self._over = False

    def results(self, lessons: Sequence[Lesson]) -> Iterator[LessonResult]:
        """Each lesson's result, in their order."""
        parts = max(1, self._jobs // max(1, len(lessons)))
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                firsts = [pool.submit(self._first, lesson, parts > 1) for lesson in lessons]
                for lesson, first in zip(lessons, firsts, strict=True):
                    more = self._more(pool, lesson, result_interruptibly(first), parts) if parts > 1 else []
                    yield merge_results(
                        result_interruptibly(first), [result_interruptibly(each) for each in more]
                    )
            except BaseException:
                with ignoring_interrupts():
                    self._end()
                    pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _first(self, lesson: Lesson, straight: bool) -> LessonResult:
        return self._on_a_lab(lesson, lambda s: verify_lesson(s, lesson, straight=straight, news=self._news))

    def _more(
        self, pool: ThreadPoolExecutor, lesson: Lesson, first: LessonResult, parts: int
    ) -> list[Future[LessonResult]]:
        """The wrong answers of a lesson whose end was reached, in equal parts."""
        tries = wrong_solution_ids(lesson)
        shares = [share for k in range(parts) if (share := tries[k::parts])] if first.ok else []
        return [pool.submit(self._refused, lesson, first, share) for share in shares]

    def _refused(self, lesson: Lesson, first: LessonResult, tries: Sequence[WrongSolutionId]) -> LessonResult:
        return self._on_a_lab(lesson, lambda s: verify_wrong_solutions(s, lesson, first, tries, self._news))

    def _on_a_lab(self, lesson: Lesson, play: Callable[[Session], LessonResult]) -> LessonResult:
        name = lesson.front.topology
        engine = DockerEngine(find_topology(name).stem, load_topology(name), context=self._context)
        session = Session(engine)
        self._running.add(session)
        try:
            if self._over:
                return LessonResult.of(lesson, engine.name, 0.0, faults=("interrupted",))
            return play(session)
        finally:
            self._running.discard(session)

    def _end(self) -> None:
        """Every lab at once: one after the other would take its time."""
        self._over = True
        ending = [threading.Thread(target=session.stop, name="stop") for session in list(self._running)]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()
