"""Texts that every line has in it which a regular expression matches: most lines need no expression then."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MANY = re.compile(r"(?:\\[a-zA-Z0-9()\[\]{}|.*+?^$]|\[[^]]*\]|\.)[?*+]?(?:\{[^}]*\})?")
"""What may be many texts: a class of characters, or one with a backslash."""
_MAYBE = re.compile(r"[^\0](?:[?*]|\{[^}]*\})")
"""A character that may be missing, or come several times."""
_OPENED = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
"""The beginning of a group; of none that only looks ahead."""
Words = tuple[str, ...]


def needed_words(pattern: str) -> Words:
    """Return texts of which each line has one that a pattern matches; none if there are no such texts."""
    return _of_alternatives(_MANY.sub("\0", pattern))


def _of_alternatives(pattern: str) -> Words:
    found: list[str] = []
    for alternative in _split(pattern):
        words = max(_candidates(alternative), key=lambda words: min(map(len, words)), default=())
        if not words:
            return ()
        found += words
    return tuple(found)


def _split(pattern: str) -> Iterator[str]:
    """Yield the parts between the `|` outside of groups."""
    depth, begins = 0, 0
    for place, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            yield pattern[begins:place]
            begins = place + 1
    yield pattern[begins:]


def _candidates(alternative: str) -> Iterator[Words]:
    """Yield what a part needs: its own longest text, and what each of its groups needs that must be there."""
    plain, depth, begins = "", 0, 0
    for place, character in enumerate(alternative):
        if character == "(":
            begins = begins if depth else place
            depth += 1
        elif character == ")":
            depth -= 1
            plain += "" if depth else "\0"
            follows = alternative[place + 1 : place + 2]
            opened = _OPENED.match(alternative, begins)
            if not depth and opened and follows not in ("?", "*", "{"):
                inner = _of_alternatives(alternative[opened.end() : place])
                yield from [inner] if inner else []
        elif not depth:
            plain += character
    longest = max(re.split(r"[\0+^$?*]", _MAYBE.sub("\0", plain)), key=len)
    yield from [(longest,)] if longest else []
