"""A lesson compiled for one lab: every line is resolved to the names and addresses that the lab has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hatlab.actions import VERBS, Action
from hatlab.lessons.conditions.compiler import Measure, compile_capture, compile_condition, compile_measure
from hatlab.lessons.conditions.parser import parse_condition, parse_measure
from hatlab.lessons.conditions.syntax import Condition, Interval
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.model import (
    Choice,
    ConditionalText,
    Lesson,
    Question,
    Setup,
    Task,
    WhatIf,
)
from hatlab.lessons.solution import CompiledStep, compile_steps, repairs_of
from hatlab.lessons.templates import captured_names, render
from hatlab.topology import Layout


@dataclass(frozen=True, slots=True)
class CompiledTask:
    """A task for one lab."""

    task: Task
    when: Condition
    captures: Mapping[str, Measure | Interval]
    fails: tuple[Condition, ...]
    hints: tuple[Condition | None, ...]
    solution: tuple[CompiledStep, ...]
    wrong: tuple[tuple[CompiledStep, ...], ...]


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """A question for one lab."""

    question: Question
    truth: Measure | None
    choices: tuple[Condition | None, ...]
    whys: tuple[Condition | None, ...]

    @property
    def asks_capture(self) -> bool:
        """True if its truth is what a task captures, perhaps a later one than the next."""
        return self.question.truth is not None and self.truth is None

    def true_choices(self, seen: Observation) -> list[str]:
        """Return the choices whose condition holds; more than one, and the question is not well put."""
        pairs = zip(self.question.choices, self.choices, strict=True)
        return [choice.text for choice, when in pairs if when is not None and when.step(None, seen)[0]]

    def explanation(self, seen: Observation, captures: Mapping[str, Value]) -> str:
        """Return what explains the truth: all of it that fits what happened."""
        pairs = zip(self.question.why, self.whys, strict=True)
        fitting = [why.say for why, when in pairs if when is None or when.step(None, seen)[0]]
        return " ".join(render(text, captures) for text in fitting)

    def right_answers(self, seen: Observation, captures: Mapping[str, Value]) -> tuple[Value, ...]:
        """Return what is right: one answer, or each of those that are all to be given; none if not known."""
        right = self.question.right
        if isinstance(right, tuple):
            return tuple(render(text, captures) for text in right)
        answer = self.right_answer(seen, captures)
        return () if answer is None else (answer,)

    def right_answer(
        self, seen: Observation, captures: Mapping[str, Value], found: Sequence[str] = ()
    ) -> Value:
        """Return the right answer, None while it cannot be told.

        A choice whose condition holds; else what `truth` measures, or a capture, or what `right` says: of a
        list, the first that was not `found` yet.
        """
        if true := self.true_choices(seen):
            return render(true[0], captures)
        if self.truth is not None:
            return self.truth(seen)
        if self.question.truth is not None:
            return captures.get(self.question.truth)
        right = self.question.right
        if isinstance(right, tuple):
            texts = [render(text, captures) for text in right]
            return next((text for text in texts if text not in found), texts[-1])
        return render(right, captures) if isinstance(right, str) else right


@dataclass(frozen=True, slots=True)
class CompiledWhatIf:
    """A what-if for one lab."""

    change: tuple[CompiledStep, ...]
    then: tuple[CompiledStep, ...]
    measure: Measure | Interval


@dataclass(frozen=True, slots=True)
class CompiledSetup:
    """The known-good beginning of a step, for one lab."""

    steps: tuple[CompiledStep, ...]
    until: Condition | None
    """What holds then; None for whatever comes of the steps."""
    seconds: float
    """How long that may take."""


@dataclass(frozen=True, slots=True)
class CompiledLesson:
    """A lesson for one lab."""

    lesson: Lesson
    layout: Layout
    tasks: Mapping[str, CompiledTask]
    questions: Mapping[str, CompiledQuestion]
    what_ifs: Mapping[str, CompiledWhatIf]
    setups: tuple[CompiledSetup, ...]
    _repairs: dict[tuple[int, str], frozenset[Action]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """What `expected_repairs` has found: it is asked whenever something may be broken."""

    def can_tell_effects(self, step: int, task: str) -> bool:
        """True if it is known what the solutions up to a task do: what an extension's action does is not."""
        for index, earlier in self.lesson.tasks():
            done = (*self.setups[index].steps, *self.tasks[earlier.id].solution) if index <= step else ()
            if any(isinstance(each, Action) and each.verb not in VERBS.own for each in done):
                return False
            if earlier.id == task:
                break
        return True

    def expected_repairs(self, step: int, task: str) -> frozenset[Action]:
        """Return what may be mended up to a task without anything having gone wrong: the actions that take
        back what setups and solutions so far do. Where the lab was set up for the step, files go back to what
        they were then, so that only the step's own solutions change them as they should."""
        if (step, task) not in self._repairs:
            self._repairs[step, task] = self._find_expected_repairs(step, task)
        return self._repairs[step, task]

    def _find_expected_repairs(self, step: int, task: str) -> frozenset[Action]:
        steps: list[CompiledStep] = []
        own: list[CompiledStep] = []
        for index, earlier in self.lesson.tasks():
            if index <= step:
                steps += [*self.setups[index].steps, *self.tasks[earlier.id].solution]
            if index == step:
                own += self.tasks[earlier.id].solution
            if earlier.id == task:
                break
        repairs = [repair for done in steps for repair in repairs_of(done)]
        if self.is_set_up(step):
            kept = [repair for done in own for repair in repairs_of(done)]
            repairs = [r for r in repairs if r.verb not in {"edit", "reload"}] + kept
        return frozenset(repairs)

    def is_set_up(self, step: int) -> bool:
        """True if the lab is put into a state of its own where a step begins."""
        return step == 0 or self.lesson.steps[step].begin is not None


