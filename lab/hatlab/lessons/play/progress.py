"""Where a learner stands in a lesson: what was answered, done, measured and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hatlab import events as e
from hatlab.actions import Action
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions.evaluation import Memo
from hatlab.lessons.conditions.measures import Value
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.model import Item, LessonStep, Task, TaskItem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner answered.

    Attributes:
        value: as given: a choice's text, or a number.
        at: when it was locked, s of the lab.
        truth: what was measured, None before it is.
        right: whether that is the same, or near enough.
        late: locked only after what it was to predict.
        tries: how many answers were given, of a question that is checked at once.
    """

    value: Value
    at: float
    truth: Value = None
    right: bool | None = None
    late: bool = False
    tries: int = 1


@dataclass(frozen=True, slots=True)
class TaskState:
    """Where a task stands.

    Attributes:
        trace: what happened since it began.
        done: when its condition held, None before; `skipped`: the learner went on without.
        held: when its condition held first, even before the predictions in front of it were locked.
        captures: what was measured by then.
        hints: what was told so far, oldest first.
        wrong: wrong turns that hold now, by index.
    """

    trace: Trace
    memo: Memo = None
    stopwatches: Mapping[str, Memo] = field(default_factory=dict)
    wrong_turn_memos: tuple[Memo, ...] = ()
    done_at: float | None = None
    held_at: float | None = None
    skipped: bool = False
    captures: Mapping[str, Value] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    wrong_turns: frozenset[int] = frozenset()

    @property
    def is_over(self) -> bool:
        return self.done_at is not None or self.skipped


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the tutor says by itself.

    `kind`: `done`, `wrong turn`, `truth`, `lab`; `about`: id of the task or question, if it is about one.
    """

    at: float
    kind: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A learner's place in one lesson.

    Attributes:
        step: index of the step; `item`: of its first item that is not over, or their number.
        tasks, answers: by id.
        missed: a question that was not answered → its right answer, and what explains that.
        captures: every captured value so far, by name.
        last: node → its last advert on the wire, whenever that was.
        remarks: what the tutor said, oldest first.
        given: what was broken already where the lab was put into this step's beginning.
        astray: what is broken without need → (since when, what mends it, whether it was spoken of).
        strayed: something was spoken up at in this step, of which measures may tell; not said beside one yet.
        finished: when the last step was over, s of the lab.
    """

    step_index: int = 0
    item_index: int = 0
    tasks: Mapping[str, TaskState] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    revealed: Mapping[str, tuple[Value, str]] = field(default_factory=dict)
    captures: Mapping[str, Value] = field(default_factory=dict)
    last_adverts: Mapping[str, e.Advert] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    initial_faults: frozenset[str] = frozenset()
    side_effects: Mapping[str, tuple[float, Action, bool]] = field(default_factory=dict)
    has_side_effects: bool = False
    finished_at: float | None = None

    def current_step(self, course: CompiledLesson) -> LessonStep:
        return course.lesson.steps[self.step_index]

    def open_item(self, course: CompiledLesson) -> Item | None:
        """The item the learner is at, None at the end of the step."""
        items = self.current_step(course).items
        return items[self.item_index] if self.item_index < len(items) else None

    def current_task(self, course: CompiledLesson) -> Task | None:
        """The task that is under way, with or without questions in front of it.

        What they ask about may be done before they are answered. A task that is only to be watched waits.
        """
        task = self.current_step(course).task_after(self.item_index)
        reached = isinstance(self.open_item(course), TaskItem)
        return task if task is None or reached or not task.watch else None
