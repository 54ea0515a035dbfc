"""Numbers as words of a keepalived.conf."""

from __future__ import annotations

_MOST_DIGITS = 10
"""Of any number that a setting takes."""


def whole_number(word: str) -> int | None:
    """Return the number that a word is; None if it is none, or has more digits than any setting takes."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS else None