def compile_lesson(lesson: Lesson, layout: Layout) -> CompiledLesson:
    """Return the lesson for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return CompiledLesson(
        lesson,
        layout,
        {task.id: compile_task(task, layout) for _, task in lesson.tasks()},
        {
            item.id: compile_question(item.question, layout, captured_names(lesson.steps[: index + 1]))
            for index, item in lesson.questions()
        },
        {what_if.id: compile_what_if(what_if, layout) for _, what_if in lesson.what_ifs()},
        tuple(compile_setup(step.begin, layout) for step in lesson.steps),
    )


def compile_task(task: Task, layout: Layout) -> CompiledTask:
    """Return a task for a lab."""
    return CompiledTask(
        task,
        compile_condition(task.when, layout),
        {name: compile_capture(capture, layout) for name, capture in task.capture.items()},
        tuple(compile_condition(fail.when or parse_condition(None), layout) for fail in task.fail),
        _compile_optional(task.hints, layout),
        compile_steps(task.solution, layout),
        tuple(compile_steps(wrong.do, layout) for wrong in task.wrong),
    )


def compile_question(question: Question, layout: Layout, captures: frozenset[str]) -> CompiledQuestion:
    """Return a question for a lab.

    Args:
        question: the question.
        layout: the lab.
        captures: names that tasks up to the end of its step capture.
    """
    captured = question.truth in captures
    return CompiledQuestion(
        question,
        compile_measure(parse_measure(question.truth), layout) if question.truth and not captured else None,
        _compile_optional(question.choices, layout),
        _compile_optional(question.why, layout),
    )


def compile_what_if(what_if: WhatIf, layout: Layout) -> CompiledWhatIf:
    """Return a what-if for a lab."""
    return CompiledWhatIf(
        compile_steps(what_if.change, layout),
        compile_steps(what_if.then, layout),
        compile_capture(what_if.measure, layout),
    )


def _compile_optional(
    parts: Sequence[ConditionalText | Choice], layout: Layout
) -> tuple[Condition | None, ...]:
    return tuple(None if part.when is None else compile_condition(part.when, layout) for part in parts)


def compile_setup(setup: Setup | None, layout: Layout) -> CompiledSetup:
    """Return a step's setup for a lab; one that does nothing for a step without."""
    if setup is None:
        return CompiledSetup((), None, 0.0)
    until = setup.until or (None if setup.begin else parse_condition("healthy"))
    compiled = None if until is None else compile_condition(until, layout)
    return CompiledSetup(compile_steps(setup.begin, layout), compiled, setup.seconds)
