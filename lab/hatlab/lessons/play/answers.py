"""A learner's answers: the choices there are, what was meant, and if it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from string import ascii_lowercase

from hatlab.errors import UserError
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.conditions.vocabulary import parse_number
from hatlab.lessons.model import Question
from hatlab.lessons.templates import TIMES, format_value, render, with_unit

CLOSE = 2.0
"""A number that is off by at most so many times what is near enough is close, not a wrong idea."""


def choice_texts(question: Question, values: Mapping[str, Value]) -> list[str]:
    """Return the choices of a question as a learner reads them; `values` are what names in them stand for."""
    return [render(choice.text, values) for choice in question.choices]


def parse_answer(question: Question, text: str, values: Mapping[str, Value]) -> Value:
    """Return what a learner typed as an answer: a choice's text (or its label or letter), a word or a number.

    Raises:
        UserError: it is no answer to this question.
    """
    text = text.strip()
    if question.choices:
        choices = choice_texts(question, values)
        labels = choice_labels(choices)
        by_text = {choice.casefold(): choice for choice in choices}
        by_letter = dict(zip(ascii_lowercase, choices, strict=False))
        by_label = by_letter | dict(zip(labels, choices, strict=True))
        choice = by_text.get(text.casefold()) or by_label.get(text.casefold())
        if choice is None:
            raise UserError(f"{text!r} is not one of the answers", f"choose {labels[0]} to {labels[-1]}")
        return choice
    if isinstance(question.right, str):
        return text
    try:
        number = float(text.replace(",", ".").removesuffix(question.unit).strip())
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise UserError(f"{text!r} is not a number", "type digits, such as 12.5")
    return number


def choice_labels(choices: Sequence[str]) -> list[str]:
    """Return what stands in front of each choice: its number, or a letter where the choices are numbers."""
    has_numbers = any(isinstance(parse_number(choice), float) for choice in choices)
    if has_numbers and len(choices) <= len(ascii_lowercase):
        return list(ascii_lowercase[: len(choices)])
    return [str(number) for number in range(1, len(choices) + 1)]


def is_correct(question: Question, answer: Value, truth: Value) -> bool:
    """True if an answer is the truth, or near enough to it."""
    if isinstance(answer, float) and isinstance(truth, float):
        return abs(answer - truth) <= question.near + 1e-9
    if isinstance(answer, str) and isinstance(truth, float) and isinstance(parse_number(answer), float):
        return is_correct(question, parse_number(answer), truth)  # a number to choose
    return format_value(answer).casefold() == format_value(truth).casefold()


def is_close(question: Question, answer: Value, truth: Value) -> bool:
    """True if a number that was typed is not right, but at most `CLOSE` times as far off as it may be."""
    return (
        isinstance(answer, float)
        and isinstance(truth, float)
        and question.near + 1e-9 < abs(answer - truth) <= CLOSE * question.near + 1e-9
    )


def format_difference(question: Question, answer: Value, truth: Value) -> str:
    """Return how far a typed number is from the truth, as in `0.45 s`.

    It is "" for words, and for numbers that count or measure nothing, such as an error number.
    """
    if not (isinstance(answer, float) and isinstance(truth, float) and (question.near or question.unit)):
        return ""
    difference = abs(answer - truth)
    digits = 2 if difference >= 0.05 else 3
    unit = question.unit if question.near and question.unit != TIMES else ""
    return with_unit(format_value(difference, digits), unit)


def answer_hint(unit: str, near: float) -> str:
    """Return what a number looks like as an answer: its unit, and how far off it may be."""
    named = {"": "a number", "s": "a number of seconds", TIMES: "a number of times"}
    number = named.get(unit, f"a number ({unit})")
    return f"{number}, give or take {near:g}" if near else number
