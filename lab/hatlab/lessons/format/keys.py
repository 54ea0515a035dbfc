"""Keys in a lesson's texts: `{key:fix}` must name a key that there is, where texts are shown with keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.blocks import BoundBlock, BoundStep, LocatedMapping, texts_at
from hatlab.lessons.format.markdown import Passage
from hatlab.lessons.key_markup import find_keys, unknown_names
from hatlab.topology import Layout

_INNER_KEYS = {"ask": "", "do": "", "why": "say", "hints": "say", "fail": "say", "choices": "wrong"}
"""A block's keys whose texts may name keys → where the text stands in an entry that is a mapping."""


def check_keys(steps: Sequence[BoundStep], layout: Layout) -> Iterator[Problem]:
    """Yield each key that would be shown as it is written."""
    for step in steps:
        for key in find_keys(step.title):
            yield Problem("053", step.line, key.start + len("## ") + 1, _as_written("heading"))
        for part in step.parts:
            if isinstance(part, Passage):
                for start, message in _problems(part.text, layout):
                    yield Problem("053", *part.position(start), message)
            else:
                yield from _check_block(part, layout)


def check_front_keys(front: LocatedMapping) -> Iterator[Problem]:
    """Yield each key in a title or goal, which are shown as they are written."""
    for name in ("title", "goals"):
        for loc, text in texts_at(front.data, name):
            if any(find_keys(text)):
                yield front.source_map.problem("053", loc, _as_written(name.removesuffix("s")))


def _check_block(block: BoundBlock, layout: Layout) -> Iterator[Problem]:
    for loc, text in texts_at(block.data, "choices", "text"):
        if any(find_keys(text)):
            yield block.source_map.problem("053", loc, _as_written("choice"))
    for name, inner in _INNER_KEYS.items():
        for loc, text in texts_at(block.data, name, inner):
            if name != "choices" or loc[-1] == inner:
                for _, message in _problems(text, layout):
                    yield block.source_map.problem("053", loc, message)


def _problems(text: str, layout: Layout) -> Iterator[tuple[int, str]]:
    """Yield (offset, message) of each key that cannot be shown, or whose line names what the lab has not."""
    for key in find_keys(text):
        if key.problem:
            yield key.start, key.problem
            continue
        for name in unknown_names(key.line, layout.node_names, layout.network_names):
            yield key.start, f"`{key.line}`: the lab has no {name}"


def _as_written(what: str) -> str:
    return f"a key is not replaced in a {what}"
