"""Checks a lesson's blocks together, and for the lab that the lesson is taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.location import KEY
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.format.keys import check_keys
from hatlab.lessons.format.lint import find_traps
from hatlab.lessons.format.placeholders import check_placeholders, truth_name_of
from hatlab.lessons.format.questions import check_questions
from hatlab.lessons.format.references import check_references
from hatlab.lessons.templates import lab_values
from hatlab.topology import Layout


def check_structure(
    steps: Sequence[BoundStep],
    layout: Layout | None,
    *,
    whole: bool,
    drill: bool = False,
    recorded: bool = False,
) -> Iterator[Problem]:
    """Yield everything wrong with the steps of a lesson.

    Args:
        steps: the introduction, then the steps.
        layout: the lab; what is said is checked only if it is known.
        whole: every block could be read; what hangs together is checked only then.
        drill: it is one.
        recorded: it is over a recording.
    """
    yield from _check_order(steps)
    yield from _check_ids([block for step in steps for block in step.blocks])
    if layout is None:
        return
    captures: frozenset[str] = frozenset()
    wrong: set[int] = set()
    for step in steps:
        captures = captures.union(*(block.captures for block in step.blocks))
        for block in step.blocks:
            for problem in check_references(block, layout, captures):
                wrong.add(block.line)
                yield problem
    if whole:
        yield from check_placeholders(steps, frozenset(lab_values(layout)))
        yield from check_keys(steps, layout)
        yield from check_questions(steps, layout)
        yield from find_traps(steps, layout, wrong, drill=drill, recorded=recorded)


def _check_order(steps: Sequence[BoundStep]) -> Iterator[Problem]:
    intro, *others = steps
    if not others:
        yield Problem("015", intro.line, 1, "this lesson has no steps")
    for block in intro.blocks:
        yield Problem("014", block.line, 1, f"this {block.kind} comes before the first step")
    for step in others:
        for block in step.blocks[1:]:
            if block.kind == "lab":
                yield Problem(
                    "014", block.line, 1, "a `lab` block must come first in its step, and only once"
                )


def _check_ids(blocks: Sequence[BoundBlock]) -> Iterator[Problem]:
    line_of: dict[str, int] = {}
    for block in blocks:
        name = block.data.get("id")
        if isinstance(name, str):
            if name in line_of:
                message = f"`{name[:40]}` is the id of the block in line {line_of[name]} already"
                yield block.source_map.problem("020", ("id",), message)
            line_of.setdefault(name, block.line)
    taken = {truth_name_of(block): "the truth of a prediction" for block in blocks if block.kind == "predict"}
    taken["vip"] = "the lab's virtual address"
    for block in blocks:
        for name in block.captures.keys() & taken.keys():
            loc = ("capture", name, KEY)
            yield block.source_map.problem("020", loc, f"{{{name}}} is already {taken[name]}")
