"""A lesson compiled for one lab: every line is resolved to the names and addresses that the lab has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hatlab.actions import Action, ArgKind, parse_words
from hatlab.diagnostics.finding import did_you_mean
from hatlab.keepalived import Statement, parse_config
from hatlab.lessons.conditions.compiler import Measure, compile_capture, compile_condition, compile_measure
from hatlab.lessons.conditions.parser import parse_condition, parse_measure, tokenize
from hatlab.lessons.conditions.syntax import Condition, Interval, Node, WordError
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.model import (
    Choice,
    ConditionalText,
    Edit,
    Lesson,
    LessonStep,
    Question,
    QuestionItem,
    Setup,
    SolutionStep,
    Task,
    TaskItem,
    Wait,
)
from hatlab.lessons.templates import render
from hatlab.topology import Layout

_LONGEST_WAIT = 60.0
"""Seconds that a wait for a condition in a solution may take."""


@dataclass(frozen=True, slots=True)
class WaitStep:
    """A wait in a solution: until a condition holds, or for so many seconds."""

    until: Condition | None
    seconds: float
    """How long, or how long at most."""


@dataclass(frozen=True, slots=True)
class EditStep:
    """An edit of a node's keepalived.conf, made of the text it has then."""

    node: str
    edit: Edit

    def apply(self, conf: str) -> str:
        """Return the new text.

        Raises:
            WordError: what was to be changed is not there.
        """
        for keyword in self.edit.drop:
            conf = _without_statements(conf, keyword)
        for change in self.edit.change:
            if change.old not in conf:
                raise WordError(f"{self.node}'s keepalived.conf has no {change.old.strip()[:40]!r}")
            conf = conf.replace(change.old, change.new)
        return conf


def _without_statements(conf: str, keyword: str) -> str:
    """Return a configuration without the statements of a keyword."""
    while (statement := _first_statement(parse_config(conf), keyword)) is not None:
        end = statement.close + 1 if statement.body is not None else statement.words[-1].end
        conf = conf[: statement.words[0].start] + conf[end:]
    return conf


def _first_statement(block: Statement, keyword: str) -> Statement | None:
    for statement in block.body or ():
        if statement.keyword == keyword:
            return statement
        if (inner := _first_statement(statement, keyword)) is not None:
            return inner
    return None


CompiledStep = Action | WaitStep | EditStep
"""A step of a solution or a setup."""


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
    setups: tuple[CompiledSetup, ...]

    def expected_repairs(self, step: int, task: str) -> frozenset[Action]:
        """Return what may be mended up to a task without anything having gone wrong: the actions that take
        back what setups and solutions so far do."""
        steps: list[CompiledStep] = []
        for index, earlier in self.lesson.tasks():
            if index <= step:
                steps += [*self.setups[index].steps, *self.tasks[earlier.id].solution]
            if earlier.id == task:
                break
        return frozenset(undo for undo in map(_undo, steps) if undo is not None)


def restore_conf(node: str, conf: str = "") -> Action:
    """Return the edit that gives a node its first keepalived.conf back."""
    return Action("edit", (node, "keepalived.conf"), conf)


def _undo(step: CompiledStep) -> Action | None:
    """Return the action that takes a step back, None if there is none."""
    match step:
        case EditStep():
            return restore_conf(step.node)
        case Action("set"):
            return restore_conf(step.need(ArgKind.NODE))
        case Action():
            return step.undo
        case _:
            return None


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
            item.id: compile_question(item.question, layout, _captures(lesson.steps[: index + 1]))
            for index, item in lesson.questions()
        },
        tuple(compile_setup(step.begin, layout) for step in lesson.steps),
    )


def _captures(steps: tuple[LessonStep, ...]) -> frozenset[str]:
    tasks = (item.task for step in steps for item in step.items if isinstance(item, TaskItem))
    return frozenset(name for task in tasks for name in task.capture)


def measured_names(steps: tuple[LessonStep, ...]) -> frozenset[str]:
    """Return the names by which prose may use what steps measure: captures, and truths of questions."""
    questions = [item.id for step in steps for item in step.items if isinstance(item, QuestionItem)]
    return _captures(steps).union(map(truth_name, questions), map(answer_name, questions))


def truth_name(question: str) -> str:
    """Return the name by which prose uses the truth of a question."""
    return question.replace("-", "_")


def answer_name(question: str) -> str:
    """Return the name by which prose uses what the learner answered."""
    return f"{truth_name(question)}.said"


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


def lab_values(layout: Layout) -> dict[str, Value]:
    """Return what prose may name of a lab: `{vip}`, and `{db1.lan}` for a node's address on a network."""
    addresses: dict[str, Value] = {
        f"{name}.{network}": layout.address(name, network)
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }
    return addresses | {"vip": next(iter(layout.vip_addresses), "none")}


def compile_steps(steps: tuple[SolutionStep, ...], layout: Layout) -> tuple[CompiledStep, ...]:
    """Return the steps of a solution for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return tuple(_compile_step(step, layout) for step in steps)


def _compile_step(step: SolutionStep, layout: Layout) -> CompiledStep:
    match step:
        case Edit():
            return _compile_edit(step, layout)
        case Wait(wait=float() as seconds):
            return WaitStep(None, seconds)
        case Wait(wait=Node() as condition):
            return WaitStep(compile_condition(condition, layout), _LONGEST_WAIT)
        case Wait():
            raise AssertionError("a wait has seconds or a condition")
        case str():
            words = tokenize(step)
            if words[0] == "edit":
                hint = "as in: {edit: db1, drop: [nopreempt]}"
                raise WordError("a lesson has no file to put in place", hint)
            return parse_words(words, layout)


def _compile_edit(edit: Edit, layout: Layout) -> EditStep:
    if edit.edit not in layout.node_names:
        raise WordError(
            f"no node `{edit.edit}`{did_you_mean(edit.edit, layout.node_names)}",
            f"the lab has: {', '.join(layout.node_names)}",
        )
    values = lab_values(layout)
    changes = tuple(
        change.model_copy(update={"old": render(change.old, values), "new": render(change.new, values)})
        for change in edit.change
    )
    return EditStep(edit.edit, edit.model_copy(update={"change": changes}))


def true_choices(compiled: CompiledQuestion, seen: Observation) -> list[str]:
    """Return the choices whose condition holds; more than one, and the question is not well put."""
    pairs = zip(compiled.question.choices, compiled.choices, strict=True)
    return [choice.text for choice, when in pairs if when is not None and when.step(None, seen)[0]]


def explanation(compiled: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]) -> str:
    """Return what explains the truth of a question: all of it that fits what happened."""
    pairs = zip(compiled.question.why, compiled.whys, strict=True)
    return " ".join(
        render(why.say, captures) for why, when in pairs if when is None or when.step(None, seen)[0]
    )


def right_answer(compiled: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]) -> Value:
    """Return the right answer to a question, None while it cannot be told.

    A choice whose condition holds is right; else what `truth` measures, or a capture, or what `right` says.
    """
    question = compiled.question
    if true := true_choices(compiled, seen):
        return render(true[0], captures)
    if compiled.truth is not None:
        return compiled.truth(seen)
    if question.truth is not None:
        return captures.get(question.truth)
    if isinstance(question.right, str):
        return render(question.right, captures)
    return float(question.right) if isinstance(question.right, int) else question.right
