"""Puts the sittings of a lesson together to attempts, and says of each what was answered and done in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hatlab.classroom.marks.retake import Sitting
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillResult
from hatlab.lessons.play.learner_actions import ANSWER_PREFIX
from hatlab.lessons.play.progress import Answer, Progress, TaskState


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What became of a question."""

    id: str
    ask: str
    is_prediction: bool
    said: Value
    """What the learner said in the end; None without an answer."""
    was: Value
    """What was right, as it was measured; None if that was never known."""
    right: bool | None
    """Of the last answer."""
    right_at_once: bool
    """Of the very first answer, even if the step was begun again later."""
    close: bool
    late: bool
    tries: int
    typed: tuple[str, ...]
    """Everything that was typed as an answer, in order."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a task."""

    id: str
    do: str
    seconds: float | None
    """How long it took, s of the lab; None if it was not done."""
    skipped: bool
    hints: int
    saw_answer: bool
    """The last hint, which is the answer, was given."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way through a lesson, in one sitting or several."""

    sittings: tuple[Sitting, ...]
    questions: tuple[QuestionResult, ...]
    tasks: tuple[TaskResult, ...]
    finished: bool
    step: int
    """The step that the learner came to, from 1."""
    restarts: int
    """How often a step was begun again."""

    @property
    def lesson(self) -> Lesson:
        return self.sittings[0].lesson

    @property
    def seconds(self) -> float:
        """How long it took by a clock that nobody sets, without what lay between sittings."""
        return sum(sitting.seconds for sitting in self.sittings)

    @property
    def began(self) -> float:
        """When, s since 1970."""
        return self.sittings[0].walls[0]

    @property
    def ended(self) -> float:
        """When the learner last did something, s since 1970."""
        return max(sitting.walls[1] for sitting in self.sittings)

    @property
    def drill(self) -> DrillResult | None:
        return self.sittings[-1].drill

    @property
    def hints(self) -> int:
        return sum(task.hints for task in self.tasks)


def make_attempt(sittings: Sequence[Sitting]) -> Attempt:
    """Return what was done in sittings that continue one another, in order."""
    last, lesson = sittings[-1].progress, sittings[0].lesson
    restarts = sum(max(0, len(sitting.began) - 1) for sitting in sittings)
    return Attempt(
        tuple(sittings),
        tuple(_question_results(sittings, lesson)),
        tuple(_task_results(sittings, lesson)),
        finished=last is not None and last.finished_at is not None,
        step=last.step_index + 1 if last is not None else 1,
        restarts=restarts,
    )


def _states(sittings: Sequence[Sitting]) -> Iterator[Progress]:
    """Yield where the learner stood before each restart of a step, and at the end of each sitting."""
    for sitting in sittings:
        yield from sitting.put_back
        if sitting.progress is not None:
            yield sitting.progress


def _question_results(sittings: Sequence[Sitting], lesson: Lesson) -> Iterator[QuestionResult]:
    states = list(_states(sittings))
    for _, item in lesson.questions():
        given = [state.answers[item.id] for state in states if item.id in state.answers]
        typed = tuple(
            each.text
            for sitting in sittings
            for each in sitting.answers
            if each.item == item.id and each.answer is not None
        )
        first, last = (given[0], given[-1]) if given else (None, None)
        missed = next((state.revealed[item.id][0] for state in states if item.id in state.revealed), None)
        yield QuestionResult(
            item.id,
            item.question.ask,
            not item.checked,
            said=last.value if last else None,
            was=last.truth if last else missed,
            right=last.right if last else None,
            right_at_once=first is not None and _is_right_at_once(first),
            close=last is not None and last.close,
            late=first is not None and first.late,
            tries=len(typed),
            typed=typed,
        )


def _is_right_at_once(answer: Answer) -> bool:
    return answer.right is True and answer.tries == 1 and not answer.missed


def _task_results(sittings: Sequence[Sitting], lesson: Lesson) -> Iterator[TaskResult]:
    states = list(_states(sittings))
    for _, task in lesson.tasks():
        known: list[TaskState] = [state.tasks[task.id] for state in states if task.id in state.tasks]
        done = [state for state in known if state.done_at is not None]
        hints = {hint for state in known for hint in state.hints}
        seconds = done[0].done_at - done[0].trace.began if done and done[0].done_at is not None else None
        yield TaskResult(
            task.id,
            task.do,
            None if seconds is None else round(seconds, 3),
            skipped=not done and any(state.skipped for state in known),
            hints=len(hints),
            saw_answer=any(hint.startswith(ANSWER_PREFIX) for hint in hints),
        )
