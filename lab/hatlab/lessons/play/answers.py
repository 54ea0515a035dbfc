"""Answers of a learner: which there are, what was meant, whether it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from string import ascii_lowercase

from hatlab.errors import UserError
from hatlab.lessons.conditions.measures import Value, parse_number
from hatlab.lessons.model import Question
from hatlab.lessons.templates import format_value, render


def choice_texts(question: Question, values: Mapping[str, Value]) -> list[str]:
    """The choices of a question as a learner reads them."""
    return [render(choice.text, values) for choice in question.choices]


def parse_answer(question: Question, value: str, values: Mapping[str, Value]) -> Value:
    """What a learner typed, as an answer: a choice's text (or its label or letter), or a number.

    `values` are what names in a choice stand for.

    Raises:
        UserError: it is none.
    """
    value = value.strip()
    if question.choices:
        texts = choice_texts(question, values)
        shown_as = choice_labels(texts)
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


def choice_labels(texts: Sequence[str]) -> list[str]:
    """What stands in front of each choice: its number, or a letter where an answer itself is a number."""
    count = len(texts)
    numeric = any(isinstance(parse_number(text), float) for text in texts)
    if numeric and count <= len(ascii_lowercase):
        return list(ascii_lowercase[:count])
    return [str(k) for k in range(1, count + 1)]


def is_correct(question: Question, given: Value, truth: Value) -> bool:
    """Whether an answer is the truth, or near enough."""
    if isinstance(given, float) and isinstance(truth, float):
        return abs(given - truth) <= question.near + 1e-9
    if isinstance(given, str) and isinstance(truth, float) and isinstance(parse_number(given), float):
        return is_correct(question, parse_number(given), truth)  # a number to choose
    return format_value(given).casefold() == format_value(truth).casefold()


def answer_hint(unit: str, near: float) -> str:
    """What an answer looks like that is a number: its unit, and how far off it may be."""
    enough = f"; ± {near:g} is near enough" if near else ""
    return f"a number{unit and f' … {unit}'}{enough}"
