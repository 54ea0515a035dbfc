"""Compiles conditions and captures for one lab: each line is resolved to what it tests or measures there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hatlab.diagnostics.finding import did_you_mean
from hatlab.diagnostics.location import Loc
from hatlab.lessons.conditions.measures import MEASURES, MIXED_MEASURES, NOBODY, WORD_MEASURES, join_nodes
from hatlab.lessons.conditions.parser import OPERATORS
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.conditions.syntax import (
    AnyOf,
    Capture,
    Condition,
    Interval,
    Line,
    Malformed,
    MeasureCall,
    Node,
    Not,
    Predicate,
    WordError,
    walk,
)
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.conditions.vocabulary import parse_number
from hatlab.topology import Layout

Measure = Callable[[Observation], Value]


def compile_condition(condition: Condition, layout: Layout) -> Condition:
    """Return a condition whose lines can be tested in a lab.

    Raises:
        WordError: a part says nothing, or names what the lab has not (`find_errors` finds all).
    """
    match condition:
        case Malformed():
            raise condition.error
        case Line():
            return replace(condition, test=_compile_line(condition, layout))
        case _:
            return replace(condition, parts=_compile_parts(condition, layout))


def _compile_parts(node: Node, layout: Layout) -> tuple[Condition, ...]:
    return tuple(compile_condition(part, layout) for part in node.parts)


def compile_capture(capture: Capture, layout: Layout) -> Measure | Interval:
    """Return what measures a capture in a lab.

    Raises:
        WordError: as `compile_condition`.
    """
    if isinstance(capture, Interval):
        return replace(capture, parts=_compile_parts(capture, layout))
    return compile_measure(capture, layout)


def compile_measure(measure: MeasureCall | Malformed, layout: Layout) -> Measure:
    """Return what a line measures in a lab.

    Raises:
        WordError: as `compile_condition`.
    """
    if isinstance(measure, Malformed):
        raise measure.error
    return MEASURES.resolve(measure.words, layout)


def find_errors(node: Node, layout: Layout) -> Iterator[tuple[Loc, WordError]]:
    """Yield everything in a condition or capture that says nothing in a lab: (location, error)."""
    for part in walk(node):
        try:
            match part:
                case Malformed():
                    raise part.error
                case Line():
                    _compile_line(part, layout)
                case MeasureCall():
                    compile_measure(part, layout)
        except WordError as error:
            yield part.loc, error


def find_unmet(condition: Condition, seen: Observation, *, wanted: bool = True) -> Iterator[str]:
    """Tell why a condition does not hold now, line by line; of an order, of the lines of all its parts.

    Args:
        condition: one that was compiled.
        seen: what is so now.
        wanted: whether it is to hold; False inside a `not`.
    """
    match condition:
        case Line():
            if condition.step(None, seen)[0] is not wanted:
                yield f"{'not true' if wanted else 'true'}: {condition.written}"
        case AnyOf() if wanted and condition.step(None, seen)[0]:
            return
        case _:
            wanted = wanted is not isinstance(condition, Not)
            for part in condition.parts:
                yield from find_unmet(part, seen, wanted=wanted)


def unit_of(capture: Capture) -> str:
    """Return the unit of what is captured; empty for a word or a count."""
    match capture:
        case Interval():
            return "s"
        case MeasureCall(words=(name, *_)) if name in MEASURES:
            return MEASURES[name].unit
        case _:
            return ""


def _compile_line(line: Line, layout: Layout) -> Callable[[Observation], bool]:
    if isinstance(line, Predicate):
        return CONDITIONS.resolve(line.words, layout)
    *words, operator, value = line.words
    measure = MEASURES.resolve(words, layout)
    _check_comparable(words[0], value, layout)
    wanted = parse_number(value)
    if not isinstance(wanted, float) and operator not in {"=", "!="}:
        raise WordError(f"`{operator} {value}`: compare a word only with = or !=", "give a number")
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
            raise WordError(
                f"`{measure}` is a number, not `{word}`", f"write only digits, for example: {example}"
            )
        return
    names = [word] if measure == "answered" else word.split(" and ")
    known = layout.node_names if len(names) > 1 else (*layout.node_names, NOBODY)
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known)
            raise WordError(f"`{measure}` is never `{word}`{guess}", f"use one of: {', '.join(known)}")
    if len(names) > 1 and word != (ordered := join_nodes(set(names))):
        raise WordError(f"`{measure}` is never `{word}`", f"write: {ordered}")
