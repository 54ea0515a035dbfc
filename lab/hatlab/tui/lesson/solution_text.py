"""A task's solution as keys and lines to type."""

from __future__ import annotations

import re
from typing import Any

from hatlab.lessons.conditions.captions import describe_condition
from hatlab.lessons.conditions.expressions import simple_conditions
from hatlab.lessons.conditions.notation import format_step
from hatlab.lessons.model import Edit, SolutionStep, Task, Wait
from hatlab.tui.commands import COMMANDS

TYPED = "The answer, with the key `:` and then typed:"


def format_solution(task: Task) -> str:
    """The last hint: a line of Markdown; beneath it a numbered one for each part of several."""
    match task.solution:
        case (str() as line,):
            return f"{TYPED} {_line(line)}"
    title = TYPED if any(isinstance(deed, str) for deed in task.solution) else "The answer:"
    return "\n".join([title, *(f"{k}. {_part(deed)}" for k, deed in enumerate(task.solution, 1))])


def _part(deed: SolutionStep) -> str:
    match deed:
        case str():
            return _line(deed)
        case Edit():
            return f"with the key `e` on {' '.join(format_step(deed).removeprefix('edit ').split())}"
        case Wait(wait=str() | list() | dict() as condition):
            return (
                f"wait until {_said(condition) or 'this holds: ' + '; '.join(simple_conditions(condition))}"
            )
        case _:
            return format_step(deed)


def _line(line: str) -> str:
    key = key_hint(line)
    return f"`{line}`{key and f' ({key})'}"


def _said(condition: Any) -> str:
    """A condition in words, "" for one that has none."""
    match condition:
        case str():
            return describe_condition(condition)
        case list():
            parts = [_said(part) for part in condition]
            return " and ".join(parts) if all(parts) else ""
        case {"held": seconds, "when": part}:
            said = _said(part)
            return said and f"{said}, for {seconds:g} s"
        case _:
            return ""


def key_hint(line: str) -> str:
    """The key that does what a line says, in words; "" if there is none."""
    for command in COMMANDS:
        pattern = re.escape(command.line).replace(r"\{heartbeat\}", r"\S+").replace(r"\{node\}", r"(\S+)")
        if command.line and (found := re.fullmatch(pattern, line)):
            on = f", while ▸ marks {found[1]}" if found.groups() else ""
            return f"or the key `{command.key_shown}`{on}"
    return ""
