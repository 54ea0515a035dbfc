"""Compiles conditions and captures for one lab: each line is resolved to what it tests or measures there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.lessons.conditions import evaluation, syntax
from hatlab.lessons.conditions.evaluation import CompiledCondition, Stopwatch
from hatlab.lessons.conditions.measures import (
    MEASURES,
    MIXED_MEASURES,
    NOBODY,
    WORD_MEASURES,
    Measure,
    Observation,
    join_nodes,
    parse_number,
)
from hatlab.lessons.conditions.predicates import CONDITIONS, Test
from hatlab.lessons.conditions.syntax import OPERATORS, Capture, Condition, Node, WordError, walk
from hatlab.lessons.conditions.vocabulary import resolve_words
from hatlab.topology import Layout


def compile_condition(condition: Condition, layout: Layout) -> CompiledCondition:
    """Return a condition that can be tested in a lab.

    Raises:
        WordError: a part says nothing, or names what the lab has not (`find_errors` finds all).
    """
    match condition:
        case syntax.Malformed():
            raise condition.error
        case syntax.Predicate() | syntax.Comparison():
            return evaluation.Simple(_compile_line(condition, layout))
    parts = tuple(compile_condition(part, layout) for part in condition.parts)
    match condition:
        case syntax.All() | syntax.AnyOf():
            return evaluation.Several(parts, every=isinstance(condition, syntax.All))
        case syntax.Order():
            return evaluation.Order(parts)
        case syntax.Not():
            return evaluation.Not(*parts)
        case syntax.Ever():
            return evaluation.Ever(*parts)
        case syntax.Held():
            return evaluation.Held(float(condition.seconds), *parts)
        case _:
            assert_never(condition)


def compile_capture(capture: Capture, layout: Layout) -> Measure | Stopwatch:
    """Return what measures a capture in a lab.

    Raises:
        WordError: as `compile_condition`.
    """
    if isinstance(capture, syntax.Interval):
        return Stopwatch(*(compile_condition(part, layout) for part in capture.parts))
    return compile_measure(capture, layout)


def compile_measure(measure: syntax.MeasureCall | syntax.Malformed, layout: Layout) -> Measure:
    """Return what a line measures in a lab.

    Raises:
        WordError: as `compile_condition`.
    """
    if isinstance(measure, syntax.Malformed):
        raise measure.error
    return resolve_words(measure.words, MEASURES, "measure", layout)


def find_errors(node: Node, layout: Layout) -> Iterator[tuple[Loc, WordError]]:
    """Yield everything in a condition or capture that says nothing in a lab: (location, error)."""
    for part in walk(node):
        try:
            match part:
                case syntax.Malformed():
                    raise part.error
                case syntax.Predicate() | syntax.Comparison():
                    _compile_line(part, layout)
                case syntax.MeasureCall():
                    compile_measure(part, layout)
        except WordError as error:
            yield part.loc, error


def find_unmet(
    condition: Condition, layout: Layout, seen: Observation, *, wanted: bool = True
) -> Iterator[str]:
    """Tell why a condition does not hold now, line by line; of an order, of the lines of all its parts.

    Args:
        condition: one that can be compiled.
        layout: the lab.
        seen: what is so now.
        wanted: whether it is to hold; False inside a `not`.
    """
    match condition:
        case syntax.Predicate() | syntax.Comparison():
            if _holds(condition, layout, seen) is not wanted:
                yield f"{'not true' if wanted else 'true'}: {condition.written}"
        case syntax.AnyOf() if wanted and any(_holds(part, layout, seen) for part in condition.parts):
            return
        case _:
            wanted = wanted is not isinstance(condition, syntax.Not)
            for part in condition.parts:
                yield from find_unmet(part, layout, seen, wanted=wanted)


def unit_of(capture: Capture) -> str:
    """Return the unit of what is captured; empty for a word or a count."""
    match capture:
        case syntax.Interval():
            return "s"
        case syntax.MeasureCall(words=(name, *_)) if name in MEASURES:
            return MEASURES[name].unit
        case _:
            return ""


def _holds(condition: Condition, layout: Layout, seen: Observation) -> bool:
    return compile_condition(condition, layout).step(None, seen)[0]


def _compile_line(line: syntax.Predicate | syntax.Comparison, layout: Layout) -> Test:
    if isinstance(line, syntax.Predicate):
        return resolve_words(line.words, CONDITIONS, "condition", layout)
    *words, operator, value = line.words
    measure = resolve_words(words, MEASURES, "measure", layout)
    _check_comparable(words[0], value, layout)
    wanted = parse_number(value)
    if not isinstance(wanted, float) and operator not in {"=", "!="}:
        raise WordError(f"`{operator} {value}`: a word can be = or != only", "give a number")
    compare = OPERATORS[operator]

    def test(seen: Observation) -> bool:
        measured = measure(seen)
        return type(measured) is type(wanted) and compare(measured, wanted)

    return test


def _check_comparable(measure: str, word: str, layout: Layout) -> None:
    """Refuse a word that a measure never is: no number, or no node's name.

    Raises:
        WordError: it is such a word.
    """
    if measure in MIXED_MEASURES:
        return
    if measure not in WORD_MEASURES:
        if not isinstance(parse_number(word), float):
            example = f"{MEASURES[measure].example} = 2"
            raise WordError(f"`{measure}` is a number, not `{word}`", f"digits alone, as in: {example}")
        return
    names = [word] if measure == "answered" else word.split(" and ")
    known = layout.node_names if len(names) > 1 else (*layout.node_names, NOBODY)
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known)
            raise WordError(f"`{measure}` is never `{word}`{guess}", f"it is one of: {', '.join(known)}")
    if len(names) > 1 and word != (ordered := join_nodes(set(names))):
        raise WordError(f"`{measure}` is never `{word}`", f"write: {ordered}")
