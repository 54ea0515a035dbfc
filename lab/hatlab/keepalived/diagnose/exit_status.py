"""Which exit statuses a shell script can end with, as far as its text tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hatlab.keepalived.diagnose.shell_reading import Block, Pipeline, Script, Simple, substitutions

ALWAYS_ZERO = frozenset(
    [":", "echo", "printf", "true", "logger", "date", "touch", "sleep", "export", "local", "declare", "wall"]
)
"""Commands that succeed whatever they are told."""
LETS_THROUGH = frozenset(
    ["tee", "logger", "cat", "wc", "tail", "head", "sort", "cut", "tr", "sed", "column", "nl"]
)
"""Filters that succeed whatever stands before them in a pipeline."""
_MOST_DEPTH = 20


def can_fail(script: Script) -> bool:
    """True if some way through the script ends with another status than 0, or if nobody can tell."""
    commands = list(script.commands())
    if any(_leaves_it_open(command) for command in commands):
        return True
    functions = {block.name: block for block in _blocks(script) if block.kind == "function"}
    return _some_exit_fails(script, functions) or _last_fails(script, functions, 0)


def _leaves_it_open(command: Simple) -> bool:
    """True for what makes the ways through a script another matter."""
    text = command.text
    return (
        command.name in {".", "source", "exec", "eval", "trap"}
        or bool(re.match(r"set\s+(-\w*e|-o\s+errexit)", text))
        or bool(re.match(r"kill\s.*\$\$", text))
    )


def _blocks(script: Script) -> Iterator[Block]:
    for pipeline in script.walk():
        yield from (command for command in pipeline.commands if isinstance(command, Block))


def _some_exit_fails(script: Script, functions: Mapping[str, Block]) -> bool:
    """True if an `exit` has a status that may not be 0."""
    if _exits(script, functions):
        return True
    inside = (inner for block in _blocks(script) for inner in (*block.branches, *block.conditions))
    return any(_exits(inner, functions) for inner in inside)


def _exits(script: Script, functions: Mapping[str, Block]) -> bool:
    """The same of the pipelines of one level."""
    for number, pipeline in enumerate(script.pipelines):
        for command in pipeline.commands:
            if not isinstance(command, Simple) or command.name not in {"exit", "return"}:
                continue
            status = command.arguments[0].strip("\"'") if command.arguments else "$?"
            before = script.pipelines[number - 1] if number else None
            if status == "$?" and before is not None:
                if _pipeline_fails(before, functions, 0):
                    return True
            elif status not in {"0", "00"}:
                return True
    return False


def _last_fails(script: Script, functions: Mapping[str, Block], depth: int) -> bool:
    """True if the script's last command, where it ends, may fail."""
    end = len(script.pipelines) - 1
    while end >= 0 and script.pipelines[end].background:
        return False
    chain: list[Pipeline] = []
    while end >= 0:
        chain.append(script.pipelines[end])
        if not script.pipelines[end].joined:
            break
        end -= 1
    if not chain:
        return False
    chain.reverse()
    fails = _pipeline_fails(chain[0], functions, depth)
    for pipeline in chain[1:]:
        own = _pipeline_fails(pipeline, functions, depth)
        fails = (fails and own) if pipeline.joined == "||" else (fails or own)
    return fails


def _pipeline_fails(pipeline: Pipeline, functions: Mapping[str, Block], depth: int) -> bool:
    if pipeline.negated:
        return True
    command = pipeline.commands[-1]
    if depth > _MOST_DEPTH:
        return True
    if isinstance(command, Block):
        if command.kind == "function":
            return False
        return any(_last_fails(branch, functions, depth + 1) for branch in command.branches)
    name = command.name
    if not name:
        inside = [inner for word in command.words for inner in substitutions(word)]
        return bool(inside)
    if name in functions:
        return any(_last_fails(branch, functions, depth + 1) for branch in functions[name].branches)
    if name in {"exit", "return"}:
        return False  # told by its own status
    if len(pipeline.commands) > 1 and name in LETS_THROUGH:
        return False
    return name not in ALWAYS_ZERO
