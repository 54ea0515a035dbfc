"""Words and numbers as a learner reads and writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hatlab.lessons.conditions.notation import format_condition
from hatlab.lessons.conditions.syntax import Node
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.conditions.vocabulary import parse_number
from hatlab.lessons.model import Edit, SolutionStep, Wait

_NAME = r"[a-z][A-Za-z0-9_.-]*"
NUMBER = r"\d+(?:\.\d+)?"
_TERM = rf"(?:(?:{NUMBER} \* )?{_NAME}|{NUMBER})"
_BRACES = re.compile(rf"(?<!\{{)\{{((?=[^{{}}]*[a-z]){_TERM}(?: [+-] {_TERM})*)(?::(\d))?\}}")
"""A name in braces, or a sum of some: `{outage}`, `{outage - takeover:3}`, `{3 * interval + skew}`."""


def render(text: str, values: Mapping[str, Value]) -> str:
    """Prose with `{name}` replaced by what was measured; `{name:3}` asks for three decimals.

    A name that is none stays as it stands: prose may show braces of its own.
    """

    def put(match: re.Match[str]) -> str:
        if any(name not in values for name in re.findall(_NAME, match[1])):
            return match[0]
        value = values[match[1]] if match[1] in values else _total(match[1], values)
        return "(not measured)" if value is None else format_value(value, int(match[2]) if match[2] else 2)

    return _BRACES.sub(put, text)


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """(where its brace opens, name) of each name in braces, and of each in a sum of some."""
    for match in _BRACES.finditer(text):
        yield from ((match.start(), name) for name in re.findall(_NAME, match[1]))


def words_in_sums(text: str, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """(sum, name) of each name in a sum whose value is a word, as no sum has a value then."""
    for match in _BRACES.finditer(text):
        if match[1] not in values:
            names = re.findall(_NAME, match[1])
            yield from ((match[1], name) for name in names if _is_word(values.get(name)))


def _is_word(value: Value) -> bool:
    return isinstance(value, str) and not isinstance(parse_number(value), float)


def _total(said: str, values: Mapping[str, Value]) -> float | None:
    """What a sum comes to; None if a part of it was not measured, or is a word."""
    total, sign = 0.0, 1.0
    for part in re.split(r" ([+-]) ", said):
        if part in {"+", "-"}:
            sign = 1.0 if part == "+" else -1.0
            continue
        *times, name = part.split(" * ")
        value = values.get(name, name)
        one = parse_number(value) if isinstance(value, str) else value
        if not isinstance(one, float):
            return None
        total += sign * one * (float(times[0]) if times else 1.0)
    return total


def format_value(value: Value, digits: int = 2) -> str:
    """A measured value for people: a whole number without decimals."""
    if isinstance(value, float):
        return f"{value:g}" if value == int(value) else f"{value:z.{digits}f}"
    return str(value)


def format_step(step: SolutionStep) -> str:
    """Return a step of a solution as a person reads it."""
    match step:
        case str():
            return step
        case Edit():
            removals = [f"take out {keyword}" for keyword in step.drop]
            changes = [f"write {change.new.strip()}" for change in step.change]
            return f"edit {step.edit}: {', '.join([*removals, *changes])}"
        case Wait(wait=Node() as condition):
            return f"wait until {format_condition(condition)}"
        case Wait(wait=seconds):
            return f"wait {seconds:g} s"
