"""The names in braces of a lesson's texts: what they may be, and texts with values in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.conditions.vocabulary import parse_number
from hatlab.lessons.model import LessonStep, QuestionItem, TaskItem
from hatlab.topology import Layout

_NAME = r"[a-z][A-Za-z0-9_.-]*"
_NUMBER = r"\d+(?:\.\d+)?"
_TERM = rf"(?:(?:{_NUMBER} \* )?{_NAME}|{_NUMBER})"
_PLACEHOLDER = re.compile(rf"(?<!\{{)\{{((?=[^{{}}]*[a-z]){_TERM}(?: [+-] {_TERM})*)(?::(\d))?\}}")
"""A name in braces, or a sum of some: `{outage}`, `{outage - takeover:3}`, `{3 * interval + skew}`."""

TIMES = "×"
"""The unit of what is counted in times."""
FIRST, OTHER = "first", "other"
"""Names in a what-if's `why`: what was measured as it is, and with the change."""


UNMEASURED = "(not measured)"
"""Stands for a value that there is not, without the unit behind it."""
_UNIT_OF_NOTHING = re.compile(re.escape(UNMEASURED) + r" (?:m?s|%)(?!\w)")


def render(text: str, values: Mapping[str, Value]) -> str:
    """Return prose with `{name}` replaced by what was measured; `{name:3}` asks for three decimals.

    Braces with an unknown name stay as they are: prose may show braces of its own.
    """

    def substitute(match: re.Match[str]) -> str:
        if any(name not in values for name in re.findall(_NAME, match[1])):
            return match[0]
        value = values[match[1]] if match[1] in values else _sum(match[1], values)
        return UNMEASURED if value is None else format_value(value, int(match[2]) if match[2] else 2)

    return _UNIT_OF_NOTHING.sub(UNMEASURED, _PLACEHOLDER.sub(substitute, text))


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


def with_unit(number: str, unit: str) -> str:
    """Return a number with its unit, as in `0.45 s`; how many times something happens as people say it."""
    if unit == TIMES:
        return {"1": "once", "2": "twice"}.get(number, f"{number} times")
    return f"{number} {unit}".rstrip()


def lab_values(layout: Layout) -> dict[str, Value]:
    """Return what prose may name of a lab: `{vip}`, and `{db1.lan}` for a node's address on a network."""
    addresses: dict[str, Value] = {
        f"{name}.{network}": layout.address(name, network)
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }
    return addresses | {"vip": next(iter(layout.vip_addresses), "none")}


def captured_names(steps: Iterable[LessonStep]) -> frozenset[str]:
    """Return the names that tasks of steps capture."""
    tasks = (item.task for step in steps for item in step.items if isinstance(item, TaskItem))
    return frozenset(name for task in tasks for name in task.capture)


def measured_names(steps: Sequence[LessonStep]) -> frozenset[str]:
    """Return the names by which prose may use what steps measure: captures, and truths of questions."""
    questions = [item.id for step in steps for item in step.items if isinstance(item, QuestionItem)]
    return captured_names(steps).union(map(truth_name, questions), map(answer_name, questions))


def truth_name(question: str) -> str:
    """Return the name by which prose uses the truth of a question."""
    return question.replace("-", "_")


def answer_name(question: str) -> str:
    """Return the name by which prose uses what the learner answered."""
    return f"{truth_name(question)}.said"
