"""Patterns of a shell: `*`, `?`, `[a-z]`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from hatlab.util.bounded_pattern import BoundedPattern

_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "space": r"\s",
    "upper": "A-Z",
    "lower": "a-z",
}
Pieces = tuple[tuple[str, bool], ...]
"""A pattern: texts, each with whether it is quoted. Nothing in such a one is special."""


def matches(pattern: Pieces, text: str) -> bool:
    """True if a pattern matches all of a text."""
    return pattern_regex(pattern, "all").fullmatch(text) is not None


def strip_start(pattern: Pieces, text: str, *, longest: bool) -> str:
    """Return a text without what a pattern matches at its start."""
    found = pattern_regex(pattern, "longest" if longest else "shortest").match(text)
    return text[found.end() :] if found else text


def strip_end(pattern: Pieces, text: str, *, longest: bool) -> str:
    """Return a text without what a pattern matches at its end: what is read backwards has a start there."""
    regex = pattern_regex(pattern, "longest" if longest else "shortest", backwards=True)
    found = regex.match(text[::-1])
    return text[: len(text) - found.end()] if found else text


@lru_cache(maxsize=512)
def pattern_regex(
    pattern: Pieces, what: Literal["all", "shortest", "longest"], *, backwards: bool = False
) -> BoundedPattern:
    """Return a pattern as a regular expression.

    What stands between two `*` is looked for once (an atomic group): if what follows is found at all, it is
    found behind the first place, too.

    Args:
        pattern: what it is made of.
        what: is to be matched: all of a text, or as little or as much of it as there is.
        backwards: the text is read backwards.
    """
    first, *others = _texts_between_stars(pattern, backwards)
    if what == "longest":
        return BoundedPattern(".*".join((first, *others)), re.DOTALL)
    last = f".*{others.pop()}" if what == "all" and others else ""
    return BoundedPattern(first + "".join(f"(?>.*?{text})" for text in others) + last, re.DOTALL)


def _texts_between_stars(pattern: Pieces, backwards: bool) -> list[str]:
    """Return regular expressions of the texts before, between and behind the `*` of a pattern."""
    texts: list[list[str]] = [[]]
    for text, quoted in pattern:
        for letter in map(re.escape, text) if quoted else _LETTER.findall(text):
            if letter == "*" and not quoted:
                texts.append([])
            else:
                texts[-1].append(letter if quoted else _letter_regex(letter))
    return (
        ["".join(reversed(letters)) for letters in reversed(texts)]
        if backwards
        else ["".join(x) for x in texts]
    )


_SET = re.compile(r"\[([!^]?)(\]?(?:\[:\w++:\]|[^\]])*+)\]")
_LETTER = re.compile(rf"{re.sub(r'[(](?![?])', '(?:', _SET.pattern)}|.", re.DOTALL)


def _letter_regex(letter: str) -> str:
    """Return a regular expression for what stands for one letter: `?`, a set, or the letter itself."""
    if letter == "?":
        return "."
    if (match := _SET.fullmatch(letter)) is None:
        return re.escape(letter)
    inner = re.sub(r"\[:(\w+):\]", lambda m: _CLASSES.get(m[1], ""), match[2]).replace("\\", "\\\\")
    regex = f"[{'^' if match[1] else ''}{inner.replace('[', chr(92) + '[')}]"
    try:
        BoundedPattern(regex)
    except re.error:
        return re.escape(letter)
    return regex
