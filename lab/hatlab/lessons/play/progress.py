"""Where a learner stands in a lesson: answers, tasks, measured values, and what the tutor said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from hatlab import events as e
from hatlab.actions import Action
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions.syntax import Memo
from hatlab.lessons.conditions.trace import Observation, Trace, Value
from hatlab.lessons.model import Item, LessonStep, QuestionItem, Task, TaskItem, WhatIfItem
from hatlab.state.model import LabState


@dataclass(frozen=True, slots=True)
class Answer:
    """A learner's answer to a question or prediction."""

    value: Value
    """As the learner gave it: a choice's text, or a number."""
    at: float
    """When it was locked, s of the lab."""
    truth: Value = None
    """The right answer as it was measured; None until then."""
    right: bool | None = None
    """True if the answer is the truth, or near enough to it; None until that is known."""
    close: bool = False
    """True if it is a number that is not right, but not far off."""
    late: bool = False
    """True for a prediction that was locked only after what it predicts had happened."""
    tries: int = 1
    """Answers given so far, to a question that is checked at once."""
    found: tuple[str, ...] = ()
    """Right answers given so far, to a question that has several."""
    missed: tuple[str, ...] = ()
    """Those of `found` that a wrong answer came before since the last one was found."""
    wrong: tuple[str, ...] = ()
    """Wrong answers given so far, each once, to a question that is checked at once."""
    wrong_before: int = 0
    """How many of them came before the last right one."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """Where a task stands."""

    trace: Trace
    """What has happened since the task began."""
    memo: Memo = None
    """What the condition remembers from one event to the next, as do stopwatches and wrong turns."""
    stopwatches: Mapping[str, Memo] = field(default_factory=dict)
    wrong_turn_memos: tuple[Memo, ...] = ()
    done_at: float | None = None
    """When the task was ticked, s of the lab."""
    held_at: float | None = None
    """When its condition held first, even if the predictions in front of the task were not locked yet."""
    skipped: bool = False
    """True if the learner went on without it."""
    captures: Mapping[str, Value] = field(default_factory=dict)
    """Values measured so far, by name."""
    hints: tuple[str, ...] = ()
    """Hints given so far, oldest first."""
    wrong_turns: frozenset[int] = frozenset()
    """Indexes of the wrong turns that hold now."""

    @property
    def is_over(self) -> bool:
        return self.done_at is not None or self.skipped


@dataclass(frozen=True, slots=True)
class Run:
    """What happened in both futures of a what-if, from the beginning of its lab."""

    fork: float
    """Where they part."""
    first: tuple[e.Event, ...]
    """As it is."""
    other: tuple[e.Event, ...]
    """With the change."""


@dataclass(frozen=True, slots=True)
class Futures:
    """What a what-if measured in both futures."""

    first: Value
    """As it is."""
    other: Value
    """With the change."""
    run: Run | None = field(default=None, compare=False, repr=False)
    """To be looked at once; nobody keeps it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the tutor says by itself."""

    at: float
    kind: Literal["done", "wrong turn", "truth", "lab"]
    text: str
    about: str = ""
    """Id of the task or question that it is about, if any."""


class SideEffect(NamedTuple):
    """Something broken that the task under way has no use for."""

    since: float
    """When it was seen first, s of the lab."""
    repair: Action
    spoken_of: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """A learner's place in one lesson."""

    step_index: int = 0
    item_index: int = 0
    """Index of the step's first item that is not over; the number of its items at the end of the step."""
    tasks: Mapping[str, TaskState] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    revealed: Mapping[str, tuple[Value, str]] = field(default_factory=dict)
    """Question that was not answered → its right answer, and what explains it."""
    futures: Mapping[str, Futures] = field(default_factory=dict)
    """What-if → both futures, once the learner has seen them."""
    captures: Mapping[str, Value] = field(default_factory=dict)
    """Every value captured so far, by name."""
    last_adverts: Mapping[str, e.Advert] = field(default_factory=dict)
    """Node → the last advert it put on the wire, whenever that was."""
    remarks: tuple[Remark, ...] = ()
    """What the tutor has said, oldest first."""
    initial_faults: frozenset[str] = frozenset()
    """What was broken already when the lab was put into this step's beginning."""
    initial_confs: Mapping[str, str] = field(default_factory=dict)
    """Node → its keepalived.conf where this step began."""
    side_effects: Mapping[str, SideEffect] = field(default_factory=dict)
    """What is broken without need, by its description."""
    has_side_effects: bool = False
    """True once something was broken without need in this step, or a wrong turn still held when a task was
    ticked, until an explanation has mentioned it. A wrong turn that passed was one on the way."""
    finished_at: float | None = None
    """When the last step was over, s of the lab."""

    def current_step(self, compiled: CompiledLesson) -> LessonStep:
        return compiled.lesson.steps[self.step_index]

    def open_item(self, compiled: CompiledLesson) -> Item | None:
        """Return the item the learner is at; None at the end of the step."""
        items = self.current_step(compiled).items
        return items[self.item_index] if self.item_index < len(items) else None

    def current_task(self, compiled: CompiledLesson) -> Task | None:
        """Return the task that is under way, with or without open questions in front of it.

        A learner may do what the questions ask about before answering them. A task that is only watched does
        not begin before its questions are answered.
        """
        task = self.current_step(compiled).task_after(self.item_index)
        reached = isinstance(self.open_item(compiled), TaskItem)
        return task if task is None or reached or not task.watch else None

    def current_task_state(self, compiled: CompiledLesson) -> TaskState | None:
        """Return where the task under way stands; None without one, or before it has begun."""
        task = self.current_task(compiled)
        return self.tasks.get(task.id) if task else None

    def observe(self, compiled: CompiledLesson, now: LabState) -> Observation:
        """Return the lab as the task under way sees it; without one, as it is now."""
        state = self.current_task_state(compiled)
        return Observation(now, state.trace if state else Trace(now.at, last=self.last_adverts))

    def with_task_state(self, task: Task, state: TaskState, *remarks: Remark) -> Progress:
        """Replace where a task stands; the remarks are those that the change brings."""
        if not remarks and self.tasks.get(task.id) is state:
            return self
        return replace(
            self,
            tasks={**self.tasks, task.id: state},
            remarks=(*self.remarks, *remarks),
        )


def advance(compiled: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Move past prose, answered questions and tasks that are over; begin the next task."""
    items = progress.current_step(compiled).items
    left = (index for index in range(progress.item_index, len(items)) if not _is_over(items[index], progress))
    progress = replace(progress, item_index=next(left, len(items)))
    task = progress.current_task(compiled)
    if task is not None and task.id not in progress.tasks:
        progress = progress.with_task_state(task, TaskState(Trace(now.at, last=progress.last_adverts)))
    is_last_step = progress.step_index == len(compiled.lesson.steps) - 1
    if is_last_step and progress.item_index == len(items) and progress.finished_at is None:
        progress = replace(progress, finished_at=now.at)
    return progress


def _is_over(item: Item, progress: Progress) -> bool:
    match item:
        case QuestionItem():
            answer = progress.answers.get(item.id)
            return answer is not None and (not item.checked or answer.right is True)
        case TaskItem():
            return item.id in progress.tasks and progress.tasks[item.id].is_over
        case WhatIfItem():
            return item.id in progress.futures
        case _:
            return True
