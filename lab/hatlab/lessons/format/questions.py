"""Whether a question has one right answer, and one that can be given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.conditions.expressions import measure_unit
from hatlab.lessons.conditions.measures import MEASURES, WORDS, join_nodes
from hatlab.lessons.format.blocks import BoundBlock, BoundStep
from hatlab.lessons.format.placeholders import captured_names
from hatlab.lessons.model import Question
from hatlab.lessons.templates import format_value
from hatlab.topology import Layout

_MOST_CHOICES = 9
"""Each has a digit of its own."""
_TIMES = re.compile(r"(?:ms|µs|m|h|d|(?:milli|micro)\w*|min\w*|hours?|std|stunden?|days?|tage?)\.?", re.I)
"""Units of time that are not the second's, which has a name of its own in each language."""


def check_questions(drafts: Sequence[BoundStep], layout: Layout) -> Iterator[Problem]:
    """What is wrong with predictions and questions, as far as each can be read."""
    before: frozenset[str] = frozenset()
    seconds = frozenset(name for draft in drafts for block in draft.blocks for name in _seconds(block))
    for draft in drafts:
        step = before.union(*map(captured_names, draft.blocks))
        for block in draft.blocks:
            before |= captured_names(block)
            if isinstance(block.model, Question):
                yield from _truth(block, block.model, before if block.kind == "question" else step)
                yield from _answers(block, block.model)
                yield from _traps(block, block.model, layout, before)
                if block.model.truth in seconds and not block.model.choices and not block.model.near:
                    yield block.places.problem("039", ("truth",), f"nobody hits {block.model.truth} exactly")
                yield from _unit(block, block.model, seconds)


def _seconds(block: BoundBlock) -> Iterator[str]:
    """Names under which a task captures a time."""
    found = block.data.get("capture")
    for name, written in found.items() if isinstance(found, dict) else ():
        words = written.split()[:1] if isinstance(written, str) else []
        entry = MEASURES.get(words[0]) if words else None
        if isinstance(written, dict) or (entry is not None and entry.unit):
            yield name


def _unit(block: BoundBlock, question: Question, seconds: frozenset[str]) -> Iterator[Problem]:
    """A time is told in seconds, whatever it is called."""
    truth = question.truth or ""
    if _TIMES.fullmatch(question.unit) and (truth in seconds or measure_unit(truth) == "s"):
        name = truth.split()[0]
        yield block.places.problem("050", ("unit",), f"{name} is measured in s, not in {question.unit}")


def _truth(block: BoundBlock, question: Question, captures: frozenset[str]) -> Iterator[Problem]:
    """Exactly one thing must say what is right."""
    at = block.places
    says = [key for key in ("truth", "right") if getattr(question, key) is not None]
    if len(says) > 1:
        yield at.problem("026", ("right",), "both `truth` and `right`: which is it?")
    if not says and not any(choice.when is not None for choice in question.choices):
        yield at.problem("026", ("id",), f"nothing says what is right in {question.id}")
    words = (question.truth or "").split()
    if len(words) == 1 and words[0] not in captures and words[0] not in MEASURES:
        guess = did_you_mean(words[0], [*captures, *MEASURES])
        where = "before it" if block.kind == "question" else "in its step"
        yield at.problem(
            "026", ("truth",), f"no task {where} captures {words[0]}, and it is no measure{guess}"
        )


def _answers(block: BoundBlock, question: Question) -> Iterator[Problem]:
    """The answers must be told apart, and the right one must be among them."""
    at = block.places
    texts = [choice.text for choice in question.choices]
    for k, text in enumerate(texts):
        if text.casefold() in {other.casefold() for other in texts[:k]}:
            yield at.problem("020", ("choices", k), f"the answer {text!r} is given twice")
    if len(texts) == 1:
        yield at.problem("026", ("choices", 0), "one answer is no choice")
    if len(texts) > _MOST_CHOICES:
        yield at.problem("026", ("choices", _MOST_CHOICES), f"more than {_MOST_CHOICES} answers")
    right = question.right if question.right is None else format_value(question.right)
    if texts and right is not None and right.casefold() not in map(str.casefold, texts):
        yield at.problem(
            "026", ("right",), f"{right[:40]!r} is none of the answers{did_you_mean(right, texts)}"
        )
    measured = (question.truth or "").split()[:1]
    if not texts and measured and measured[0] in WORDS:
        yield at.problem("026", ("truth",), f"`{measured[0]}` is a word, a number is asked for: give choices")


def _traps(
    block: BoundBlock, question: Question, layout: Layout, captures: frozenset[str]
) -> Iterator[Problem]:
    captured = question.truth in captures
    measured = [] if captured else (question.truth or "").split()[:1]
    entry = MEASURES.get(measured[0]) if measured else None
    if entry and entry.past and block.kind == "question":
        yield block.places.problem(
            "043", ("truth",), f"`{entry.name}` of which task? This question stands in none"
        )
    if entry and entry.unit and not question.choices and not question.near:
        yield block.places.problem("039", ("truth",), f"nobody hits {entry.name} exactly")
    if entry and entry.name in {"owner", "master"}:
        for k, choice in enumerate(question.choices):
            parts = choice.text.split(" and ")
            if (
                len(parts) > 1
                and set(parts) <= set(layout.node_names)
                and join_nodes(set(parts)) != choice.text
            ):
                message = f"`{entry.name}` says {join_nodes(set(parts))!r}: this answer is never right"
                yield block.places.problem("040", ("choices", k), message)
