"""The steps of a solution or a setup: actions, waits and edits, as a person reads them and for one lab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.actions import Action, ArgKind, parse_words
from hatlab.diagnostics.finding import did_you_mean
from hatlab.keepalived import Statement, parse_config
from hatlab.lessons.conditions.compiler import compile_condition
from hatlab.lessons.conditions.notation import format_condition
from hatlab.lessons.conditions.parser import tokenize
from hatlab.lessons.conditions.syntax import Condition, Node, WordError
from hatlab.lessons.model import Change, Edit, SolutionStep, Wait
from hatlab.lessons.templates import lab_values, render
from hatlab.state.faults import restore_conf
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
                raise WordError(
                    f"keepalived.conf on {self.node} does not contain {change.old.strip()[:40]!r}"
                )
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


def format_step(step: SolutionStep) -> str:
    """Return a step of a solution as a person reads it."""
    match step:
        case str():
            return step
        case Edit():
            removals = [f"remove {keyword}" for keyword in step.drop]
            changes = map(_format_change, step.change)
            return f"edit {step.edit}: {', '.join([*removals, *changes])}"
        case Wait(wait=Node() as condition):
            return f"wait until {format_condition(condition)}"
        case Wait(wait=seconds):
            return f"wait {seconds:g} s"


def _format_change(change: Change) -> str:
    old, new = change.old.strip(), change.new.strip()
    return f"write {new}" if "\n" in old + new else f"replace {old} with {new}"


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
            raise AssertionError("a wait needs seconds or a condition")
        case str():
            words = tokenize(step)
            if words[0] == "edit":
                hint = "for example: {edit: db1, drop: [nopreempt]}"
                raise WordError("a lesson cannot put a file in place", hint)
            return parse_words(words, layout)


def _compile_edit(edit: Edit, layout: Layout) -> EditStep:
    if edit.edit not in layout.node_names:
        raise WordError(
            f"there is no node `{edit.edit}`{did_you_mean(edit.edit, layout.node_names)}",
            f"the lab has: {', '.join(layout.node_names)}",
        )
    values = lab_values(layout)
    changes = tuple(
        change.model_copy(update={"old": render(change.old, values), "new": render(change.new, values)})
        for change in edit.change
    )
    return EditStep(edit.edit, edit.model_copy(update={"change": changes}))


def repairs_of(step: CompiledStep) -> Iterator[Action]:
    """Yield the actions that take a step back, and those that a change of a file is not complete without."""
    match step:
        case EditStep(node=node):
            yield from (restore_conf(node), Action("reload", (node,)))
        case Action("set" | "reload"):
            node = step.need(ArgKind.NODE)
            yield from (restore_conf(node), Action("reload", (node,)))
        case Action():
            if step.undo is not None:
                yield step.undo
