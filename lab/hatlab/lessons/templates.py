"""A lesson's texts with measured values in place of names in braces; values and steps for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hatlab.lessons.conditions.notation import format_condition
from hatlab.lessons.conditions.syntax import Node
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.conditions.vocabulary import parse_number
from hatlab.lessons.model import Edit, SolutionStep, Wait

_NAME = r"[a-z][A-Za-z0-9_.-]*"
_NUMBER = r"\d+(?:\.\d+)?"
_TERM = rf"(?:(?:{_NUMBER} \* )?{_NAME}|{_NUMBER})"
_PLACEHOLDER = re.compile(rf"(?<!\{{)\{{((?=[^{{}}]*[a-z]){_TERM}(?: [+-] {_TERM})*)(?::(\d))?\}}")
"""A name in braces, or a sum of some: `{outage}`, `{outage - takeover:3}`, `{3 * interval + skew}`."""


def render(text: str, values: Mapping[str, Value]) -> str:
    """Return prose with `{name}` replaced by what was measured; `{name:3}` asks for three decimals.

    Braces with an unknown name stay as they are: prose may show braces of its own.
    """

    def substitute(match: re.Match[str]) -> str:
        if any(name not in values for name in re.findall(_NAME, match[1])):
            return match[0]
        value = values[match[1]] if match[1] in values else _sum(match[1], values)
        return "(not measured)" if value is None else format_value(value, int(match[2]) if match[2] else 2)

    return _PLACEHOLDER.sub(substitute, text)


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """Yield (where its brace opens, name) of each name in braces, and of each in a sum of some."""
    for match in _PLACEHOLDER.finditer(text):
        yield from ((match.start(), name) for name in re.findall(_NAME, match[1]))


def words_in_sums(text: str, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield (sum, name) of each name in a sum whose value is a word, as no sum has a value then."""
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in values:
            names = [name for name in re.findall(_NAME, match[1]) if name in values]
            yield from ((match[1], name) for name in names if isinstance(_number_of(name, values), str))


def _sum(terms: str, values: Mapping[str, Value]) -> float | None:
    """Return what a sum comes to; None if a part of it was not measured, or is a word."""
    total, sign = 0.0, 1.0
    for part in re.split(r" ([+-]) ", terms):
        if part in {"+", "-"}:
            sign = 1.0 if part == "+" else -1.0
            continue
        *factors, name = part.split(" * ")
        number = _number_of(name, values)
        if not isinstance(number, float):
            return None
        total += sign * number * (float(factors[0]) if factors else 1.0)
    return total


def _number_of(name: str, values: Mapping[str, Value]) -> Value:
    """Return the value of a name as a number where it is one; a number stands for itself."""
    value = values.get(name, name)
    return parse_number(value) if isinstance(value, str) else value


def format_value(value: Value, digits: int = 2) -> str:
    """Return a measured value for people: a whole number without decimals."""
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
