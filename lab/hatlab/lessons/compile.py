"""A lesson made ready for one lab: every line understood, for the names and addresses that the lab has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatlab.actions import Action, ArgKind, parse_words
from hatlab.diagnostics.finding import did_you_mean
from hatlab.keepalived import Statement, parse_config
from hatlab.lessons.conditions.expressions import Condition, Stopwatch, compile_condition, compile_measure
from hatlab.lessons.conditions.grammar import WordError, tokenize
from hatlab.lessons.conditions.measures import Measure, Observation, Value
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
)
from hatlab.lessons.templates import render
from hatlab.topology import Layout

WAIT = 60.0
"""Seconds that a wait for a condition in a solution may take."""


@dataclass(frozen=True, slots=True)
class WaitStep:
    """A wait in a solution: until a condition holds, or for so many seconds."""

    until: Condition | None
    seconds: float
    written: Any = None


@dataclass(frozen=True, slots=True)
class EditStep:
    """An edit of a node's keepalived.conf, made of the text it has then."""

    node: str
    edit: Edit

    def text(self, conf: str) -> str:
        """The new text.

        Raises:
            WordError: what was to be changed is not there.
        """
        for keyword in self.edit.drop:
            conf = _without(conf, keyword)
        for change in self.edit.change:
            if change.old not in conf:
                raise WordError(f"{self.node}'s keepalived.conf has no {change.old.strip()[:40]!r}")
            conf = conf.replace(change.old, change.new)
        return conf


def _without(conf: str, keyword: str) -> str:
    """A configuration without the statements of a keyword."""
    found = _first(parse_config(conf), keyword)
    while found is not None:
        end = found.close + 1 if found.body is not None else found.words[-1].end
        conf = conf[: found.words[0].start] + conf[end:]
        found = _first(parse_config(conf), keyword)
    return conf


def _first(root: Statement, keyword: str) -> Statement | None:
    for each in root.body or ():
        found = each if each.keyword == keyword else _first(each, keyword)
        if found is not None:
            return found
    return None


CompiledStep = Action | WaitStep | EditStep


@dataclass(frozen=True, slots=True)
class CompiledTask:
    """A task's lines, understood."""

    task: Task
    when: Condition
    captures: Mapping[str, Measure | Stopwatch]
    fails: tuple[Condition, ...]
    hints: tuple[Condition | None, ...]
    solution: tuple[CompiledStep, ...]
    wrong: tuple[tuple[CompiledStep, ...], ...]


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """A question's lines, understood."""

    question: Question
    truth: Measure | None
    choices: tuple[Condition | None, ...]
    whys: tuple[Condition | None, ...]

    @property
    def captured(self) -> bool:
        """Whether its truth is what a task captures, perhaps a later one than the next."""
        return self.question.truth is not None and self.truth is None


@dataclass(frozen=True, slots=True)
class CompiledSetup:
    """A step's known-good beginning, understood."""

    moves: tuple[CompiledStep, ...]
    until: Condition | None
    seconds: float


@dataclass(frozen=True, slots=True)
class CompiledLesson:
    """A lesson for one lab."""

    lesson: Lesson
    layout: Layout
    tasks: Mapping[str, CompiledTask]
    questions: Mapping[str, CompiledQuestion]
    starts: tuple[CompiledSetup, ...]

    def expected(self, step: int, task: str) -> frozenset[Action]:
        """What may be mended up to this task without anything having gone wrong: the actions that take back
        what beginnings and solutions so far do."""
        moves: list[CompiledStep] = []
        for k, each in self.lesson.tasks():
            if k <= step:
                moves += [*self.starts[k].moves, *self.tasks[each.id].solution]
            if each.id == task:
                break
        return frozenset(cure for cure in map(_undone, moves) if cure is not None)


def restore_conf(node: str, conf: str = "") -> Action:
    """The edit that gives a node its first keepalived.conf back."""
    return Action("edit", (node, "keepalived.conf"), conf)


def _undone(move: CompiledStep) -> Action | None:
    """The action that takes a move back, None if there is none."""
    match move:
        case EditStep():
            return restore_conf(move.node)
        case Action("set"):
            return restore_conf(move.need(ArgKind.NODE))
        case Action():
            return move.undo
        case _:
            return None


def compile_lesson(lesson: Lesson, layout: Layout) -> CompiledLesson:
    """The lesson for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return CompiledLesson(
        lesson,
        layout,
        {task.id: compile_task(task, layout) for _, task in lesson.tasks()},
        {
            asked.id: compile_question(asked.question, layout, _captures(lesson.steps[: k + 1]))
            for k, asked in lesson.questions()
        },
        tuple(compile_setup(step.begin or Setup(), layout) for step in lesson.steps),
    )


def _captures(steps: tuple[LessonStep, ...]) -> frozenset[str]:
    tasks = (item.task for step in steps for item in step.items if isinstance(item, TaskItem))
    return frozenset(name for task in tasks for name in task.capture)


def measured_names(steps: tuple[LessonStep, ...]) -> frozenset[str]:
    """What prose may name of what steps measure: their tasks' captures, and the truths of their questions."""
    asked = [item.id for step in steps for item in step.items if isinstance(item, QuestionItem)]
    return _captures(steps).union(map(truth_name, asked), map(answer_name, asked))


