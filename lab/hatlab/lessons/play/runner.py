"""A lesson under way: the fold of a learner's progress, fed with a session's batches. Knows no screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from hatlab.errors import LabError, UserError
from hatlab.lessons.compile import CompiledLesson, compile_lesson
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Item, Lesson, QuestionItem, WhatIfItem
from hatlab.lessons.play import learner_actions, reducer
from hatlab.lessons.play.choice_order import draw_choice_order
from hatlab.lessons.play.exam import ExamSitting, without_verdicts
from hatlab.lessons.play.exam_texts import NO_HINTS
from hatlab.lessons.play.futures import play_futures
from hatlab.lessons.play.learner_notes import LearnerNotes
from hatlab.lessons.play.progress import Futures, Progress
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.state.steps import Step, steps


class LessonRunner:
    """Leads a learner through one lesson; a reader of a session like any other.

    Args:
        lesson: the lesson.
        before: progress from an earlier session, which goes on at one of the lesson's steps.
        missing_prerequisites: titles of the lessons that this one builds on and the learner has not finished.
        seed: draws the order of the choices; None for the order in the file.
    """

    def __init__(
        self,
        lesson: Lesson,
        before: Progress | None = None,
        *,
        missing_prerequisites: tuple[str, ...] = (),
        seed: int | None = None,
    ) -> None:
        self.lesson = lesson if seed is None else draw_choice_order(lesson, seed)
        self.seed = seed
        self.missing_prerequisites = missing_prerequisites
        self._before = before
        self.state = LabState()
        """The lab as far as the runner has read it."""
        self.compiled_or_none: CompiledLesson | None = None
        """The lesson compiled for this lab; None until the lab is known."""
        self.progress_or_none: Progress | None = None
        """Where the learner stands; None until `begin`."""
        self.notes: LearnerNotes | None = None
        """Where what the learner does is put down, if anywhere."""
        self.exam: ExamSitting | None = None
        """The exam that this is, if it is one."""
        self._shown: tuple[Progress, Progress] | None = None
        self._setting_up = False
        self._judged_until = 0.0
        self._facts, self._course = 0, 0
        """Facts followed so far, of which course of events: how often time was set back before."""
        self._held: list[tuple[float, float]] = []
        """From when to when the tasks' clock stood though the lab went on, s of the lab."""

    @property
    def compiled(self) -> CompiledLesson:
        """The lesson compiled for this lab.

        Raises:
            LabError: the lab is not known yet.
        """
        if self.compiled_or_none is None:
            raise LabError("the lesson has not started yet", "wait until the lab is there")
        return self.compiled_or_none

    @property
    def progress(self) -> Progress:
        """Where the learner stands.

        Raises:
            LabError: the lesson has not begun.
        """
        if self.progress_or_none is None:
            raise LabError("the lesson has not started yet", "wait until the lab is ready")
        return self.progress_or_none

    @property
    def shown_progress(self) -> Progress:
        """Where the learner stands, as far as they are told: in an exam, nothing of what is right.

        Raises:
            LabError: the lesson has not begun.
        """
        progress = self.progress
        if self.exam is None:
            return progress
        if self._shown is None or self._shown[0] is not progress:
            self._shown = progress, without_verdicts(progress)
        return self._shown[1]

    @property
    def is_over(self) -> bool:
        """True once the lesson is finished, or the time of an exam is up."""
        progress = self.progress_or_none
        is_finished = progress is not None and progress.finished_at is not None
        return is_finished or (self.exam is not None and self.exam.is_over)

    @property
    def values(self) -> Mapping[str, Value]:
        """What names in braces stand for now; empty until the lab is known."""
        if self.progress_or_none is not None:
            return self.progress_or_none.captures
        if self.compiled_or_none is None:
            return {}
        return reducer.initial_values(self.compiled_or_none, self._before)

    @property
    def setting_up(self) -> bool:
        """True while the lab is put into a step's beginning: nothing that happens is the learner's doing."""
        return self._setting_up

    @setting_up.setter
    def setting_up(self, value: bool) -> None:
        self._note("preparing" if value else "prepared")
        self._setting_up = value

    @property
    def item(self) -> Item | None:
        """The item the learner is at; None before the lesson has begun and at the end of a step."""
        if self.compiled_or_none is None or self.progress_or_none is None:
            return None
        return self.progress.open_item(self.compiled)

    def feed(self, batch: Batch) -> None:
        """Follow what happened. Events that are repeated because time was set back are not judged again."""
        if batch.rewound:
            self.go_back(batch.course, batch.told_until)
        self.follow(steps(batch.events, self.state))

    def go_back(self, course: int, told_until: float) -> None:
        """Time was set back: what is followed next is the lab's beginning.

        Args:
            course: which course of events begins.
            told_until: up to when, s of the lab, it has been followed before.
        """
        self._note("went back")
        self._facts, self._course = 0, course
        self.state, self._judged_until = LabState(), told_until
        if self.progress_or_none is not None:
            self.progress_or_none = reducer.rewind(self.compiled, self.progress, told_until)

    def follow(self, happened: Iterable[Step]) -> None:
        """Follow what happened next, step by step from `state` on."""
        for step in happened:
            self.state = step.after
            self._facts += not step.event.derived
            if self.compiled_or_none is None and self.state.layout is not None:
                self.compiled_or_none = compile_lesson(self.lesson, self.state.layout)
                self._note("opened", details=self.notes.lesson if self.notes is not None else {})
            if self.progress_or_none is None:
                continue
            is_judged = step.event.at > self._judged_until and not self.setting_up and not self._is_too_late
            follow = reducer.reduce if is_judged else reducer.replay
            self.progress_or_none = follow(self.compiled, self.progress, step)
            if is_judged:
                self.watch(step)

    def hold_clock(self, held: bool) -> None:
        """Let the tasks' clock stand from now on, or go on; the lab itself may go on meanwhile."""
        now, stands = self.state.at, bool(self._held) and self._held[-1][1] == inf
        if held != stands:
            self._note("was held" if held else "was let go")
        if self.exam is not None:
            self.exam.hold(held)
        if held and not stands:
            self._held.append((now, inf))
        elif not held and stands:
            self._held[-1] = (self._held[-1][0], now)

    def seconds_between(self, began: float, ended: float) -> float:
        """Return the lab's seconds from one moment to another, without those in which the clock stood."""
        stood = sum(max(0.0, min(end, ended) - max(start, began)) for start, end in self._held)
        return max(0.0, ended - began - stood)

    @property
    def timed_task(self) -> tuple[float, float] | None:
        """The seconds taken for the task under way, and those it allows; None where it has no limit."""
        progress = self.progress_or_none
        if self.compiled_or_none is None or progress is None:
            return None
        task = progress.current_task(self.compiled_or_none)
        if task is None or task.limit is None:
            return None
        return self.seconds_between(progress.tasks[task.id].trace.began, self.state.at), task.limit

    def watch(self, step: Step) -> None:
        """Take in an event that happened for the first time while the learner was at work."""

    def begin(self, step: int = 0) -> None:
        """Put the learner at the beginning of a step; answers and tasks from there on are open again.

        Raises:
            LabError: the lab is not known yet.
        """
        self._note("began", step=step + 1)
        before = self.progress_or_none or self._before
        self.progress_or_none = reducer.begin(self.compiled, self.state, step, before)

    def resume(self, state: LabState, progress: Progress) -> None:
        """Go on from where the lesson stood at an earlier moment that the lab was set back to."""
        self.state, self.progress_or_none = state, progress

    def answer(self, value: str) -> None:
        """Lock a prediction, or answer a question.

        Raises:
            UserError: no question is open, or this is no answer to it.
        """
        self._refuse_when_over()
        self._note("answered", text=value)
        item = self.item
        self.progress_or_none = learner_actions.answer_question(
            self.compiled, self.progress, value, self.state
        )
        if self.exam is None or self.lesson.is_drill or not isinstance(item, QuestionItem):
            return
        if self.item is item and self.progress.answers[item.id].tries >= self.exam.exam.tries:
            self.progress_or_none = learner_actions.pass_by_question(
                self.compiled, self.progress, item, self.state
            )

    def play_futures(self) -> Futures:
        """Play both futures of the open what-if in a simulated lab of their own, as fast as possible.

        Raises:
            LabError: no what-if is open, or it cannot be played.
        """
        item = self.item
        if not isinstance(item, WhatIfItem):
            raise UserError("there is no open what-if")
        return play_futures(self.lesson, self.compiled.layout, self.progress.step_index, item.what_if)

    def show_futures(self, futures: Futures) -> None:
        """Show both futures of the open what-if, and go on."""
        self._refuse_when_over()
        self._note("saw futures", details={"first": futures.first, "other": futures.other})
        self.progress_or_none = learner_actions.show_futures(
            self.compiled, self.progress, futures, self.state
        )

    def hint(self) -> None:
        """Give one more hint.

        Raises:
            UserError: this is an exam.
        """
        if self.exam is not None:
            raise UserError(NO_HINTS.rstrip("."))
        self._note("asked for a hint")
        self.progress_or_none = learner_actions.give_hint(self.compiled, self.progress, self.state)

    def skip(self) -> None:
        """Go on without the open question, task or what-if."""
        self._refuse_when_over()
        self._note("skipped")
        self._skip()

    def _skip(self) -> None:
        self.progress_or_none = learner_actions.skip_item(self.compiled, self.progress, self.state)

    def next_step(self) -> None:
        """Go on to the next step, if this one is over."""
        self._refuse_when_over()
        self._note("went on")
        self.progress_or_none = learner_actions.go_to_next_step(self.compiled, self.progress, self.state)

    def end_exam(self) -> None:
        """End an exam, as its time is up: nothing counts from now on."""
        if self.exam is not None and not self.exam.is_over:
            self._note("time ran out")
            self.exam.is_over = True

    @property
    def _is_too_late(self) -> bool:
        return self.exam is not None and self.exam.is_over

    def _refuse_when_over(self) -> None:
        if self.exam is not None:
            self.exam.refuse_when_over()

    def note_look(self, what: str) -> None:
        """Take in that the learner looked at something, or typed a line somewhere."""
        self._note("looked", text=what)

    def _note(self, did: str, **what: Any) -> None:
        """Put down what the learner does, before it is done."""
        if self.notes is None:
            return
        progress = self.progress_or_none
        if progress is not None:
            what.setdefault("step", progress.step_index + 1)
            what["item"] = getattr(self.item, "id", "")
        self.notes.put(did, at=self.state.at, facts=self._facts, course=self._course, **what)
