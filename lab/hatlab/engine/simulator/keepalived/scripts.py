"""How keepalived begins a program: by execve, without a shell (notify.c: system_call_script)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hatlab.engine.simulator.disk import read_shebang
from hatlab.engine.simulator.environment import Machine, ScriptProcess
from hatlab.engine.simulator.keepalived.commands import ScriptCommand

EXEC = 0.002
"""Seconds until keepalived knows that a program could not be begun."""
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def run_command(
    node: Machine, command: ScriptCommand, more: tuple[str, ...], on_end: Callable[..., None], *args: Any
) -> ScriptProcess | None:
    """Run a program of the configuration: `on_end(exit status, *args)` when it ends, which may be never.

    What cannot be begun, as it has no `#!` line or names an interpreter that is not there, counts as exit
    status 0: "Script errors aren't server errors".

    Args:
        more: arguments behind its own.

    Returns:
        The process; None if there is none.
    """
    if command.by_shell:
        words: tuple[str, ...] = ("/usr/bin/sh", "-c", command.shell_line)
        return node.environment.start_script(node, words, command.user, _end_shell, on_end, args)
    words = (*command.words, *more)
    if not _can_begin(node, words[0]):
        node.environment.clock.call_after(EXEC, on_end, 0, *args)
        return None
    return node.environment.start_script(node, words, command.user, on_end, *args)


def _end_shell(status: int, on_end: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Hand on how a shell ended; that it found no program is no failure to keepalived."""
    on_end(0 if status in {NOT_FOUND, NOT_EXECUTABLE} else status, *args)


def _can_begin(node: Machine, path: str) -> bool:
    """True if execve takes a file: a program, or a text whose `#!` line names one that is there."""
    entry = node.disk.find(path)
    if entry is None or entry.kind != "file":
        return entry is not None
    text = node.disk.read(path) or ""
    interpreter = read_shebang(text)
    return node.disk.find(interpreter[0]) is not None if interpreter else False
