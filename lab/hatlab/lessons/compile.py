"""A lesson made ready for one lab: every line understood, for the names and addresses that the lab has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatlab.actions import Action, ArgKind, parse_words
from hatlab.diagnostics.finding import did_you_mean
from hatlab.keepalived import Statement, parse_config
from hatlab.lessons.conditions.expressions import Condition, Stopwatch, condition, measure
from hatlab.lessons.conditions.grammar import WordError, cut
from hatlab.lessons.conditions.measures import Measure, Seen, Value
from hatlab.lessons.model import Asked, Begin, Choice, Deed, Edit, Given, Lesson, Question, Say, Step, Task
from hatlab.lessons.templates import fill
from hatlab.topology import Layout

WAIT = 60.0
"""Seconds that a wait for a condition in a solution may take."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait in a solution: until a condition holds, or for so many seconds."""

    until: Condition | None
    seconds: float
    written: Any = None


@dataclass(frozen=True, slots=True)
class Rewrite:
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


Move = Action | Pause | Rewrite


@dataclass(frozen=True, slots=True)
class Ready:
    """A task's lines, understood."""

    task: Task
    when: Condition
    captures: Mapping[str, Measure | Stopwatch]
    fails: tuple[Condition, ...]
    hints: tuple[Condition | None, ...]
    solution: tuple[Move, ...]
    wrong: tuple[tuple[Move, ...], ...]


@dataclass(frozen=True, slots=True)
class Posed:
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
class Start:
    """A step's known-good beginning, understood."""

    moves: tuple[Move, ...]
    until: Condition | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Course:
    """A lesson for one lab."""

    lesson: Lesson
    layout: Layout
    tasks: Mapping[str, Ready]
    questions: Mapping[str, Posed]
    starts: tuple[Start, ...]

    def expected(self, step: int, task: str) -> frozenset[Action]:
        """What may be mended up to this task without anything having gone wrong: the actions that take back
        what beginnings and solutions so far do."""
        moves: list[Move] = []
        for k, each in self.lesson.tasks():
            if k <= step:
                moves += [*self.starts[k].moves, *self.tasks[each.id].solution]
            if each.id == task:
                break
        return frozenset(cure for cure in map(_undone, moves) if cure is not None)


def restored(node: str, conf: str = "") -> Action:
    """The edit that gives a node its first keepalived.conf back."""
    return Action("edit", (node, "keepalived.conf"), conf)


def _undone(move: Move) -> Action | None:
    """The action that takes a move back, None if there is none."""
    match move:
        case Rewrite():
            return restored(move.node)
        case Action("set"):
            return restored(move.need(ArgKind.NODE))
        case Action():
            return move.undo
        case _:
            return None


def course(lesson: Lesson, layout: Layout) -> Course:
    """The lesson for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return Course(
        lesson,
        layout,
        {task.id: ready(task, layout) for _, task in lesson.tasks()},
        {
            asked.id: posed(asked.question, layout, _captures(lesson.steps[: k + 1]))
            for k, asked in lesson.questions()
        },
        tuple(start(step.begin or Begin(), layout) for step in lesson.steps),
    )


def _captures(steps: tuple[Step, ...]) -> frozenset[str]:
    tasks = (item.task for step in steps for item in step.items if isinstance(item, Given))
    return frozenset(name for task in tasks for name in task.capture)


def measured_in(steps: tuple[Step, ...]) -> frozenset[str]:
    """What prose may name of what steps measure: their tasks' captures, and the truths of their questions."""
    asked = [item.id for step in steps for item in step.items if isinstance(item, Asked)]
    return _captures(steps).union(map(truth_name, asked), map(said_name, asked))


def truth_name(question: str) -> str:
    """Under which prose names the truth of a question."""
    return question.replace("-", "_")


def said_name(question: str) -> str:
    """Under which prose names what the learner answered."""
    return f"{truth_name(question)}.said"


