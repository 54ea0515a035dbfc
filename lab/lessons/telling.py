"""Words and numbers as a learner reads and writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from string import ascii_lowercase
from typing import Any

from lab.errors import UserError
from lab.lessons.measures import Value, number
from lab.lessons.model import Deed, Edit, Question, Wait

_NAME = r"[a-z][A-Za-z0-9_.-]*"
_NUMBER = r"\d+(?:\.\d+)?"
_TERM = rf"(?:(?:{_NUMBER} \* )?{_NAME}|{_NUMBER})"
_BRACES = re.compile(rf"(?<!\{{)\{{((?=[^{{}}]*[a-z]){_TERM}(?: [+-] {_TERM})*)(?::(\d))?\}}")
"""A name in braces, or a sum of some: `{outage}`, `{outage - takeover:3}`, `{3 * interval + skew}`."""

_LASTING = re.compile(rf"(.*) for ({_NUMBER}) ?s?")


def answers(question: Question, values: Mapping[str, Value]) -> list[str]:
    """The choices of a question as a learner reads them."""
    return [fill(choice.text, values) for choice in question.choices]


def read(question: Question, value: str, values: Mapping[str, Value]) -> Value:
    """What a learner typed, as an answer: a choice's text (or its label or letter), or a number.

    `values` are what names in a choice stand for.

    Raises:
        UserError: it is none.
    """
    value = value.strip()
    if question.choices:
        texts = answers(question, values)
        shown_as = labels(texts)
        short = dict(zip(ascii_lowercase, texts, strict=False)) | dict(zip(shown_as, texts, strict=True))
        found = {t.casefold(): t for t in texts}.get(value.casefold()) or short.get(value.casefold())
        if found is None:
            raise UserError(f"{value!r} is none of the answers", f"{shown_as[0]} to {shown_as[-1]}")
        return found
    if isinstance(question.right, str):
        return value
    try:
        given = float(value.replace(",", ".").removesuffix(question.unit).strip())
    except ValueError:
        given = float("nan")
    if not isfinite(given):
        raise UserError(f"{value!r} is no number", "digits, as in: 12.5")
    return given


def labels(texts: Sequence[str]) -> list[str]:
    """What stands in front of each choice: its number, or a letter where an answer itself is a number."""
    count = len(texts)
    numeric = any(isinstance(number(text), float) for text in texts)
    if numeric and count <= len(ascii_lowercase):
        return list(ascii_lowercase[:count])
    return [str(k) for k in range(1, count + 1)]


def same(question: Question, given: Value, truth: Value) -> bool:
    """Whether an answer is the truth, or near enough."""
    if isinstance(given, float) and isinstance(truth, float):
        return abs(given - truth) <= question.near + 1e-9
    if isinstance(given, str) and isinstance(truth, float) and isinstance(number(given), float):
        return same(question, number(given), truth)  # a number to choose
    return shown(given).casefold() == shown(truth).casefold()


def wanted(unit: str, near: float) -> str:
    """What an answer looks like that is a number: its unit, and how far off it may be."""
    enough = f"; ± {near:g} is near enough" if near else ""
    return f"a number{unit and f' … {unit}'}{enough}"


def told(deed: Deed) -> str:
    """A line of a solution as a person reads it."""
    match deed:
        case str():
            return deed
        case Edit():
            parts = [*(f"take out {d}" for d in deed.drop), *(f"write {c.new.strip()}" for c in deed.change)]
            return f"edit {deed.edit}: {', '.join(parts)}"
        case Wait(wait=int() | float() as seconds):
            return f"wait {seconds:g} s"
        case Wait(wait=condition):
            return f"wait until {said(condition)}"


def said(written: Any) -> str:
    """A condition of a lesson in one line, which `understood` reads: `owner db1 and master db1 for 3 s`.

    What has no such form is YAML in one line, as a lesson has it.
    """
    match written:
        case {"held": int() | float() as seconds, "when": part} if line := _joined(part):
            return f"{line} for {seconds:g} s"
        case _:
            return _joined(written) or json.dumps(written)


def _joined(written: Any) -> str:
    """Lines that must all hold, in one; "" for any other condition."""
    match written:
        case str():
            return written
        case [str(), str(), *_] if all(isinstance(part, str) for part in written):
            return " and ".join(written)
        case _:
            return ""


def understood(line: str) -> Any:
    """The condition that a line says, written as in a lesson (it may make no sense in a lab).

    Raises:
        UserError: it begins as YAML and is none.
    """
    line = line.strip()
    if line.startswith(("{", "[")):
        import yaml

        try:
            return yaml.safe_load(line)
        except yaml.YAMLError:
            raise UserError(f"cannot read {line!r}", "as in: owner db2 and answered db2 for 2 s") from None
    lasting = _LASTING.fullmatch(line)
    parts = (lasting[1] if lasting else line).split(" and ")
    written = parts if len(parts) > 1 else parts[0]
    return {"held": float(lasting[2]), "when": written} if lasting else written


def fill(text: str, values: Mapping[str, Value]) -> str:
    """Prose with `{name}` replaced by what was measured; `{name:3}` asks for three decimals.

    A name that is none stays as it stands: prose may show braces of its own.
    """

    def put(match: re.Match[str]) -> str:
        if any(name not in values for name in re.findall(_NAME, match[1])):
            return match[0]
        value = values[match[1]] if match[1] in values else _total(match[1], values)
        return "(not measured)" if value is None else shown(value, int(match[2]) if match[2] else 2)

    return _BRACES.sub(put, text)


def named(text: str) -> Iterator[tuple[int, str]]:
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
    return isinstance(value, str) and not isinstance(number(value), float)


def _total(said: str, values: Mapping[str, Value]) -> float | None:
    """What a sum comes to; None if a part of it was not measured, or is a word."""
    total, sign = 0.0, 1.0
    for part in re.split(r" ([+-]) ", said):
        if part in {"+", "-"}:
            sign = 1.0 if part == "+" else -1.0
            continue
        *times, name = part.split(" * ")
        value = values.get(name, name)
        one = number(value) if isinstance(value, str) else value
        if not isinstance(one, float):
            return None
        total += sign * one * (float(times[0]) if times else 1.0)
    return total


def shown(value: Value, digits: int = 2) -> str:
    """A measured value for people: a whole number without decimals."""
    if isinstance(value, float):
        return f"{value:g}" if value == int(value) else f"{value:z.{digits}f}"
    return str(value)
