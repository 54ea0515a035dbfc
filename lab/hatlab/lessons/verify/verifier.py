"""Proves a lesson: its solutions pass, doing nothing does not, and neither does any wrong solution."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import shorten

from hatlab.errors import LabError
from hatlab.lessons.conditions.compiler import find_unmet
from hatlab.lessons.conditions.trace import Observation
from hatlab.lessons.model import Lesson, LessonStep, QuestionItem, Task, TaskItem, WhatIfItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import LONG_STRIDE, STRIDE, ActionPlayer
from hatlab.lessons.play.futures import name_futures
from hatlab.lessons.play.progress import Futures, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.solution import format_step
from hatlab.lessons.verify.question_verifier import QuestionVerifier
from hatlab.lessons.verify.result import (
    LessonResult,
    ResultBuilder,
    TaskResult,
    WrongSolutionId,
    wrong_solution_ids,
)
from hatlab.lessons.verify.unmeasured import uncomputable_sums, unmeasured_captures
from hatlab.session import Session

IDLE = 2.0
"""Seconds of doing nothing on a real lab, which cannot go back."""
LATER = 3.0
"""Seconds more than the solution took that doing nothing, or a wrong solution, is watched."""
PATIENCE = 20.0
"""Seconds for which it is watched at least in a simulated lab, where that costs little, or for `within`."""

OnProgress = Callable[[str], None]
"""Called with each task that passed, and each wrong solution that was refused, in words."""


def _ignore(_: str) -> None: ...


def verify_lesson(
    session: Session, lesson: Lesson, *, solutions_only: bool = False, on_progress: OnProgress = _ignore
) -> LessonResult:
    """Play a lesson through on a session that is not started yet, and end the session.

    Args:
        session: of the lesson's topology.
        lesson: what to verify.
        solutions_only: on a real lab, leave out the wrong solutions: `verify_wrong_solutions` is for them.
        on_progress: told what passed and what was refused.
    """
    tasks = [TaskResult(step, task.id) for step, task in lesson.tasks()]
    verifier = LessonVerifier(session, lesson, tasks, on_progress)
    return verifier.run(lambda: verifier.play_through(solutions_only=solutions_only))


def verify_wrong_solutions(
    session: Session,
    lesson: Lesson,
    first: LessonResult,
    wrong_solutions: Sequence[WrongSolutionId],
    on_progress: OnProgress = _ignore,
) -> LessonResult:
    """Play some wrong solutions of a lesson on a lab of their own; `first`: how its solutions went."""
    tasks = [replace(task, problems=(), refused=0) for task in first.tasks]
    verifier = LessonVerifier(session, lesson, tasks, on_progress)
    return verifier.run(lambda: verifier.refuse_wrong_solutions(wrong_solutions))


class LessonVerifier:
    """Plays a lesson through. In a simulated lab every try goes back to where it began.

    Args:
        session: not started yet.
        lesson: what to verify.
        tasks: what is known of the lesson's tasks.
        on_progress: told what passed and what was refused.
    """

    def __init__(
        self, session: Session, lesson: Lesson, tasks: Iterable[TaskResult], on_progress: OnProgress
    ) -> None:
        self._session, self._lesson, self._on_progress = session, lesson, on_progress
        self._can_seek = session.time is not None
        self._runner = LessonRunner(lesson)
        self._player = ActionPlayer(session, fast=True, feed=self._runner.feed)
        self._futures: dict[str, Futures] = {}
        self._result = ResultBuilder(lesson, {task.id: task for task in tasks})
        self._questions = QuestionVerifier(self._runner, self._player, self._result)

    def run(self, play: Callable[[], None]) -> LessonResult:
        """Start the session, play the lesson on it, and end it."""
        began = time.monotonic()
        try:
            self._session.start()
            checkpoints.wait_until_ready(self._session)
            self._player.catch_up()
            play()
        except LabError as error:
            self._result.problems.append(_format_error(error))
        finally:
            self._session.stop()
        return self._result.build(self._session.engine.name, time.monotonic() - began)

    def play_through(self, *, solutions_only: bool) -> None:
        """Play the lesson from step to step; then each step from its own setup, or each wrong solution.

        A simulated lab, which can go back, has tried the wrong solutions on the way.
        """
        for index, step in enumerate(self._lesson.steps):
            try:
                checkpoints.prepare(self._session, self._runner.compiled, index)
            except LabError as error:
                self._result.problems.append(f"step {index + 1}: {_format_error(error)}")
                return
            self._player.catch_up()
            if index == 0:
                self._runner.begin()
            else:
                self._runner.next_step()
            self._play_step(step, self._try_task)
        if self._runner.progress.finished_at is None:
            self._result.problems.append("its end was not reached")
        elif self._can_seek:
            for index, step in enumerate(self._lesson.steps[1:], 1):
                if self._restore_step(index):
                    self._play_step(step, self._solve_again)
        elif not solutions_only:
            self.refuse_wrong_solutions(wrong_solution_ids(self._lesson))

    def refuse_wrong_solutions(self, wrong_solutions: Sequence[WrongSolutionId]) -> None:
        """Play wrong solutions, each on a lab that was put into the beginning of its step for it."""
        tasks = {task.id: (index, task) for index, task in self._lesson.tasks()}
        for name, number in wrong_solutions:
            index, task = tasks[name]
            if not self._restore_step(index):
                continue
            for earlier in self._tasks_before(task):
                self._solve(earlier)
            took = self._result.tasks[name].seconds
            self._refuse(task, number, LATER + (task.within if took is None else took))

    # -- steps

    def _play_step(self, step: LessonStep, play_task: Callable[[LessonStep, Task], None]) -> None:
        """Answer the questions of a step and play its tasks."""
        played: set[str] = set()
        while (item := self._runner.item) is not None:
            if isinstance(item, QuestionItem):
                self._questions.answer(item)
            elif isinstance(item, TaskItem):
                play_task(step, item.task)
                played.add(item.id)
                if self._runner.item is item:
                    self._runner.skip()
            elif isinstance(item, WhatIfItem):
                self._check_what_if(item)
        self._check_passed_over(step, played)
        self._questions.check_predictions(step)
        for problem in uncomputable_sums(step, self._runner.progress.captures):
            self._result.add_problem(problem)

    def _check_what_if(self, item: WhatIfItem) -> None:
        """Play both futures of a what-if, once: both must be measured, and what is shown must differ."""
        if item.id not in self._futures:
            try:
                self._futures[item.id] = futures = self._runner.play_futures()
            except LabError as error:
                self._result.add_problem(f"what-if {item.id} cannot be played: {_format_error(error)}")
                self._runner.skip()
                return
            first, other = (value for _, value in name_futures(item.what_if, futures))
            if first == other:
                self._result.add_problem(f"what-if {item.id}: the change makes no difference ({first})")
            self._on_progress(f"{self._lesson.id}: {item.id} measures {first}, and {other} with the change")
        self._runner.show_futures(self._futures[item.id])

    def _check_passed_over(self, step: LessonStep, played: Container[str]) -> None:
        """Check the tasks that were ticked without being played, as their condition held already."""
        for item in step.items:
            if not isinstance(item, TaskItem) or item.id in played:
                continue
            if item.task.watch:
                self._set_seconds(item.task)
            else:
                self._result.add_task_problem(item.id, "passes without doing anything")

    def _restore_step(self, index: int) -> bool:
        """Put the lab into a step's beginning; False if that failed. Other steps are tried in any case."""
        try:
            checkpoints.restore(self._session, self._runner.compiled, index)
        except LabError as error:
            self._result.add_problem(f"step {index + 1} cannot be set up: {_format_error(error)}")
            return False
        self._player.catch_up()
        self._runner.begin(index)
        return True

    def _tasks_before(self, task: Task) -> Iterator[Task]:
        """Yield the tasks before a task in its step, and answer the questions there."""
        while (item := self._runner.item) is not None:
            if isinstance(item, QuestionItem):
                self._questions.answer(item)
            elif isinstance(item, WhatIfItem):
                self._runner.skip()
            elif isinstance(item, TaskItem) and item.task is not task:
                yield item.task
            else:
                return

    # -- tasks

    def _try_task(self, step: LessonStep, task: Task) -> None:
        """Play a task's solution; doing nothing and each wrong solution must not pass.

        Where time can be set these go back to the same moment, and are watched a while longer than the
        solution takes; then the solution is played again, to go on from.
        """
        if not self._can_seek and not task.watch:
            self._idle(task, IDLE)
        start = self._mark_moment()
        if not self._solve(task):
            return
        for item in step.items:
            if isinstance(item, QuestionItem) and not item.checked:
                self._questions.check_choices(item, self._observe(task))
        took = self._set_seconds(task)
        self._on_progress(f"{self._lesson.id}: {task.id} passes after {took:.1f} s")
        if not self._can_seek or task.watch:
            return
        seconds = max(took + LATER, min(task.within, PATIENCE))
        self._go_back(*start)
        self._idle(task, seconds)
        for number in range(len(task.wrong)):
            self._go_back(*start)
            self._refuse(task, number, seconds)
        self._go_back(*start)
        self._solve(task)

    def _solve_again(self, _: LessonStep, task: Task) -> None:
        if not self._solve(task):
            self._result.add_task_problem(task.id, "does not pass from the start of its step")

    def _solve(self, task: Task) -> bool:
        """Play a task's solution; False if it does not pass."""
        compiled = self._runner.compiled.tasks[task.id]
        try:
            self._player.play(compiled.solution)
        except LabError as error:
            self._result.add_task_problem(task.id, f"its solution fails: {error.message}")
            return False
        if not self._passes(task, task.within):
            unmet = "; ".join(find_unmet(compiled.when, self._observe(task)))
            why = unmet or "each line is true, but not all together, or not in this order"
            self._result.add_task_problem(task.id, f"its solution does not pass in {task.within:g} s; {why}")
            return False
        self._check_no_warning_on_solution(task)
        for problem in unmeasured_captures(task, self._state(task).captures):
            self._result.add_task_problem(task.id, problem)
        return True

    def _check_no_warning_on_solution(self, task: Task) -> None:
        """Check that no wrong turn was spoken of, neither at the solution nor at what holds before it."""
        for remark in self._runner.progress.remarks:
            if (remark.kind, remark.about) == ("wrong turn", task.id):
                text = shorten(remark.text, 60, placeholder=" …")
                self._result.add_task_problem(task.id, f"its `fail` “{text}” appears at the solution")

    def _idle(self, task: Task, seconds: float) -> None:
        """Do nothing for a while, which must not pass."""
        if self._passes(task, seconds, LONG_STRIDE):
            self._result.add_task_problem(task.id, "passes without doing anything")

    def _refuse(self, task: Task, number: int, seconds: float) -> None:
        """Play a wrong solution, which must not pass."""
        wrong = task.wrong[number]
        try:
            self._player.play(self._runner.compiled.tasks[task.id].wrong[number])
        except LabError as error:
            problem = f"a wrong answer cannot be played ({wrong.because}): {error.message}"
            self._result.add_task_problem(task.id, problem)
            return
        if self._passes(task, seconds, LONG_STRIDE):
            done = "; ".join(map(format_step, wrong.do))
            problem = f"a wrong answer passes: {done} (which should not, because {wrong.because})"
            self._result.add_task_problem(task.id, problem)
            return
        result = self._result.tasks[task.id]
        self._result.tasks[task.id] = replace(result, refused=result.refused + 1)
        self._on_progress(f"{self._lesson.id}: a wrong answer to {task.id} is rejected")

    def _passes(self, task: Task, seconds: float, stride: float = STRIDE) -> bool:
        """Let time go on until a task is over; False if that takes longer than `seconds`.

        Its condition is tested at each event, whatever the stride: a long one serves where nothing has to go
        on from the moment at which it passes.
        """
        return self._player.wait_until(lambda: self._state(task).is_over, seconds, stride)

    def _set_seconds(self, task: Task) -> float:
        """Note and return how long a task that was ticked took, s."""
        state = self._state(task)
        assert state.done_at is not None, "it passed"
        seconds = state.done_at - state.trace.began
        self._result.tasks[task.id] = replace(self._result.tasks[task.id], seconds=seconds)
        return seconds

    def _state(self, task: Task) -> TaskState:
        return self._runner.progress.tasks[task.id]

    def _observe(self, task: Task) -> Observation:
        return Observation(self._runner.state, self._state(task).trace)

    # -- time

    def _mark_moment(self) -> tuple[float, Progress]:
        """Return the moment and progress to come back to."""
        self._player.catch_up()
        moment = self._session.engine.now(), self._runner.progress
        self._player.wait(checkpoints.APART)
        return moment

    def _go_back(self, at: float, progress: Progress) -> None:
        self._session.seek(at)
        self._runner.resume(self._player.skip_to_now(), progress)
        self._player.wait(checkpoints.APART)


def _format_error(error: LabError) -> str:
    return error.in_one_line
