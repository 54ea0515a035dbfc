"""Warns of what is likely not meant in a lesson that can be taken, or teaches less than it could."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.conditions.syntax import All, Condition, Held, Leaf, Not, Predicate
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.format.markdown import Passage
from hatlab.lessons.model import Task, WhatIf
from hatlab.topology import Layout

_VALUE_AT = {
    "state": 2,
    "process": 3,
    "power": 2,
    "link": 3,
    "check": 3,
    "owner": 1,
    "master": 1,
    "owners": 1,
}
"""Conditions of which only one can hold at a time, and which of their words differs then."""
_SET = re.compile(r"\s*set\s+\S+\s+\S+")
_ADDRESS = re.compile(r"198\.1[89]\.\d{1,3}\.\d{1,3}")


def find_traps(
    steps: Sequence[BoundStep], layout: Layout, wrong: Container[int], *, drill: bool, recorded: bool
) -> Iterator[Problem]:
    """Yield warnings about steps and tasks.

    Args:
        steps: the introduction, then the steps.
        layout: the lab.
        wrong: the lines of blocks that name what is not there: nothing more is said of their conditions.
        drill: it is one, which has no hints.
        recorded: it is over a recording, in which nothing can be done.
    """
    for step in steps:
        for part in step.parts:
            if isinstance(part, Passage):
                yield from _check_prose(part)
            elif isinstance(part.model, Task):
                yield from _check_task(part, part.model, drill=drill)
                if part.line not in wrong:
                    yield from _check_passable(part, part.model, layout)
            elif isinstance(part.model, WhatIf):
                yield from _check_what_if(part, part.model)
    for step in steps[1:]:
        yield from _check_step(step, recorded=recorded)


def _check_step(step: BoundStep, *, recorded: bool) -> Iterator[Problem]:
    if not step.title:
        yield Problem("038", step.line, 1, "this step has no title")
    last = max((index for index, block in enumerate(step.blocks) if block.kind == "task"), default=-1)
    if last < 0 and not recorded:
        yield Problem("031", step.line, 1, f"nothing is to be done in {step.title[:40]!r}")
    for block in step.blocks[last + 1 :]:
        if block.kind == "predict":
            yield Problem("032", block.line, 1, "no task in this step comes after this prediction")


def _check_prose(passage: Passage) -> Iterator[Problem]:
    for number, line in enumerate(passage.text.split("\n"), passage.line):
        if match := _ADDRESS.search(line):
            message = f"the address {match[0]} changes from run to run"
            yield Problem("041", number, match.start() + 1, message)


def _check_task(block: BoundBlock, task: Task, *, drill: bool) -> Iterator[Problem]:
    source_map = block.source_map
    if not task.hints and not task.watch and not drill:
        yield Problem("030", block.line, 1, f"{task.id} has no hints")
    if not task.solution and not task.watch:
        yield source_map.problem("034", ("solution",), f"the solution of {task.id} does nothing")
    if task.solution and task.watch:
        yield source_map.problem("034", ("watch",), f"{task.id} is only watched, but has a solution")
    for index, wrong in enumerate(task.wrong):
        if task.solution and wrong.do == task.solution:
            yield source_map.problem("033", ("wrong", index), "this wrong answer is the solution")
    actions = [step for step in task.solution if isinstance(step, str)]
    hints = [(index, hint.say) for index, hint in enumerate(task.hints) if hint.when is None]
    if len(hints) > 1 and actions:
        index, first = hints[0]
        if all(action in first for action in actions):
            yield source_map.problem("036", ("hints", index), "the first hint gives the answer away")


def _check_passable(block: BoundBlock, task: Task, layout: Layout) -> Iterator[Problem]:
    """Warn unless what the condition asks for can be true together, and in time."""
    together = list(_together(task.when))
    lines = [condition for condition in together if isinstance(condition, Leaf)]
    first_with: dict[tuple[str, ...], Leaf] = {}
    for line in lines:
        words, at = line.words, _VALUE_AT.get(line.words[0])
        if at is None or at >= len(words):
            continue
        other = first_with.setdefault((*words[:at], "", *words[at + 1 :]), line)
        if other.words[at] != words[at]:
            yield _never(block, f"`{line.written}` and `{other.written}` can never be true together")
        if words[0] == "owners" and float(words[1]) > len(layout.node_names):
            yield _never(block, f"`{line.written}`, but there are {len(layout.node_names)} nodes")
    written = {line.written for line in lines}
    for denied in (condition.parts[0] for condition in together if isinstance(condition, Not)):
        if isinstance(denied, Leaf) and denied.written in written:
            yield _never(block, f"`{denied.written}` and not `{denied.written}` can never be true together")
    for seconds in _waits(task.when):
        if seconds >= task.within:
            within = f"the solution must pass within {task.within:g} s"
            yield _never(block, f"{within}, but the condition takes {seconds:g} s")


def _check_what_if(block: BoundBlock, what_if: WhatIf) -> Iterator[Problem]:
    """Warn if more than one setting changes: the learner could not tell which of them counts."""
    changed = [step.split()[2] for step in what_if.change if isinstance(step, str) and _SET.match(step)]
    if others := sorted({*changed} - {changed[0]}) if changed else []:
        message = f"{what_if.id} changes {changed[0]} and also {', '.join(others)}"
        yield block.source_map.problem("057", ("change",), message)


def _never(block: BoundBlock, message: str) -> Problem:
    return block.source_map.problem("035", ("when",), message)


def _together(condition: Condition) -> Iterator[Condition]:
    """A condition and the parts of it that must all hold at one moment."""
    yield condition
    if isinstance(condition, All | Held):
        for part in condition.parts:
            yield from _together(part)


def _waits(condition: Condition) -> Iterator[float]:
    """Yield the seconds that must go by before a condition can hold."""
    match condition:
        case Held():
            yield condition.seconds
        case Predicate(words=("elapsed", seconds)):
            yield float(seconds)
        case All():
            for part in condition.parts:
                yield from _waits(part)
