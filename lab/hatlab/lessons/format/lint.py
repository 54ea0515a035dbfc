"""What is likely not meant in a lesson that can be taken, or teaches less than it could."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.conditions.grammar import WordError, tokenize
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.format.markdown import Passage
from hatlab.lessons.model import Task
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
_ADDRESS = re.compile(r"198\.1[89]\.\d{1,3}\.\d{1,3}")


def find_traps(drafts: Sequence[BoundStep], layout: Layout, faulty: Container[int]) -> Iterator[Problem]:
    """Warnings about steps and tasks; the first draft is the introduction.

    `faulty` are the lines of blocks that name what is not there: nothing more is said of their conditions.
    """
    for draft in drafts:
        for part in draft.parts:
            if isinstance(part, Passage):
                yield from _prose(part)
            elif isinstance(part.model, Task):
                yield from _task(part, part.model)
                if part.line not in faulty:
                    yield from _passable(part, part.model, layout)
    for draft in drafts[1:]:
        yield from _step(draft)


def _step(draft: BoundStep) -> Iterator[Problem]:
    if not draft.title:
        yield Problem("038", draft.line, 1, "this step has no title")
    last = max((k for k, block in enumerate(draft.blocks) if block.kind == "task"), default=-1)
    if last < 0:
        yield Problem("031", draft.line, 1, f"nothing is to be done in {draft.title[:40]!r}")
    for block in draft.blocks[last + 1 :]:
        if block.kind == "predict":
            yield Problem("032", block.line, 1, "no task of this step stands behind this prediction")


def _prose(passage: Passage) -> Iterator[Problem]:
    for number, line in enumerate(passage.text.split("\n"), passage.line):
        if found := _ADDRESS.search(line):
            message = f"the address {found[0]} differs from run to run"
            yield Problem("041", number, found.start() + 1, message)


def _task(block: BoundBlock, task: Task) -> Iterator[Problem]:
    at = block.places
    if not task.hints and not task.watch:
        yield Problem("030", block.line, 1, f"{task.id} has no hints")
    if not task.solution and not task.watch:
        yield at.problem("034", ("solution",), f"the solution of {task.id} does nothing")
    if task.solution and task.watch:
        yield at.problem("034", ("watch",), f"{task.id} is only to be watched, but has a solution")
    for k, wrong in enumerate(task.wrong):
        if task.solution and wrong.do == task.solution:
            yield at.problem("033", ("wrong", k), "this wrong answer is the solution")
    actions = [deed for deed in task.solution if isinstance(deed, str)]
    first = [(k, hint.say) for k, hint in enumerate(task.hints) if hint.when is None]
    if len(first) > 1 and actions and all(action in first[0][1] for action in actions):
        yield at.problem("036", ("hints", first[0][0]), "the first hint gives the answer away")


def _passable(block: BoundBlock, task: Task, layout: Layout) -> Iterator[Problem]:
    """Whether what the condition asks for can be true together, and in time."""
    together = list(_together(task.when))
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    for line in together:
        words = _words(line)
        place = _VALUE_AT.get(words[0]) if words else None
        if place is None or place >= len(words):
            continue
        key = (*words[:place], "", *words[place + 1 :])
        other, value = seen.setdefault(key, (line, words[place]))
        if value != words[place]:
            yield _never(block, f"`{line}` and `{other}` never hold together")
        if words[0] == "owners" and float(words[1]) > len(layout.node_names):
            yield _never(block, f"`{line}`, but there are {len(layout.node_names)} nodes")
    for line in _denied(task.when):
        if line in together:
            yield _never(block, f"`{line}` and not `{line}` never hold together")
    for seconds in _waits(task.when):
        if seconds >= task.within:
            yield _never(
                block, f"the solution must pass within {task.within:g} s, but {seconds:g} s must go by"
            )


def _never(block: BoundBlock, message: str) -> Problem:
    return block.places.problem("035", ("when",), message)


def _words(line: str) -> list[str]:
    try:
        return tokenize(line)
    except WordError:
        return []


def _together(written: Any) -> Iterator[str]:
    """Simple conditions that must all hold at one moment."""
    match written:
        case str():
            yield written
        case list() | {"all": list()}:
            for part in written if isinstance(written, list) else written["all"]:
                yield from _together(part)
        case {"held": _, "when": part}:
            yield from _together(part)


def _denied(written: Any) -> Iterator[str]:
    """Simple conditions that must not hold at that moment."""
    match written:
        case list() | {"all": list()}:
            for part in written if isinstance(written, list) else written["all"]:
                yield from _denied(part)
        case {"held": _, "when": part}:
            yield from _denied(part)
        case {"not": str() as line}:
            yield line


def _waits(written: Any) -> Iterator[float]:
    """Seconds that must go by."""
    match written:
        case list() | {"all": list()}:
            for part in written if isinstance(written, list) else written["all"]:
                yield from _waits(part)
        case {"held": int() | float() as seconds, "when": _}:
            yield float(seconds)
        case str() if (words := _words(written))[:1] == ["elapsed"] and len(words) == 2:
            yield float(words[1])
