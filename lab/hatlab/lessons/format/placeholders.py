"""Names in prose and questions: `{outage}` is told only behind the task that captures it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.compile import answer_name, truth_name
from hatlab.lessons.format.blocks import BoundBlock, BoundStep, LocatedMapping
from hatlab.lessons.format.markdown import Passage
from hatlab.lessons.templates import placeholders

_BRACES = re.compile(r"(?<![{$])\{([\w\s.+*/()%:-]{1,80})\}")
_WORD = re.compile(r"[A-Za-z][\w.]*(?:-\w+)*")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")


def captured_names(block: BoundBlock) -> frozenset[str]:
    """The names that a task captures."""
    found = block.data.get("capture")
    return (
        frozenset(name for name in found if isinstance(name, str)) if isinstance(found, dict) else frozenset()
    )


def truth_name_of(block: BoundBlock) -> str:
    """The name under which a prediction's truth is known afterwards."""
    return truth_name(str(block.data.get("id", "")))


def check_placeholders(drafts: Sequence[BoundStep], own: frozenset[str]) -> Iterator[Problem]:
    """Names in braces that nothing before them captures. `own`: those that the lab gives."""
    known = set(own)
    for draft in drafts[1:]:
        for at, shown in _any(draft.title):
            yield Problem("052", draft.line, at + len("## ") + 1, f"{shown} stays as it stands in a heading")
    for draft in drafts:
        waiting: list[BoundBlock] = []
        for part in draft.parts:
            if isinstance(part, Passage):
                yield from _prose(part, known)
                continue
            yield from _told(part, ("ask",), known)
            yield from _told(part, ("do",), known)
            yield from _said(part, "choices", known, "text")
            if part.kind in {"predict", "question"}:
                known.add(answer_name(str(part.data.get("id", ""))))
            if part.kind == "predict":
                waiting.append(part)
            elif part.kind == "question":
                yield from _said(part, "why", known)
                yield from _said(part, "choices", known, "wrong")
            elif part.kind == "task":
                inside = known | captured_names(part)
                for key in ("hints", "fail"):
                    yield from _said(part, key, inside)
                known = inside
                for prediction in waiting:
                    known.add(truth_name_of(prediction))
                    yield from _said(prediction, "why", known)
                waiting.clear()
        for prediction in waiting:
            yield from _said(prediction, "why", known | {truth_name_of(prediction)})


def check_front(head: LocatedMapping) -> Iterator[Problem]:
    """Names in braces in a lesson's title and goals, which are shown as they are written."""
    goals = head.data.get("goals")
    texts: list[tuple[Loc, Any]] = [(("title",), head.data.get("title"))]
    texts += [(("goals", k), each) for k, each in enumerate(goals if isinstance(goals, list) else [goals])]
    for loc, text in texts:
        for _, shown in _any(text) if isinstance(text, str) else ():
            yield head.places.problem("052", loc, f"{shown} stays as it stands in {loc[0]}")


def _any(text: str) -> Iterator[tuple[int, str]]:
    """Where a name in braces stands, and what is in them."""
    for at in dict.fromkeys(at for at, _ in placeholders(text)):
        yield at, text[at : text.index("}", at) + 1][:40]


def _left(text: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """Braces that are meant to be filled by what is in them, and are not."""
    filled = {at for at, _ in placeholders(text)}
    for found in _BRACES.finditer(text):
        words = [word.casefold() for word in _WORD.findall(found[1])]
        meant = _CAPITALS.fullmatch(found[1]) or any(word in known for word in words)
        if found.start() not in filled and meant and not re.search(r":\s*[A-Za-z]", found[1]):
            yield found.start(), f"{found[0]} stays as it stands"


def _prose(passage: Passage, known: set[str]) -> Iterator[Problem]:
    for number, line in passage.prose_lines():
        for at, name in placeholders(line):
            if name not in known:
                yield Problem("025", number, at + 1, _message(name, known))
        for at, message in _left(line, known):
            yield Problem("052", number, at + 1, message)


def _said(block: BoundBlock, key: str, known: set[str], inner: str = "say") -> Iterator[Problem]:
    listed = block.data.get(key)
    for k, each in enumerate(listed if isinstance(listed, list) else [listed]):
        at: Loc = (key, k) if isinstance(listed, list) else (key,)
        yield from _told(block, at if isinstance(each, str) else (*at, inner), known)


def _told(block: BoundBlock, loc: Loc, known: set[str]) -> Iterator[Problem]:
    text: Any = block.data
    for part in loc:
        keys = text if isinstance(text, dict) else range(len(text)) if isinstance(text, list) else ()
        text = text[part] if part in keys else None
    if not isinstance(text, str):
        return
    for _, name in placeholders(text):
        if name not in known:
            yield block.places.problem("025", loc, _message(name, known))
    for _, message in _left(text, known):
        yield block.places.problem("052", loc, message)


def _message(name: str, known: set[str]) -> str:
    node, dot, network = name.partition(".")
    if dot and network != "said":
        there = sorted(each for each in known if "." in each and not each.endswith(".said"))
        return f"the lab has no {node[:20]} on a network {network[:20]}{did_you_mean(name, there)}"
    return f"nothing before this captures {{{name[:40]}}}{did_you_mean(name, sorted(known))}"
