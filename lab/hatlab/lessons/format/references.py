"""Lines of a block that name something in the lab: conditions, measures and actions, each understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.diagnostics.yaml_source import Problem
from hatlab.errors import ActionError, UserError
from hatlab.keepalived.keywords import KEYWORDS, blocks_of
from hatlab.lessons.compile import compile_capture, compile_steps, names_of
from hatlab.lessons.conditions.expressions import compile_condition, compile_measure
from hatlab.lessons.conditions.grammar import WordError
from hatlab.lessons.conditions.measures import MEASURES
from hatlab.lessons.format.blocks import BoundBlock
from hatlab.lessons.model import Edit
from hatlab.lessons.templates import placeholders
from hatlab.topology import Layout

LocatedProblem = tuple[Loc, str, str]
"""Where, the fault's number, the message."""
_ADDRESS = re.compile(r"198\.(?:18|19)\.\d{1,3}\.(\d{1,3})")
_SAYS = "elapsed 1"
"""A sound condition, to try the form of those around it."""


def check_references(block: BoundBlock, layout: Layout, captures: frozenset[str]) -> Iterator[Problem]:
    """What says nothing in this lab. `captures` are names that a `truth` may be."""
    for loc, number, message in _find_problems(block, layout, captures):
        yield block.places.problem(number, loc, message)


def _find_problems(block: BoundBlock, layout: Layout, captures: frozenset[str]) -> Iterator[LocatedProblem]:
    data = block.data
    match block.kind:
        case "lab":
            yield from _moves(data.get("begin"), layout, ("begin",))
            if data.get("until") is not None:
                yield from _condition(data["until"], layout, ("until",))
        case "task":
            yield from _condition(data.get("when"), layout, ("when",)) if "when" in data else ()
            yield from _captures(data.get("capture"), layout)
            for at, each in _listed(data.get("fail"), ("fail",)):
                yield from _condition(_when(each), layout, (*at, "when"))
            for at, each in _listed(data.get("hints"), ("hints",)):
                yield from _optional(_when(each), layout, (*at, "when"))
            yield from _moves(data.get("solution"), layout, ("solution",))
            for at, each in _listed(data.get("wrong"), ("wrong",)):
                yield from _moves(each.get("do") if isinstance(each, dict) else None, layout, (*at, "do"))
        case _:
            yield from _truth(data.get("truth"), layout, captures)
            for key in ("choices", "why"):
                for at, each in _listed(data.get(key), (key,)):
                    yield from _optional(_when(each), layout, (*at, "when"))


def _listed(value: Any, at: Loc) -> Iterator[tuple[Loc, Any]]:
    """The items of a list, or the one thing that is short for it."""
    if isinstance(value, list):
        yield from (((*at, k), each) for k, each in enumerate(value))
    elif value is not None:
        yield at, value


def _when(value: Any) -> Any:
    return value.get("when") if isinstance(value, dict) else None


def _optional(written: Any, layout: Layout, at: Loc) -> Iterator[LocatedProblem]:
    return _condition(written, layout, at) if written is not None else iter(())


def _condition(written: Any, layout: Layout, at: Loc) -> Iterator[LocatedProblem]:
    """Each part of a condition by itself, then the form of the whole."""
    if isinstance(written, list):
        for k, part in enumerate(written):
            yield from _condition(part, layout, (*at, k))
    elif isinstance(written, dict):
        for key, part in written.items():
            if key != "held" and isinstance(part, str | list | dict):
                yield from _condition(part, layout, (*at, key))
        if written.keys() == {"when"}:
            key = next(str(part) for part in reversed(at) if isinstance(part, str))
            shown = f"{key}: {written['when']}" if isinstance(written["when"], str) else f"{key}: …"
            yield at, "021", f"`when` stands beside `held` only; write `{shown[:60]}`"
            return
    yield from _tried(compile_condition, _form(written), layout, at, "021")


def _form(written: Any) -> Any:
    """A condition with its parts, which are tried by themselves, made sound."""
    if isinstance(written, list):
        return [_SAYS] * len(written[:1])
    if isinstance(written, dict):
        sound: dict[type, Any] = {str: _SAYS, list: [_SAYS], dict: _SAYS}
        return {k: v if k == "held" or not v else sound.get(type(v), v) for k, v in written.items()}
    return written


def _captures(written: Any, layout: Layout) -> Iterator[LocatedProblem]:
    for name, each in written.items() if isinstance(written, dict) else ():
        at: Loc = ("capture", name)
        if isinstance(each, dict) and each.keys() == {"from", "to"}:
            yield from _condition(each["from"], layout, (*at, "from"))
            yield from _condition(each["to"], layout, (*at, "to"))
        elif isinstance(each, str | dict):
            yield from _tried(compile_capture, each, layout, at, "021")


def _truth(written: Any, layout: Layout, captures: frozenset[str]) -> Iterator[LocatedProblem]:
    """A single word is a capture or a measure; `lesson_questions` says more of one that is neither."""
    if isinstance(written, str) and written not in captures and (" " in written or written in MEASURES):
        yield from _tried(compile_measure, written, layout, ("truth",), "021")


def _moves(written: Any, layout: Layout, at: Loc) -> Iterator[LocatedProblem]:
    for own, deed in _listed(written, at):
        match deed:
            case str():
                yield from _tried(compile_steps, (deed,), layout, own, "022")
                if deed.split()[:1] == ["end"]:
                    yield own, "022", "`end` ends the lab, and the lesson with it"
            case {"wait": str() | list() | dict() as until}:
                yield from _condition(until, layout, (*own, "wait"))
            case {"edit": str() as node} if node:
                yield from _tried(compile_steps, (Edit(edit=node[:400]),), layout, (*own, "edit"), "022")
                yield from _edit(deed, node, layout, own)


def _edit(deed: dict[Any, Any], node: str, layout: Layout, at: Loc) -> Iterator[LocatedProblem]:
    """Keywords that keepalived has not, and names of the lab that are none."""
    spec = layout.topology.nodes.get(node)
    for own, word in _listed(deed.get("drop"), (*at, "drop")):
        if isinstance(word, str) and not blocks_of(word) and not (spec and word in (spec.conf or "").split()):
            guess = did_you_mean(word, frozenset().union(*KEYWORDS.values()))
            yield own, "022", f"keepalived.conf has no keyword `{word[:40]}`{guess}"
    known = names_of(layout)
    for own, change in _listed(deed.get("change"), (*at, "change")):
        for key in ("from", "to") if isinstance(change, dict) else ():
            for _, name in placeholders(str(change.get(key))):
                if name not in known:
                    yield (*own, key), "025", f"the lab has no {{{name[:40]}}}{did_you_mean(name, known)}"


def _tried(
    read: Callable[[Any, Layout], object], written: Any, layout: Layout, at: Loc, number: str
) -> Iterator[LocatedProblem]:
    """What is wrong with a line, if it says nothing or names an address that the next run has not."""
    try:
        read(written, layout)
    except (WordError, ActionError) as error:
        yield at, number, error_text(error)
        return
    (line,) = written if isinstance(written, tuple) else (written,)
    if isinstance(line, str) and (found := _ADDRESS.search(line)):
        yield at, number, f"the address {found[0]} differs from run to run; write .{found[1]}"


def error_text(error: UserError) -> str:
    """An error and what to do about it."""
    known = "did you mean" in error.message or not error.hint
    return error.message if known else f"{error.message}; {error.hint}"
