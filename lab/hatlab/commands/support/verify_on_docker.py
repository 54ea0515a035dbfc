"""Verifies lessons on Docker: several labs at once, which a signal ends together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from hatlab.commands.support.lesson_recording import recorded_session
from hatlab.commands.support.lifecycle import ignoring_interrupts, result_interruptibly
from hatlab.engine.docker.engine import DockerEngine
from hatlab.lessons.model import Lesson
from hatlab.lessons.verify.result import (
    LessonResult,
    ResultBuilder,
    WrongSolutionId,
    merge_results,
    wrong_solution_ids,
)
from hatlab.lessons.verify.verifier import OnProgress, verify_lesson, verify_wrong_solutions
from hatlab.session import Session
from hatlab.topology.library import load_named_topology


class DockerVerifier:
    """Plays lessons on Docker.

    Args:
        jobs: labs at once. Where there are more than lessons, the wrong solutions of one are shared out.
        context: a Docker context, None for the current one.
        on_progress: told what passed.
    """

    def __init__(self, jobs: int, context: str | None, on_progress: OnProgress) -> None:
        self._jobs, self._context, self._on_progress = jobs, context, on_progress
        self._running: set[Session] = set()
        self._stopping = False

    def verify(self, lessons: Sequence[Lesson]) -> Iterator[LessonResult]:
        """Yield each lesson's result, in their order."""
        parts = max(1, self._jobs // max(1, len(lessons)))
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                firsts = [pool.submit(self._verify_lesson, lesson, parts > 1) for lesson in lessons]
                for lesson, future in zip(lessons, firsts, strict=True):
                    first = result_interruptibly(future)
                    others = self._submit_shares(pool, lesson, first, parts) if parts > 1 else []
                    yield merge_results(first, [result_interruptibly(other) for other in others])
            except BaseException:
                with ignoring_interrupts(*self._running):
                    self._stop_labs()
                    pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _verify_lesson(self, lesson: Lesson, solutions_only: bool) -> LessonResult:
        def play(session: Session) -> LessonResult:
            return verify_lesson(
                session, lesson, solutions_only=solutions_only, on_progress=self._on_progress
            )

        return self._play_on_lab(lesson, play)

    def _submit_shares(
        self, pool: ThreadPoolExecutor, lesson: Lesson, first: LessonResult, parts: int
    ) -> list[Future[LessonResult]]:
        """Have the wrong solutions of a lesson whose end was reached played in equal parts."""
        wrong_solutions = wrong_solution_ids(lesson) if first.ok else []
        shares = [wrong_solutions[part::parts] for part in range(parts)]
        return [pool.submit(self._verify_share, lesson, first, share) for share in shares if share]

    def _verify_share(
        self, lesson: Lesson, first: LessonResult, share: Sequence[WrongSolutionId]
    ) -> LessonResult:
        return self._play_on_lab(
            lesson, lambda session: verify_wrong_solutions(session, lesson, first, share, self._on_progress)
        )

    def _play_on_lab(self, lesson: Lesson, play: Callable[[Session], LessonResult]) -> LessonResult:
        session = self._make_session(lesson)
        self._running.add(session)
        try:
            if self._stopping:
                return ResultBuilder(lesson, {}, problems=["interrupted"]).build(session.engine.name, 0.0)
            return play(session)
        finally:
            self._running.discard(session)

    def _make_session(self, lesson: Lesson) -> Session:
        if lesson.is_recorded:
            return recorded_session(lesson)
        return Session(DockerEngine(*load_named_topology(lesson.front.topology), context=self._context))

    def _stop_labs(self) -> None:
        """Stop every lab at once: one after the other would take its time."""
        self._stopping = True
        with ThreadPoolExecutor(self._jobs) as pool:
            pool.map(Session.stop, list(self._running))
