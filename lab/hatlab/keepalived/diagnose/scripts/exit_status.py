"""Which exit statuses a shell script can end with, as far as its text tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hatlab.keepalived.diagnose.scripts.shell_tree import (
    all_commands,
    arguments,
    bodies,
    command_text,
    outputs,
    pipelines,
    program_name,
    scripts,
)
from hatlab.shell.syntax import Command, Compute, Condition, Function, Pipeline, Script, Simple

ALWAYS_ZERO = {":", "echo", "printf", "true", "logger", "date", "touch", "sleep", "export", "local", "wall"}
"""Commands that succeed whatever they are told."""
LETS_THROUGH = {"tee", "logger", "cat", "wc", "tail", "head", "sort", "cut", "tr", "sed", "column", "nl"}
"""Filters that succeed whatever stands before them in a pipeline."""
_MOST_DEPTH = 20

Functions = Mapping[str, Function]


def can_fail(script: Script) -> bool:
    """True if some way through the script ends with another status than 0, or if nobody can tell."""
    if script.error or any(_leaves_it_open(command) for command in all_commands(script)):
        return True
    functions = {f.name: f for f in all_commands(script) if isinstance(f, Function)}
    return any(_exits(inner, functions) for inner in scripts(script)) or _last_fails(script, functions, 0)


def _leaves_it_open(command: Command) -> bool:
    """True for what makes the ways through a script another matter."""
    text = command_text(command)
    return (
        program_name(command) in {".", "source", "exec", "eval", "trap"}
        or bool(re.match(r"set\s+(-\w*e|-o\s+errexit)", text))
        or bool(re.match(r"kill\s.*\$\$", text))
    )


def _exits(script: Script, functions: Functions) -> bool:
    """True if an `exit` or `return` of this very level has a status that may not be 0."""
    before: Pipeline | None = None
    for pipeline in pipelines(script):
        for command in pipeline.commands:
            if program_name(command) in {"exit", "return"}:
                status = next(iter(arguments(command)), "$?")
                if status == "$?" and before is not None:
                    if _pipeline_fails(before, functions, 0):
                        return True
                elif status.strip() not in {"0", "00"}:
                    return True
        before = pipeline
    return False


def _last_fails(script: Script, functions: Functions, depth: int) -> bool:
    """True if the script's last command, where it ends, may fail."""
    if not script.commands or script.commands[-1].background:
        return False
    first, *rest = script.commands[-1].pipelines
    fails = _pipeline_fails(first, functions, depth)
    for pipeline in rest:
        own = _pipeline_fails(pipeline, functions, depth)
        fails = (fails and own) if pipeline.when == "||" else (fails or own)
    return fails


def _pipeline_fails(pipeline: Pipeline, functions: Functions, depth: int) -> bool:
    if pipeline.negated or depth > _MOST_DEPTH:
        return True
    command = pipeline.commands[-1]
    if isinstance(command, Condition | Compute):
        return True
    if not isinstance(command, Simple):
        inner = () if isinstance(command, Function) else bodies(command)
        return any(_last_fails(body, functions, depth + 1) for body in inner)
    name = program_name(command)
    if not name:
        return bool(command.redirects) or any(True for _ in outputs(command))
    if name in functions:
        return any(_last_fails(body, functions, depth + 1) for body in bodies(functions[name]))
    if name in {"exit", "return"}:
        return False  # told by its own status
    if len(pipeline.commands) > 1 and name in LETS_THROUGH:
        return False
    return name not in ALWAYS_ZERO
