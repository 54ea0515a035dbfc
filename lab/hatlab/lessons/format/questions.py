"""Checks that a question has one right answer, and one that can be given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.conditions.compiler import unit_of
from hatlab.lessons.conditions.measures import MEASURES, WORD_MEASURES, join_nodes
from hatlab.lessons.conditions.parser import parse_measure
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.model import Question
from hatlab.lessons.templates import format_value
from hatlab.topology import Layout

_MOST_CHOICES = 9
"""Each has a digit of its own."""
_TIMES = re.compile(r"(?:ms|µs|m|h|d|(?:milli|micro)\w*|min\w*|hours?|std|stunden?|days?|tage?)\.?", re.I)
"""Units of time that are not the second's, which has a name of its own in each language."""


def check_questions(steps: Sequence[BoundStep], layout: Layout) -> Iterator[Problem]:
    """Yield what is wrong with predictions and questions, as far as each can be read."""
    captured: frozenset[str] = frozenset()
    seconds = frozenset(
        name
        for step in steps
        for block in step.blocks
        for name, capture in block.captures.items()
        if unit_of(capture) == "s"
    )
    for step in steps:
        by_end_of_step = captured.union(*(block.captures for block in step.blocks))
        for block in step.blocks:
            captured |= block.captures.keys()
            if isinstance(block.model, Question):
                known = captured if block.kind == "question" else by_end_of_step
                yield from _check_truth(block, block.model, known)
                yield from _check_choices(block, block.model)
                yield from _check_measure(block, block.model, layout, captured)
                yield from _check_seconds(block, block.model, seconds)


def _check_seconds(block: BoundBlock, question: Question, seconds: frozenset[str]) -> Iterator[Problem]:
    """A time is told in seconds, whatever it is called, and nobody knows its decimals."""
    truth = question.truth or ""
    captured = truth in seconds
    if captured and not question.choices and not question.near:
        yield block.source_map.problem("039", ("truth",), f"nobody can guess {truth} exactly")
    if _TIMES.fullmatch(question.unit) and (captured or unit_of(parse_measure(truth)) == "s"):
        message = f"{truth.split()[0]} is measured in s, not in {question.unit}"
        yield block.source_map.problem("050", ("unit",), message)


def _check_truth(block: BoundBlock, question: Question, captures: frozenset[str]) -> Iterator[Problem]:
    """Exactly one thing must say what is right."""
    source_map = block.source_map
    given = [key for key in ("truth", "right") if getattr(question, key) is not None]
    if len(given) > 1:
        yield source_map.problem("026", ("right",), "both `truth` and `right` are given: keep one")
    if not given and not any(choice.when is not None for choice in question.choices):
        yield source_map.problem("026", ("id",), f"{question.id} does not say which answer is right")
    words = (question.truth or "").split()
    if len(words) == 1 and words[0] not in captures and words[0] not in MEASURES:
        guess = did_you_mean(words[0], [*captures, *MEASURES])
        where = "before it" if block.kind == "question" else "in its step"
        message = f"no task {where} captures {words[0]}, and it is not a measure{guess}"
        yield source_map.problem("026", ("truth",), message)


def _check_choices(block: BoundBlock, question: Question) -> Iterator[Problem]:
    """The answers must be told apart, and the right one must be among them."""
    source_map = block.source_map
    texts = [choice.text for choice in question.choices]
    for index, text in enumerate(texts):
        if text.casefold() in {other.casefold() for other in texts[:index]}:
            yield source_map.problem("020", ("choices", index), f"the answer {text!r} is given twice")
    if question.order == "fixed" and not texts:
        yield source_map.problem("026", ("order",), "`order` is of choices, and there are none")
    if len(texts) == 1:
        yield source_map.problem("026", ("choices", 0), "one answer is not a choice")
    if len(texts) > _MOST_CHOICES:
        yield source_map.problem("026", ("choices", _MOST_CHOICES), f"more than {_MOST_CHOICES} answers")
    rights = question.right if isinstance(question.right, tuple) else (question.right,)
    for right in (format_value(right) for right in rights if right is not None):
        if (texts or len(rights) > 1) and right.casefold() not in map(str.casefold, texts):
            message = f"{right[:40]!r} is not one of the answers{did_you_mean(right, texts)}"
            yield source_map.problem("026", ("right",), message)
    if len(rights) > 1 and block.kind == "predict":
        yield source_map.problem("026", ("right",), "a prediction has one right answer")
    measured = (question.truth or "").split()[:1]
    if not texts and measured and measured[0] in WORD_MEASURES:
        message = f"`{measured[0]}` is a word, but the question asks for a number: give choices"
        yield source_map.problem("026", ("truth",), message)


def _check_measure(
    block: BoundBlock, question: Question, layout: Layout, captures: frozenset[str]
) -> Iterator[Problem]:
    """The answers must fit what the measure can say."""
    words = [] if question.truth in captures else (question.truth or "").split()
    entry = MEASURES.get(words[0]) if words else None
    if entry is None:
        return
    if entry.history and block.kind == "question":
        message = f"`{entry.name}` needs a task, but this question belongs to none"
        yield block.source_map.problem("043", ("truth",), message)
    if entry.unit and not question.choices and not question.near:
        yield block.source_map.problem("039", ("truth",), f"nobody can guess {entry.name} exactly")
    if entry.name in {"owner", "master"}:
        for index, choice in enumerate(question.choices):
            nodes = set(choice.text.split(" and "))
            ordered = join_nodes(nodes)
            if " and " in choice.text and nodes <= set(layout.node_names) and ordered != choice.text:
                message = f"`{entry.name}` says {ordered!r}: this answer can never be right"
                yield block.source_map.problem("040", ("choices", index), message)
