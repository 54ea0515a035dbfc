"""What a lesson's blocks say, checked together and for the lab that the lesson is taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.lessons.lesson_blocks import Draft, Filled
from lab.yaml_file import Fault


def check(drafts: Sequence[Draft]) -> Iterator[Fault]:
    """Everything wrong with the steps of a lesson: the introduction, then the steps."""
    yield from _order(drafts)
    yield from _ids(block for draft in drafts for block in draft.blocks)


def _order(drafts: Sequence[Draft]) -> Iterator[Fault]:
    intro, *steps = drafts
    if not steps:
        yield Fault("015", intro.line, 1, "this lesson has no step")
    for block in intro.blocks:
        yield Fault("014", block.line, 1, f"this {block.kind} stands before the first step")
    for step in steps:
        for block in step.blocks[1:]:
            if block.kind == "lab":
                yield Fault("014", block.line, 1, "a beginning stands first in its step, and once")


def _ids(blocks: Iterator[Filled]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for block in blocks:
        own = block.data.get("id")
        if isinstance(own, str):
            if own in seen:
                message = f"`{own[:40]}` is the id of the block in line {seen[own]} already"
                yield block.places.fault("020", ("id",), message)
            seen.setdefault(own, block.line)
