"""Equations in a text, such as `3 × 1 s + 0.414 s = 3.414 s`, and the lines they are set on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hatlab.util.text import wrap_hanging

_NUMBER = r"(?:skew )?\(?\d+(?:\.\d+)?(?: (?:m?s|%)(?!\w))?\)?"
_SUM = re.compile(rf"(?<![\w.])(?:skew = )?{_NUMBER}(?:(?: [×+−=] |[/×]){_NUMBER})+")
_ENDING = re.compile(r"[.,;:!?)]+")
_SIGN = re.compile(r"(?<=;) | (?=[=+] )")
"""Where a sum may be broken: behind its parts, and before a sign between its terms."""


class Part(NamedTuple):
    """A piece of a text, from one character up to another."""

    start: int
    end: int
    is_equation: bool


def split_equations(text: str) -> list[Part]:
    """Return a text's parts in order: each equation, with what ends it, apart from the words around it."""
    parts: list[Part] = []
    last = 0
    for match in _SUM.finditer(text):
        if "=" not in match[0] or not re.search(r"[×+−/]", match[0]):
            continue
        ending = _ENDING.match(text, match.end())
        end = ending.end() if ending else match.end()
        parts += _words(text, last, match.start())
        parts.append(Part(match.start(), end, True))
        last = end
    return [*parts, *_words(text, last, len(text))]


def _words(text: str, start: int, end: int) -> Iterator[Part]:
    """Yield the words between two equations, without the blanks at their ends."""
    words = text[start:end]
    if words.strip():
        yield Part(start + len(words) - len(words.lstrip()), start + len(words.rstrip()), False)


def break_equation(text: str, width: int, indent: int = 2) -> list[Part]:
    """Return the lines of an equation: one if it fits, else one for each part, or each term if it must.

    All but the first are to be indented.
    """
    cuts = [match.start() for match in _SIGN.finditer(text)]
    for wanted in ((), (";",), (";", " ="), (";", " =", " +")):
        chosen = [cut for cut in cuts if text[cut - 1] in wanted or text[cut : cut + 2] in wanted]
        lines = [Part(start, end, True) for start, end in _between(chosen, len(text))]
        if max(_width(line, number, indent) for number, line in enumerate(lines)) <= width:
            break
    return lines


def _width(line: Part, number: int, indent: int) -> int:
    return line.end - line.start + (indent if number else 0)


def _between(cuts: Iterable[int], length: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches between blanks at these places."""
    start = 0
    for cut in cuts:
        yield start, cut
        start = cut + 1
    yield start, length


def wrap_prose(text: str, width: int, indent: int) -> list[str]:
    """Wrap a text to `width` columns, all lines but the first indented, equations on lines of their own."""
    lead, lines = " " * indent, list[str]()
    for part in split_equations(text):
        words, start = text[part.start : part.end], lead if lines else ""
        if part.is_equation:
            lines += _wrap_equation(words, width, indent + 2)
        else:
            lines += wrap_hanging(start + words, width, indent)
    return lines or [""]


def _wrap_equation(text: str, width: int, indent: int) -> Iterator[str]:
    """Yield an equation's lines, indented; a term that fits no line is wrapped at blanks."""
    for number, part in enumerate(break_equation(text, width - indent)):
        lead = indent + (2 if number else 0)
        yield from wrap_hanging(" " * lead + text[part.start : part.end], width, lead)
