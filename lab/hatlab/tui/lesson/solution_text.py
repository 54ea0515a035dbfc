"""A task's solution in words: the keys to press and the lines to type."""

from __future__ import annotations

import re

from hatlab.lessons.conditions.captions import describe_condition
from hatlab.lessons.conditions.syntax import Node, lines_of
from hatlab.lessons.model import Edit, SolutionStep, Task, Wait
from hatlab.lessons.solution import format_step
from hatlab.tui.commands import COMMANDS
from hatlab.tui.keys import key_of


def _typed() -> str:
    return f"The answer: press `{key_of('lab.line')}` and type"


def format_solution(task: Task) -> str:
    """Return the last hint: a line of Markdown; beneath it a numbered one for each step of several."""
    match task.solution:
        case (str() as line,):
            return f"{_typed()} {_format_line(line)}"
    title = _typed() if any(isinstance(step, str) for step in task.solution) else "The answer:"
    return "\n".join(
        [title, *(f"{k}. {_format_solution_step(step)}" for k, step in enumerate(task.solution, 1))]
    )


def _format_solution_step(step: SolutionStep) -> str:
    match step:
        case str():
            return _format_line(step)
        case Edit():
            what = " ".join(format_step(step).removeprefix("edit ").split())
            return f"press `{key_of('node.edit')}` on {what}"
        case Wait(wait=Node() as condition):
            held = describe_condition(condition) or f"this is true: {'; '.join(lines_of(condition))}"
            return f"wait until {held}"
        case _:
            return format_step(step)


def _format_line(line: str) -> str:
    key = key_hint(line)
    return f"`{line}`{key and f' ({key})'}"


def key_hint(line: str) -> str:
    """Return the key that does what a line says, in words; "" if there is none."""
    for command in COMMANDS:
        pattern = re.escape(command.line).replace(r"\{heartbeat\}", r"\S+").replace(r"\{node\}", r"(\S+)")
        if command.line and (match := re.fullmatch(pattern, line)):
            if match.groups():
                return f"or press `{command.key_shown}` while ▸ marks {match[1]}"
            return f"or press `{command.key_shown}`"
    return ""
