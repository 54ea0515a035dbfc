"""A task's solution as keys and lines to type."""

from __future__ import annotations

import re

from lab.lessons.model import Deed, Edit, Task
from lab.lessons.telling import told
from lab.tui.keys import COMMANDS


def answer(task: Task) -> str:
    """The last hint, a line of Markdown: what is typed, in what order, and the key that does the same."""
    if len(task.solution) == 1 and isinstance(task.solution[0], str):
        line = task.solution[0]
        key = key_for(line)
        return f"The answer, with the key `:` and then typed: `{line}`{key and f' ({key})'}"
    return "The answer: " + ", then ".join(map(_part, task.solution))


def _part(deed: Deed) -> str:
    match deed:
        case str():
            return f"`: {deed}`"
        case Edit():
            return f"with `e` on {told(deed).removeprefix('edit ')}"
        case _:
            return told(deed)


def key_for(line: str) -> str:
    """The key that does what a line says, in words; "" if there is none."""
    for command in COMMANDS:
        pattern = re.escape(command.line).replace(r"\{heartbeat\}", r"\S+").replace(r"\{node\}", r"(\S+)")
        if command.line and (found := re.fullmatch(pattern, line)):
            on = f", while ▸ marks {found[1]}" if found.groups() else ""
            return f"or the key `{command.key_shown}`{on}"
    return ""