def ready(task: Task, layout: Layout) -> Ready:
    """A task for a lab."""
    return Ready(
        task,
        condition(task.when, layout),
        {name: captured(each, layout) for name, each in task.capture.items()},
        tuple(condition(fail.when, layout) for fail in task.fail),
        _optional(task.hints, layout),
        moves(task.solution, layout),
        tuple(moves(wrong.do, layout) for wrong in task.wrong),
    )


def posed(question: Question, layout: Layout, captures: frozenset[str]) -> Posed:
    """A question for a lab; `captures` are the names that tasks up to the end of its step capture."""
    named = question.truth is not None and question.truth in captures
    return Posed(
        question,
        measure(question.truth, layout) if question.truth and not named else None,
        _optional(question.choices, layout),
        _optional(question.why, layout),
    )


def _optional(parts: Sequence[Say | Choice], layout: Layout) -> tuple[Condition | None, ...]:
    return tuple(None if part.when is None else condition(part.when, layout) for part in parts)


def start(begin: Begin, layout: Layout) -> Start:
    """A step's beginning for a lab."""
    until = None if begin.until is None else condition(begin.until, layout)
    return Start(moves(begin.begin, layout), until, begin.seconds)


def names_of(layout: Layout) -> dict[str, Value]:
    """What prose may name of a lab: `{vip}`, and `{db1.lan}` for a node's address on a network."""
    own: dict[str, Value] = {
        f"{name}.{network}": layout.address(name, network)
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }
    return own | {"vip": next(iter(layout.vip_addresses), "none")}


def captured(written: str | Mapping[str, Any], layout: Layout) -> Measure | Stopwatch:
    """What a task captures.

    Raises:
        WordError: it is neither a measure nor `{from: …, to: …}`.
    """
    if isinstance(written, str):
        return measure(written, layout)
    if written.keys() != {"from", "to"}:
        raise WordError("a capture is a measure, or has `from` and `to`", "as in: outage client")
    return Stopwatch(condition(written["from"], layout), condition(written["to"], layout))


def moves(deeds: tuple[Deed, ...], layout: Layout) -> tuple[Move, ...]:
    """A solution's lines for a lab.

    Raises:
        WordError, ActionError: a line says nothing in this lab.
    """
    return tuple(_move(deed, layout) for deed in deeds)


def _move(deed: Deed, layout: Layout) -> Move:
    if isinstance(deed, str):
        words = cut(deed)
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
            c.model_copy(update={"old": fill(c.old, names), "new": fill(c.new, names)}) for c in deed.change
        ]
        return Rewrite(deed.edit, deed.model_copy(update={"change": tuple(changes)}))
    if isinstance(deed.wait, int | float):
        return Pause(None, float(deed.wait))
    return Pause(condition(deed.wait, layout), WAIT, deed.wait)


def true_choices(found: Posed, seen: Seen) -> list[str]:
    """The choices whose condition holds; more than one, and the question is not well put."""
    both = zip(found.question.choices, found.choices, strict=True)
    return [choice.text for choice, when in both if when is not None and when.step(None, seen)[0]]


def explained(found: Posed, seen: Seen, captures: Mapping[str, Value]) -> str:
    """What explains the truth of a question: all of it that fits what happened."""
    both = zip(found.question.why, found.whys, strict=True)
    return " ".join(fill(w.say, captures) for w, when in both if when is None or when.step(None, seen)[0])


def value_of(found: Posed, seen: Seen, captures: Mapping[str, Value]) -> Value:
    """The right answer to a question, None while it cannot be told.

    A choice whose condition holds is right; else what `truth` measures, or a capture, or what `right` says.
    """
    question = found.question
    if true := true_choices(found, seen):
        return fill(true[0], captures)
    if found.truth is not None:
        return found.truth(seen)
    if question.truth is not None:
        return captures.get(question.truth)
    if isinstance(question.right, str):
        return fill(question.right, captures)
    return float(question.right) if isinstance(question.right, int) else question.right
