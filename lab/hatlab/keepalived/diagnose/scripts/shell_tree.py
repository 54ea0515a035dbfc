"""Ways through the tree of a shell script, as the rules about scripts need them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hatlab.shell.syntax import (
    Arithmetic,
    Assignment,
    Case,
    Command,
    CommandOutput,
    Condition,
    CountingFor,
    For,
    Function,
    Group,
    If,
    Parameter,
    Pipeline,
    Script,
    Simple,
    Text,
    While,
    Word,
    literal,
)

_SECONDS = re.compile(r"\d+(\.\d+)?s?")


def word_text(word: Word) -> str:
    """A word as somebody would write it, without quotes: `$x` for a variable, `$(…)` for a command."""
    return "".join(_part_text(part) for part in word)


def _part_text(part: Any) -> str:
    match part:
        case Text(value):
            return value
        case Parameter(name):
            return f"${name}"
        case Arithmetic():
            return "$((…))"
        case _:
            return "$(…)"


def command_text(command: Command) -> str:
    """The words of a command that has some, with blanks between them."""
    if isinstance(command, Simple | Condition):
        return " ".join(word_text(word) for word in command.words)
    return ""


def program_name(command: Command) -> str:
    """The program of a simple command without its folder; empty if there is none."""
    words = command.words if isinstance(command, Simple) else ()
    return word_text(words[0]).rpartition("/")[2] if words else ""


def arguments(command: Command) -> list[str]:
    """What stands behind the program of a simple command."""
    return [word_text(word) for word in command.words[1:]] if isinstance(command, Simple) else []


def bodies(command: Command) -> tuple[Script, ...]:
    """What may run inside a command; a function's body when it is called."""
    match command:
        case Group(body) | While(_, body) | For(_, _, body) | CountingFor(_, _, _, body):
            return (body,)
        case If(branches, otherwise):
            return (*(body for _, body in branches), *((otherwise,) if otherwise else ()))
        case Case(_, branches):
            return tuple(body for _, body in branches)
        case Function(_, body):
            return bodies(body)
    return ()


def conditions(command: Command) -> tuple[Script, ...]:
    """What a command tests."""
    match command:
        case If(branches):
            return tuple(condition for condition, _ in branches)
        case While(condition):
            return (condition,)
    return ()


def scripts(script: Script) -> Iterator[Script]:
    """A script and all that stand in it, in `$( )` too."""
    yield script
    for pipeline in pipelines(script):
        for command in pipeline.commands:
            for inner in (*conditions(command), *bodies(command), *outputs(command)):
                yield from scripts(inner)


def pipelines(script: Script) -> Iterator[Pipeline]:
    """The pipelines of a script itself."""
    return (pipeline for both in script.commands for pipeline in both.pipelines)


def all_pipelines(script: Script) -> Iterator[Pipeline]:
    """The pipelines of a script and of all that stand in it."""
    return (pipeline for inner in scripts(script) for pipeline in pipelines(inner))


def all_commands(script: Script) -> Iterator[Command]:
    """The commands of a script and of all that stand in it."""
    return (command for pipeline in all_pipelines(script) for command in pipeline.commands)


def seconds_asleep(script: Script) -> float:
    """How long a script sleeps where all of it runs; a loop of unknown length goes round twice."""
    return sum(_asleep(command) for pipeline in pipelines(script) for command in pipeline.commands)


def _asleep(command: Command) -> float:
    if program_name(command) == "sleep":
        seconds = arguments(command)
        return float(seconds[0].rstrip("s")) if len(seconds) == 1 and _SECONDS.fullmatch(seconds[0]) else 0.0
    inside = sum(seconds_asleep(inner) for inner in (*conditions(command), *bodies(command)))
    match command:
        case For(_, words) if words and all(literal(word) for word in words):
            return inside * len(words)
        case For() | CountingFor() | While():
            return inside * 2
    return inside


def outputs(command: Command) -> Iterator[Script]:
    """The scripts in `$( )` and backticks among a command's words."""
    words: list[Word] = []
    match command:
        case Simple(own, assignments):
            words = [*own, *(value for each in assignments for value in _values(each))]
        case Condition(own) | For(_, own):
            words = list(own or ())
        case Case(word):
            words = [word]
    for word in words:
        for part in word:
            match part:
                case CommandOutput(inner):
                    yield inner
                case Arithmetic(expression):
                    yield from (each.script for each in expression if isinstance(each, CommandOutput))


def _values(assignment: Assignment) -> tuple[Word, ...]:
    return (assignment.value, *(assignment.elements or ()))
