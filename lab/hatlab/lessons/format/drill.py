"""Checks a drill: one step that begins with a fault, asks for its cause, and wants it repaired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.blocks import BoundStep, LocatedMapping
from hatlab.lessons.model import Question, Setup, Task, WhatIf

_KEYS = ("level", "fault", "expert")
"""Keys of the front matter that only a drill has."""


def is_drill(head: LocatedMapping) -> bool:
    """True if a front matter says that the file is a drill."""
    return bool(head.data.get("kind") == "drill")


def check_front_of_drill(head: LocatedMapping) -> Iterator[Problem]:
    """Yield what a drill's front matter lacks, or what a lesson's has that only a drill uses."""
    problem = head.source_map.problem
    if not is_drill(head):
        for key in _KEYS:
            if key in head.data:
                yield problem("055", (key,), f"`{key}` says nothing in a lesson")
        return
    if not head.data.get("expert"):
        yield problem("056", ("kind",), "this drill does not tell how an expert would find the fault")
    if not head.data.get("fault"):
        yield problem("056", ("kind",), "this drill does not say which kind of fault it counts as")


def check_steps_of_lesson(steps: Sequence[BoundStep]) -> Iterator[Problem]:
    """Yield what only a drill's task may have."""
    for block in (block for step in steps for block in step.blocks):
        if isinstance(block.model, Task) and block.model.saves:
            yield block.source_map.problem("055", ("saves",), "`saves` says nothing in a lesson")


def check_steps_of_drill(steps: Sequence[BoundStep]) -> Iterator[Problem]:
    """Yield what keeps steps (the introduction first) from being a drill."""
    _, *others = steps
    for step in others[1:]:
        yield Problem("054", step.line, 1, "a drill has one step, and this is another")
    for step in others[:1]:
        kinds = [block.kind for block in step.blocks]
        for kind, what in (
            ("lab", "a beginning that breaks something"),
            ("question", "a question that asks for the cause"),
            ("task", "a task that asks for the fix"),
        ):
            if kinds.count(kind) != 1:
                yield Problem("054", step.line, 1, f"a drill has {what}: one `yaml {kind}` block")
        for block in step.blocks:
            match block.model:
                case WhatIf():
                    yield Problem("054", block.line, 1, "a drill has no what-if")
                case Question() if block.kind == "predict":
                    yield Problem("054", block.line, 1, "a drill has no prediction")
                case Question(choices=()):
                    yield block.source_map.problem("054", ("id",), "a drill's question has choices")
                case Setup(begin=()):
                    yield Problem("054", block.line, 1, "nothing is broken at this drill's beginning")
        if "task" in kinds and "question" in kinds and kinds.index("task") < kinds.index("question"):
            yield Problem("054", step.line, 1, "a drill's question stands before its task")
