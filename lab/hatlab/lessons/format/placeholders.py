"""Checks names in braces: `{outage}` has a value only behind the task that captures it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.blocks import BoundBlock, BoundStep, LocatedMapping, texts_at
from hatlab.lessons.format.markdown import Passage
from hatlab.lessons.templates import FIRST, OTHER, answer_name, placeholders, truth_name

_BRACES = re.compile(r"(?<![{$])\{([\w\s.+*/()%:-]{1,80})\}")
_WORD = re.compile(r"[A-Za-z][\w.]*(?:-\w+)*")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")


def truth_name_of(block: BoundBlock) -> str:
    """Return the name under which a prediction's truth is known afterwards."""
    return truth_name(str(block.data.get("id", "")))


def check_placeholders(steps: Sequence[BoundStep], lab_names: frozenset[str]) -> Iterator[Problem]:
    """Yield names in braces that neither the lab gives nor anything before them captures.

    Args:
        steps: the introduction, then the steps.
        lab_names: those that the lab gives.
    """
    for step in steps[1:]:
        for at, shown in _placeholder_texts(step.title):
            yield Problem("052", step.line, at + len("## ") + 1, f"{shown} is not replaced in a heading")
    known = set(lab_names)
    for step in steps:
        predictions: list[BoundBlock] = []
        for part in step.parts:
            if isinstance(part, Passage):
                yield from _check_prose(part, known)
                continue
            yield from _check_texts(part, "ask", known)
            yield from _check_texts(part, "do", known)
            yield from _check_texts(part, "choices", known, "text")
            if part.kind in {"predict", "question"}:
                known.add(answer_name(str(part.data.get("id", ""))))
            if part.kind == "predict":
                predictions.append(part)
            elif part.kind == "question":
                yield from _check_texts(part, "why", known)
                yield from _check_texts(part, "choices", known, "wrong")
            elif part.kind == "task":
                known |= part.captures.keys()
                yield from _check_texts(part, "hints", known)
                yield from _check_texts(part, "fail", known)
                for prediction in predictions:
                    known.add(truth_name_of(prediction))
                    yield from _check_texts(prediction, "why", known)
                predictions.clear()
            elif part.kind == "whatif":
                yield from _check_texts(part, "why", known | {FIRST, OTHER})
        for prediction in predictions:
            yield from _check_texts(prediction, "why", known | {truth_name_of(prediction)})


def check_front(head: LocatedMapping) -> Iterator[Problem]:
    """Yield names in braces in a lesson's title and goals, which are shown as they are written."""
    for key in ("title", "goals"):
        for loc, text in texts_at(head.data, key):
            for _, shown in _placeholder_texts(text):
                yield head.source_map.problem("052", loc, f"{shown} is not replaced in {key}")


def _placeholder_texts(text: str) -> Iterator[tuple[int, str]]:
    """Where names in braces stand, and what is in these braces."""
    for at in dict.fromkeys(at for at, _ in placeholders(text)):
        yield at, text[at : text.index("}", at) + 1][:40]


def _unfilled_braces(text: str, known: Set[str]) -> Iterator[tuple[int, str]]:
    """Braces that are meant to be filled by what is in them, and are not."""
    filled = {at for at, _ in placeholders(text)}
    for match in _BRACES.finditer(text):
        words = [word.casefold() for word in _WORD.findall(match[1])]
        meant = _CAPITALS.fullmatch(match[1]) or any(word in known for word in words)
        if match.start() not in filled and meant and not re.search(r":\s*[A-Za-z]", match[1]):
            yield match.start(), f"{match[0]} is not replaced"


def _check_prose(passage: Passage, known: Set[str]) -> Iterator[Problem]:
    for number, line in passage.prose_lines():
        for at, name in placeholders(line):
            if name not in known:
                yield Problem("025", number, at + 1, _unknown_name(name, known))
        for at, message in _unfilled_braces(line, known):
            yield Problem("052", number, at + 1, message)


def _check_texts(block: BoundBlock, key: str, known: Set[str], field: str = "say") -> Iterator[Problem]:
    for loc, text in texts_at(block.data, key, field):
        yield from _check_text(block, loc, text, known)


def _check_text(block: BoundBlock, loc: Loc, text: str, known: Set[str]) -> Iterator[Problem]:
    for _, name in placeholders(text):
        if name not in known:
            yield block.source_map.problem("025", loc, _unknown_name(name, known))
    for _, message in _unfilled_braces(text, known):
        yield block.source_map.problem("052", loc, message)


def _unknown_name(name: str, known: Set[str]) -> str:
    node, dot, network = name.partition(".")
    if dot and network != "said":
        there = sorted(other for other in known if "." in other and not other.endswith(".said"))
        return f"the lab has no {node[:20]} on a network {network[:20]}{did_you_mean(name, there)}"
    return f"nothing before this captures {{{name[:40]}}}{did_you_mean(name, sorted(known))}"
