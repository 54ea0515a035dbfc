"""Proves a lesson: its solutions pass, doing nothing does not, and neither does any wrong answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

from hatlab.errors import LabError
from hatlab.lessons.compile import CompiledStep, right_answer, true_choices
from hatlab.lessons.conditions.compiler import find_unmet
from hatlab.lessons.conditions.trace import Observation, Trace, Value
from hatlab.lessons.model import Lesson, Question, QuestionItem, Task, TaskItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts, is_correct, parse_answer
from hatlab.lessons.play.progress import Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_step, format_value
from hatlab.lessons.verify.result import (
    LessonResult,
    MeasuredAnswer,
    TaskResult,
    WrongSolutionId,
    wrong_solution_ids,
)
from hatlab.lessons.verify.unmeasured import uncomputable_sums, unmeasured_captures
from hatlab.session import Session

IDLE = 2.0
"""Seconds of doing nothing on a real lab, which cannot go back."""
LATER = 3.0
"""Seconds more than the solution took that doing nothing, or a wrong answer, is watched."""
PATIENCE = 20.0
"""Seconds for which it is watched at least in a simulated lab, where that costs little, or for `within`."""

OnProgress = Callable[[str], None]


def _silent(_: str) -> None: ...


def verify_lesson(
    session: Session, lesson: Lesson, *, straight: bool = False, news: OnProgress = _silent
) -> LessonResult:
    """Plays a lesson through on a session that is not started yet, and ends it.

    Args:
        straight: on a real lab, without the wrong answers: `refuse` is for them.
        news: told of each task that passed, and of each wrong answer that was refused.
    """
    rehearsal = LessonVerifier(session, lesson, news)
    rehearsal.results = {task.id: TaskResult(step, task.id) for step, task in lesson.tasks()}
    return _played(rehearsal, lambda: rehearsal.run(straight=straight))


def verify_wrong_solutions(
    session: Session,
    lesson: Lesson,
    first: LessonResult,
    tries: Sequence[WrongSolutionId],
    news: OnProgress = _silent,
) -> LessonResult:
    """Plays some wrong answers to a lesson on a lab of their own; `first`: how its solutions went."""
    rehearsal = LessonVerifier(session, lesson, news)
    rehearsal.results = {task.id: replace(task, faults=(), wrong=0) for task in first.tasks}
    return _played(rehearsal, lambda: rehearsal.refuse(tries))


def _played(rehearsal: LessonVerifier, play: Callable[[], None]) -> LessonResult:
    session, lesson = rehearsal.session, rehearsal.lesson
    began = time.monotonic()
    try:
        session.start()
        play()
    except LabError as error:
        rehearsal.faults.append(f"{error.message}. {error.hint}".rstrip(" ."))
    finally:
        session.stop()
    return LessonResult.of(
        lesson,
        session.engine.name,
        time.monotonic() - began,
        tasks=tuple(rehearsal.results.values()),
        faults=tuple(rehearsal.faults),
        truths=tuple(
            MeasuredAnswer(q.id, rehearsal.truths.get(q.id), q.question.near) for _, q in lesson.questions()
        ),
    )


@dataclass
class LessonVerifier:
    """A lesson being played through. In a simulated lab every try goes back to where it began."""

    session: Session
    lesson: Lesson
    news: OnProgress
    results: dict[str, TaskResult] = field(default_factory=dict)
    truths: dict[str, Value] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def _prepare(self) -> None:
        self.runner = LessonRunner(self.lesson)
        self.player = ActionPlayer(self.session, fast=True, feed=self.runner.feed)
        self.timed = self.session.time is not None

    def run(self, *, straight: bool) -> None:
        """Straight through; then every step from its own beginning, or every wrong answer, see `verify`."""
        self._prepare()
        for k in range(len(self.lesson.steps)):
            try:
                checkpoints.prepare(self.session, self.runner.compiled, k)
            except LabError as error:
                self.faults.append(f"step {k + 1}: {error.message}. {error.hint}".rstrip(" ."))
                return
            self.player.catch_up()
            if k == 0:
                self.runner.begin()
            else:
                self.runner.next_step()
            self._step(k, tries=True)
        if self.runner.progress.finished_at is None:
            self.faults.append("its end is not reached")
        elif self.timed:
            self._checkpoints()
        elif not straight:
            self._refuse_all(wrong_solution_ids(self.lesson))

    def refuse(self, tries: Sequence[WrongSolutionId]) -> None:
        """Wrong answers alone."""
        self._prepare()
        self.player.catch_up()
        self._refuse_all(tries)

    def _step(self, step: int, *, tries: bool) -> None:
        played: set[str] = set()
        while (item := self.runner.item) is not None:
            if isinstance(item, QuestionItem):
                self._answer(item)
            elif isinstance(item, TaskItem):
                self._task(step, item.task, tries=tries)
                played.add(item.id)
                if self.runner.item is item:
                    self.runner.skip()
        self._passed_over(step, played)
        self._compared(step)
        for text in uncomputable_sums(self.lesson.steps[step], self.runner.progress.captures):
            self._once(text)

    def _passed_over(self, step: int, played: Container[str]) -> None:
        """Tasks of a step that nobody came to: they held as soon as what stands before them was over."""
        for item in self.lesson.steps[step].items:
            if not isinstance(item, TaskItem) or item.id in played:
                continue
            if item.task.watch:
                self.results[item.id] = replace(self.results[item.id], seconds=self._took(item.task))
            else:
                self._fault(item.task, "passes by doing nothing")

    # -- tasks

    def _task(self, step: int, task: Task, *, tries: bool) -> None:
        if tries:
            self._try(step, task)
        elif not self._solve(task):
            self._fault(task, "does not pass from the beginning of its step")

    def _try(self, step: int, task: Task) -> None:
        """Its solution; where time can be set, doing nothing and each wrong answer before it, from the same
        moment and a while longer than the solution takes."""
        if not self.timed and not task.watch:
            self._nothing(task, IDLE)
        here = self._here()
        if not self._solve(task):
            return
        for item in self.lesson.steps[step].items:
            if isinstance(item, QuestionItem) and not item.checked:
                self._one_right(item, Observation(self.runner.state, self._state(task).trace))
        took = self._took(task)
        self.results[task.id] = replace(self.results[task.id], seconds=took)
        self.news(f"{self.lesson.id}: {task.id} passes after {took:.1f} s")
        if not self.timed or task.watch:
            return
        watched = max(took + LATER, min(task.within, PATIENCE))
        self._back(*here)
        self._nothing(task, watched)
        for k, moves in enumerate(self.runner.compiled.tasks[task.id].wrong):
            self._back(*here)
            self._refuse(task, k, moves, watched)
        self._back(*here)
        self._solve(task)

    def _took(self, task: Task) -> float:
        state = self._state(task)
        assert state.done_at is not None, "it passed"
        return state.done_at - state.trace.began

    def _nothing(self, task: Task, seconds: float) -> None:
        if self.player.wait_until(lambda: self._state(task).is_over, seconds):
            self._fault(task, "passes by doing nothing")

    def _solve(self, task: Task) -> bool:
        try:
            self.player.play(self.runner.compiled.tasks[task.id].solution)
        except LabError as error:
            self._fault(task, f"its solution fails: {error.message}")
            return False
        if self.player.wait_until(lambda: self._state(task).is_over, task.within):
            self._scolded(task)
            for text in unmeasured_captures(task, self._state(task).captures):
                self._fault(task, text)
            return True
        self._fault(task, f"its solution does not pass in {task.within:g} s; {self._missing(task)}")
        return False

    def _scolded(self, task: Task) -> None:
        """No wrong turn was spoken up at: neither at the solution nor at what is true before it."""
        for remark in self.runner.progress.remarks:
            if (remark.kind, remark.about) == ("wrong turn", task.id):
                spoken = shorten(remark.text, 60, placeholder=" …")
                self._fault(task, f"its `fail` “{spoken}” speaks up at the solution")

    def _missing(self, task: Task) -> str:
        """Which lines of its condition are not as they should be."""
        seen = Observation(self.runner.state, self._state(task).trace)
        wrong = list(find_unmet(self.runner.compiled.tasks[task.id].when, seen))
        return "; ".join(wrong) or "each line is as it should be, but not together, or not in order"

    def _refuse(self, task: Task, k: int, moves: tuple[CompiledStep, ...], seconds: float) -> None:
        """Plays a wrong answer and sees that it does not pass."""
        because = task.wrong[k].because
        try:
            self.player.play(moves)
        except LabError as error:
            self._fault(task, f"a wrong answer cannot be played ({because}): {error.message}")
            return
        if self.player.wait_until(lambda: self._state(task).is_over, seconds):
            done = "; ".join(map(format_step, task.wrong[k].do))
            self._fault(task, f"a wrong answer passes: {done} (which should not, because {because})")
            return
        self.results[task.id] = replace(self.results[task.id], wrong=self.results[task.id].wrong + 1)
        self.news(f"{self.lesson.id}: a wrong answer to {task.id} is refused")

    # -- from a step's own beginning

    def _checkpoints(self) -> None:
        for k in range(1, len(self.lesson.steps)):
            if self._put(k):
                self._step(k, tries=False)

    def _refuse_all(self, tries: Sequence[WrongSolutionId]) -> None:
        """On a lab whose time cannot be set: each on a lab that was put in place for it."""
        tasks = {task.id: (step, task) for step, task in self.lesson.tasks()}
        for name, k in tries:
            step, task = tasks[name]
            if not self._put(step):
                continue
            for earlier in self._until(task):
                self._solve(earlier)
            took = self.results[name].seconds
            moves = self.runner.compiled.tasks[name].wrong[k]
            self._refuse(task, k, moves, LATER + (task.within if took is None else took))

    def _until(self, task: Task) -> Iterator[Task]:
        """Answers and yields what stands before a task in its step."""
        while (item := self.runner.item) is not None:
            if isinstance(item, QuestionItem):
                self._answer(item)
            elif isinstance(item, TaskItem) and item.task is not task:
                yield item.task
            else:
                return

    def _put(self, step: int) -> bool:
        """Puts the lab into a step's beginning; whether that went well. Other steps are tried in any case."""
        try:
            checkpoints.restore(self.session, self.runner.compiled, step)
        except LabError as error:
            self._once(f"step {step + 1} cannot be put in place: {error.message}. {error.hint}".rstrip(" ."))
            return False
        self.player.catch_up()
        self.runner.begin(step)
        return True

    # -- questions

    def _answer(self, item: QuestionItem) -> None:
        """A prediction: anything. A question: every wrong choice first, which must be refused."""
        question = item.question
        if not item.checked:
            self.runner.answer(next(iter(self._answers(question)), "0"))
            return
        truth = self._truth(item)
        self.truths.setdefault(item.id, truth)
        if truth is None:
            self.faults.append(f"question {item.id}: its answer cannot be measured")
            self.runner.skip()
            return
        for text in self._answers(question):
            if not is_correct(question, text, truth):
                self.runner.answer(text)
                if self.runner.item is not item:
                    self.faults.append(f"question {item.id}: “{text}” is taken for right too")
                    return
        if self._given(f"question {item.id}", question, truth):
            self.runner.answer(format_value(truth, 6))
        if self.runner.item is item:
            self.runner.skip()

    def _answers(self, question: Question) -> list[str]:
        """Its choices, as a learner reads them."""
        return choice_texts(question, self.runner.progress.captures)

    def _truth(self, item: QuestionItem) -> Value:
        """What the answer is; waits a little for it to be measurable."""
        found: list[Value] = [None]

        def measured() -> bool:
            progress = self.runner.progress
            task = progress.current_task(self.runner.compiled)
            trace = (
                progress.tasks[task.id].trace
                if task
                else Trace(self.runner.state.at, last=progress.last_adverts)
            )
            seen = Observation(self.runner.state, trace)
            found[0] = right_answer(self.runner.compiled.questions[item.id], seen, progress.captures)
            self._one_right(item, seen)
            return found[0] is not None

        self.player.wait_until(measured, 10.0)
        return found[0]

    def _one_right(self, item: QuestionItem, seen: Observation) -> None:
        """Not more than one of a question's choices holds."""
        kind = "question" if item.checked else "prediction"
        self._only_one(f"{kind} {item.id}", true_choices(self.runner.compiled.questions[item.id], seen))

    def _only_one(self, what: str, right: list[str]) -> None:
        if len(right) > 1:
            self._once(f"{what}: more than one answer is right: {', '.join(right)}")

    def _given(self, what: str, question: Question, truth: Value) -> bool:
        """Whether the truth is an answer that can be given, and only one is."""
        self._only_one(what, [text for text in self._answers(question) if is_correct(question, text, truth)])
        try:
            parse_answer(question, format_value(truth, 6), self.runner.progress.captures)
        except LabError:
            self._once(f"{what}: the truth, {format_value(truth)}, is none of the answers")
            return False
        return True

    def _compared(self, step: int) -> None:
        """Every prediction of a step has met its truth, which is one of the answers."""
        progress = self.runner.progress
        for item in self.lesson.steps[step].items:
            if not isinstance(item, QuestionItem) or item.checked or item.id not in progress.answers:
                continue
            truth = progress.answers[item.id].truth
            self.truths.setdefault(item.id, truth)
            if truth is None:
                chosen = any(choice.when is not None for choice in item.question.choices)
                what = "none of its answers was true" if chosen else "its truth was not measured"
                self._once(f"prediction {item.id}: {what} by the end of the task")
            else:
                self._given(f"prediction {item.id}", item.question, truth)

    # -- inside

    def _state(self, task: Task) -> TaskState:
        return self.runner.progress.tasks[task.id]

    def _here(self) -> tuple[float, Progress]:
        """The moment to come back to."""
        self.player.catch_up()
        here = self.session.engine.now(), self.runner.progress
        self.player.wait_until(lambda: False, checkpoints.APART)
        return here

    def _back(self, at: float, progress: Progress) -> None:
        self.session.seek(at)
        self.runner.resume(self.player.skip_to_now(), progress)
        self.player.wait_until(lambda: False, checkpoints.APART)

    def _fault(self, task: Task, text: str) -> None:
        own = self.results[task.id]
        if text not in own.faults:
            self.results[task.id] = replace(own, faults=(*own.faults, text))

    def _once(self, text: str) -> None:
        if text not in self.faults:
            self.faults.append(text)
