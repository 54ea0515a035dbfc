"""A task's solution as a learner of a lesson as text types it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.lessons.conditions.notation import format_condition
from hatlab.lessons.conditions.syntax import Node
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Change, Edit, SolutionStep, Task, Wait
from hatlab.lessons.templates import render


def solution_lines(task: Task, values: Mapping[str, Value]) -> Iterator[str]:
    """Yield the lines to type, in order; what is to be changed in a file stands in brackets between them.

    Args:
        task: with a solution.
        values: what names in braces stand for.
    """
    for step in task.solution:
        yield from _step_lines(step, values)


def _step_lines(step: SolutionStep, values: Mapping[str, Value]) -> Iterator[str]:
    match step:
        case str():
            yield step
        case Wait(wait=int() | float() as seconds):
            yield f"wait {seconds:g}"
        case Wait(wait=Node() as condition):
            yield f"wait until {format_condition(condition)}"
        case Edit(edit=node):
            yield f"conf {node} FILE"
            yield from (f"[in FILE remove {keyword} and everything in its block]" for keyword in step.drop)
            for change in step.change:
                yield from _change_lines(change, values)
            yield f"edit {node} FILE"


def _change_lines(change: Change, values: Mapping[str, Value]) -> Iterator[str]:
    old, new = (render(text, values).strip("\n") for text in (change.old, change.new))
    if "\n" in new:
        yield f"[in FILE replace {old.strip()} with:"
        yield from (f"    {text}" for text in new.split("\n"))
        yield "]"
    else:
        yield f"[in FILE replace {old.strip()} with {new.strip()}]"
