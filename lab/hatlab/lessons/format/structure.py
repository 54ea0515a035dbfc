"""What a lesson's blocks say, checked together and for the lab that the lesson is taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.location import KEY
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.compile import names_of
from hatlab.lessons.format.blocks import Draft, Filled
from hatlab.lessons.format.lint import traps
from hatlab.lessons.format.placeholders import captured_in, name_of, names
from hatlab.lessons.format.questions import questions
from hatlab.lessons.format.references import lines
from hatlab.topology import Layout


def check(drafts: Sequence[Draft], layout: Layout | None, *, whole: bool) -> Iterator[Problem]:
    """Everything wrong with the steps of a lesson.

    Args:
        drafts: the introduction, then the steps.
        layout: the lab; what is said is checked only if it is known.
        whole: every block could be read; what hangs together is checked only then.
    """
    yield from _order(drafts)
    yield from _ids([block for draft in drafts for block in draft.blocks])
    if layout is None:
        return
    captures: frozenset[str] = frozenset()
    faulty: set[int] = set()
    for draft in drafts:
        captures = captures.union(*map(captured_in, draft.blocks))
        for block in draft.blocks:
            for fault in lines(block, layout, captures):
                faulty.add(block.line)
                yield fault
    if whole:
        yield from names(drafts, frozenset(names_of(layout)))
        yield from questions(drafts, layout)
        yield from traps(drafts, layout, faulty)


def _order(drafts: Sequence[Draft]) -> Iterator[Problem]:
    intro, *steps = drafts
    if not steps:
        yield Problem("015", intro.line, 1, "this lesson has no step")
    for block in intro.blocks:
        yield Problem("014", block.line, 1, f"this {block.kind} stands before the first step")
    for step in steps:
        for block in step.blocks[1:]:
            if block.kind == "lab":
                yield Problem("014", block.line, 1, "a beginning stands first in its step, and once")


def _ids(blocks: Sequence[Filled]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for block in blocks:
        own = block.data.get("id")
        if isinstance(own, str):
            if own in seen:
                message = f"`{own[:40]}` is the id of the block in line {seen[own]} already"
                yield block.places.problem("020", ("id",), message)
            seen.setdefault(own, block.line)
    taken = {name_of(block): "the truth of a prediction" for block in blocks if block.kind == "predict"}
    taken["vip"] = "the lab's virtual address"
    for block in blocks:
        for name in captured_in(block) & taken.keys():
            yield block.places.problem("020", ("capture", name, KEY), f"{{{name}}} is {taken[name]} already")
