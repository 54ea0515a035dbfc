"""What a lesson's blocks say, checked together and for the lab that the lesson is taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.location import KEY
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.compile import names_of
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.format.keys import check_keys
from hatlab.lessons.format.lint import find_traps
from hatlab.lessons.format.placeholders import captured_names, check_placeholders, truth_name_of
from hatlab.lessons.format.questions import check_questions
from hatlab.lessons.format.references import check_references
from hatlab.topology import Layout


def check_structure(drafts: Sequence[BoundStep], layout: Layout | None, *, whole: bool) -> Iterator[Problem]:
    """Everything wrong with the steps of a lesson.

    Args:
        drafts: the introduction, then the steps.
        layout: the lab; what is said is checked only if it is known.
        whole: every block could be read; what hangs together is checked only then.
    """
    yield from _check_order(drafts)
    yield from _check_ids([block for draft in drafts for block in draft.blocks])
    if layout is None:
        return
    captures: frozenset[str] = frozenset()
    faulty: set[int] = set()
    for draft in drafts:
        captures = captures.union(*map(captured_names, draft.blocks))
        for block in draft.blocks:
            for fault in check_references(block, layout, captures):
                faulty.add(block.line)
                yield fault
    if whole:
        yield from check_placeholders(drafts, frozenset(names_of(layout)))
        yield from check_keys(drafts, layout)
        yield from check_questions(drafts, layout)
        yield from find_traps(drafts, layout, faulty)


def _check_order(drafts: Sequence[BoundStep]) -> Iterator[Problem]:
    intro, *steps = drafts
    if not steps:
        yield Problem("015", intro.line, 1, "this lesson has no step")
    for block in intro.blocks:
        yield Problem("014", block.line, 1, f"this {block.kind} stands before the first step")
    for step in steps:
        for block in step.blocks[1:]:
            if block.kind == "lab":
                yield Problem("014", block.line, 1, "a beginning stands first in its step, and once")


def _check_ids(blocks: Sequence[BoundBlock]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for block in blocks:
        own = block.data.get("id")
        if isinstance(own, str):
            if own in seen:
                message = f"`{own[:40]}` is the id of the block in line {seen[own]} already"
                yield block.places.problem("020", ("id",), message)
            seen.setdefault(own, block.line)
    taken = {truth_name_of(block): "the truth of a prediction" for block in blocks if block.kind == "predict"}
    taken["vip"] = "the lab's virtual address"
    for block in blocks:
        for name in captured_names(block) & taken.keys():
            yield block.places.problem("020", ("capture", name, KEY), f"{{{name}}} is {taken[name]} already")