def truth_name(question: str) -> str:
    """Under which prose names the truth of a question."""
    return question.replace("-", "_")


def answer_name(question: str) -> str:
    """Under which prose names what the learner answered."""
    return f"{truth_name(question)}.said"


def compile_task(task: Task, layout: Layout) -> CompiledTask:
    """A task for a lab."""
    return CompiledTask(
        task,
        compile_condition(task.when, layout),
        {name: compile_capture(each, layout) for name, each in task.capture.items()},
        tuple(compile_condition(fail.when, layout) for fail in task.fail),
        _optional(task.hints, layout),
        compile_steps(task.solution, layout),
        tuple(compile_steps(wrong.do, layout) for wrong in task.wrong),
    )


def compile_question(question: Question, layout: Layout, captures: frozenset[str]) -> CompiledQuestion:
    """A question for a lab; `captures` are the names that tasks up to the end of its step capture."""
    named = question.truth is not None and question.truth in captures
    return CompiledQuestion(
        question,
        compile_measure(question.truth, layout) if question.truth and not named else None,
        _optional(question.choices, layout),
        _optional(question.why, layout),
    )


def _optional(parts: Sequence[ConditionalText | Choice], layout: Layout) -> tuple[Condition | None, ...]:
    return tuple(None if part.when is None else compile_condition(part.when, layout) for part in parts)


def compile_setup(begin: Setup, layout: Layout) -> CompiledSetup:
    """A step's beginning for a lab."""
    until = None if begin.until is None else compile_condition(begin.until, layout)
    return CompiledSetup(compile_steps(begin.begin, layout), until, begin.seconds)


def names_of(layout: Layout) -> dict[str, Value]:
    """What prose may name of a lab: `{vip}`, and `{db1.lan}` for a node's address on a network."""
    own: dict[str, Value] = {
        f"{name}.{network}": layout.address(name, network)
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }
    return own | {"vip": next(iter(layout.vip_addresses), "none")}


def compile_capture(written: str | Mapping[str, Any], layout: Layout) -> Measure | Stopwatch:
    """What a task captures.

    Raises:
        WordError: it is neither a measure nor `{from: …, to: …}`.
    """
    if isinstance(written, str):
        return compile_measure(written, layout)
    if written.keys() != {"from", "to"}:
        raise WordError("a capture is a measure, or has `from` and `to`", "as in: outage client")
    return Stopwatch(compile_condition(written["from"], layout), compile_condition(written["to"], layout))


def compile_steps(deeds: tuple[SolutionStep, ...], layout: Layout) -> tuple[CompiledStep, ...]:
    """A solution's lines for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return tuple(_move(deed, layout) for deed in deeds)


def _move(deed: SolutionStep, layout: Layout) -> CompiledStep:
    if isinstance(deed, str):
        words = tokenize(deed)
        if words[0] == "edit":
            raise WordError("a lesson has no file to put in place", "as in: {edit: db1, drop: [nopreempt]}")
        return parse_words(words, layout)
    if isinstance(deed, Edit):
        if deed.edit not in layout.node_names:
            raise WordError(
                f"no node `{deed.edit}`{did_you_mean(deed.edit, layout.node_names)}",
                f"the lab has: {', '.join(layout.node_names)}",
            )
        names = names_of(layout)
        changes = [
            c.model_copy(update={"old": render(c.old, names), "new": render(c.new, names)})
            for c in deed.change
        ]
        return EditStep(deed.edit, deed.model_copy(update={"change": tuple(changes)}))
    if isinstance(deed.wait, int | float):
        return WaitStep(None, float(deed.wait))
    return WaitStep(compile_condition(deed.wait, layout), WAIT, deed.wait)


def true_choices(found: CompiledQuestion, seen: Observation) -> list[str]:
    """The choices whose condition holds; more than one, and the question is not well put."""
    both = zip(found.question.choices, found.choices, strict=True)
    return [choice.text for choice, when in both if when is not None and when.step(None, seen)[0]]


def explanation(found: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]) -> str:
    """What explains the truth of a question: all of it that fits what happened."""
    both = zip(found.question.why, found.whys, strict=True)
    return " ".join(render(w.say, captures) for w, when in both if when is None or when.step(None, seen)[0])


def right_answer(found: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]) -> Value:
    """The right answer to a question, None while it cannot be told.

    A choice whose condition holds is right; else what `truth` measures, or a capture, or what `right` says.
    """
    question = found.question
    if true := true_choices(found, seen):
        return render(true[0], captures)
    if found.truth is not None:
        return found.truth(seen)
    if question.truth is not None:
        return captures.get(question.truth)
    if isinstance(question.right, str):
        return render(question.right, captures)
    return float(question.right) if isinstance(question.right, int) else question.right
