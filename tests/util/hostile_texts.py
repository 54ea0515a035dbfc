"""Texts that make a regular expression try as many ways as it can, made from the expression itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _parser  # type: ignore[attr-defined]  # what re itself is made of: there is nothing public
from typing import Any

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_LETTERS = [*map(chr, range(32, 127)), "\t", "\n", "\x1b", "\x00", "é"]
_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
_MANY = 100
"""A repetition of at least as many is worth an attack."""


def hostile_texts(pattern: str, flags: int, length: int) -> Iterable[str]:
    """Yield texts of about this length: what a pattern repeats, repeated, and then what does not fit."""
    attacks: set[tuple[str, str]] = set()
    parsed = _parser.parse(pattern, flags)
    _collect(parsed, "", attacks)
    attacks.add(("", _shortest(parsed, {}) or "a"))
    for head, body in sorted(attacks):
        yield head + body * max(1, length // len(body)) + "\x00"


def _collect(parts: Any, head: str, attacks: set[tuple[str, str]]) -> None:
    for op, value in parts:
        match str(op):
            case name if name in _REPEATS:
                _, most, body = value
                text = _shortest(body, {}) or "a"
                if most >= _MANY:
                    attacks |= {(head, text), ("", head + text), ("", text)}
                    attacks |= {(head, letter) for letter in " \ta1.-"}
                _collect(body, head, attacks)
            case "SUBPATTERN":
                _collect(value[3], head, attacks)
            case "BRANCH":
                for branch in value[1]:
                    _collect(branch, head, attacks)
            case "ASSERT" | "ASSERT_NOT":
                _collect(value[1], head, attacks)
            case "ATOMIC_GROUP":
                _collect(value, head, attacks)
        head += _shortest([(op, value)], {})


def _shortest(parts: Any, groups: dict[Any, str]) -> str:
    """Return a short text that fits, or nearly."""
    text = ""
    for op, value in parts:
        match str(op):
            case "LITERAL":
                text += chr(value)
            case "NOT_LITERAL":
                text += next(letter for letter in "a1" if ord(letter) != value)
            case "ANY":
                text += "a"
            case "IN":
                text += next((letter for letter in _LETTERS if _is_in(letter, value)), "a")
            case name if name in _REPEATS:
                text += _shortest(value[2], groups) * value[0]
            case "SUBPATTERN":
                groups[value[0]] = _shortest(value[3], groups)
                text += groups[value[0]]
            case "BRANCH":
                text += _shortest(value[1][0], groups)
            case "ATOMIC_GROUP":
                text += _shortest(value, groups)
            case "GROUPREF":
                text += groups.get(value, "")
    return text


def _is_in(letter: str, items: Any) -> bool:
    inverted = fits = False
    for op, value in items:
        match str(op):
            case "NEGATE":
                inverted = True
            case "LITERAL":
                fits |= ord(letter) == value
            case "RANGE":
                fits |= value[0] <= ord(letter) <= value[1]
            case "CATEGORY":
                _, _, name = str(value).partition("_")
                fits |= bool(re.match(_CATEGORIES[name.removeprefix("NOT_")], letter)) != name.startswith(
                    "NOT_"
                )
    return fits != inverted
