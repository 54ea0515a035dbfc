"""Checks the lines of a block that name something in the lab: conditions, measures and actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.diagnostics.yaml_source import Problem
from hatlab.errors import ActionError, UserError
from hatlab.keepalived.keywords import KEYWORDS, blocks_of
from hatlab.lessons.conditions.compiler import find_errors
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.conditions.parser import parse_capture, parse_condition, parse_measure
from hatlab.lessons.conditions.syntax import Leaf, Node, WordError, walk
from hatlab.lessons.format.blocks import BoundBlock, items_at
from hatlab.lessons.model import Edit, SolutionStep
from hatlab.lessons.solution import compile_steps
from hatlab.lessons.templates import lab_values, placeholders
from hatlab.topology import Layout

LocatedProblem = tuple[Loc, str, str]
"""Where, the problem's number, the message."""
_ADDRESS = re.compile(r"198\.(?:18|19)\.\d{1,3}\.(\d{1,3})")


def check_references(block: BoundBlock, layout: Layout, captures: frozenset[str]) -> Iterator[Problem]:
    """Yield what says nothing in this lab. `captures` are names that a `truth` may be."""
    for loc, number, message in _find_problems(block, layout, captures):
        yield block.source_map.problem(number, loc, message)


def _find_problems(block: BoundBlock, layout: Layout, captures: frozenset[str]) -> Iterator[LocatedProblem]:
    data = block.data
    match block.kind:
        case "lab":
            yield from _check_steps(items_at(data, "begin"), layout)
            if data.get("until") is not None:
                yield from _check_tree(parse_condition(data["until"], ("until",)), layout)
        case "task":
            if "when" in data:
                yield from _check_tree(parse_condition(data["when"], ("when",)), layout)
            for capture in block.captures.values():
                if isinstance(capture.written, str | dict):
                    yield from _check_tree(capture, layout)
            yield from _check_when(block, "fail", layout, required=True)
            yield from _check_when(block, "hints", layout)
            yield from _check_steps(items_at(data, "solution"), layout)
            for loc, wrong in items_at(data, "wrong"):
                if isinstance(wrong, dict):
                    yield from _check_steps(items_at(wrong, "do", loc), layout)
        case "whatif":
            yield from _check_steps(items_at(data, "change"), layout)
            yield from _check_steps(items_at(data, "then"), layout)
            if isinstance(data.get("measure"), str | dict):
                yield from _check_tree(parse_capture(data["measure"], ("measure",)), layout)
        case _:
            # `check_questions` says more of a single word that is neither a capture nor a measure
            truth = data.get("truth")
            if isinstance(truth, str) and truth not in captures and (" " in truth or truth in MEASURES):
                yield from _check_tree(parse_measure(truth, ("truth",)), layout)
            yield from _check_when(block, "choices", layout)
            yield from _check_when(block, "why", layout)


def _check_when(
    block: BoundBlock, key: str, layout: Layout, *, required: bool = False
) -> Iterator[LocatedProblem]:
    """The `when` of each item."""
    for loc, item in items_at(block.data, key):
        written = item.get("when") if isinstance(item, dict) else None
        if written is not None or required:
            yield from _check_tree(parse_condition(written, (*loc, "when")), layout)


def _check_tree(tree: Node, layout: Layout) -> Iterator[LocatedProblem]:
    wrong: set[Loc] = set()
    for loc, error in find_errors(tree, layout):
        wrong.add(loc)
        yield loc, "021", error_text(error)
    for node in walk(tree):
        if isinstance(node, Leaf) and node.loc not in wrong:
            yield from _check_address(node.written, node.loc, "021")


def _check_steps(steps: Iterator[tuple[Loc, Any]], layout: Layout) -> Iterator[LocatedProblem]:
    for loc, step in steps:
        match step:
            case str():
                yield from _check_step(step, layout, loc)
                if step.split()[:1] == ["end"]:
                    yield loc, "022", "`end` ends the lab, and the lesson with it"
            case {"wait": str() | list() | dict() as until}:
                yield from _check_tree(parse_condition(until, (*loc, "wait")), layout)
            case {"edit": str() as node} if node:
                yield from _check_step(Edit(edit=node[:400]), layout, (*loc, "edit"))
                yield from _check_edit(step, node, layout, loc)


def _check_step(step: SolutionStep, layout: Layout, loc: Loc) -> Iterator[LocatedProblem]:
    try:
        compile_steps((step,), layout)
    except (WordError, ActionError) as error:
        yield loc, "022", error_text(error)
        return
    if isinstance(step, str):
        yield from _check_address(step, loc, "022")


def _check_edit(edit: dict[Any, Any], node: str, layout: Layout, loc: Loc) -> Iterator[LocatedProblem]:
    """Keywords that keepalived has not, and names of the lab that are none."""
    spec = layout.topology.nodes.get(node)
    own_words = (spec.conf or "").split() if spec else []
    for at, word in items_at(edit, "drop", loc):
        if isinstance(word, str) and not blocks_of(word) and word not in own_words:
            guess = did_you_mean(word, frozenset().union(*KEYWORDS.values()))
            yield at, "022", f"keepalived.conf has no keyword `{word[:40]}`{guess}"
    known = lab_values(layout)
    for at, change in items_at(edit, "change", loc):
        for key in ("from", "to") if isinstance(change, dict) else ():
            for _, name in placeholders(str(change.get(key))):
                if name not in known:
                    yield (*at, key), "025", f"the lab has no {{{name[:40]}}}{did_you_mean(name, known)}"


def _check_address(line: str, loc: Loc, number: str) -> Iterator[LocatedProblem]:
    if match := _ADDRESS.search(line):
        yield loc, number, f"the address {match[0]} changes from run to run; write .{match[1]}"


def error_text(error: UserError) -> str:
    """Return an error's message and what to do about it."""
    known = "did you mean" in error.message or not error.hint
    return error.message if known else f"{error.message}; {error.hint}"
