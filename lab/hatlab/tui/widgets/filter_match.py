"""Filters that somebody typed, as patterns. Pure."""

from __future__ import annotations

import re

_TERM = re.compile(r"(?:prio|vrid)\s+\d+|never arrived|\S+")


def compile_filter(text: str) -> re.Pattern[str] | None:
    """Return a pattern that matches what a filter lets through, None if it lets everything through.

    All words must be there, each at the beginning of a word; a number must be the whole number (`prio 1` is
    not `prio 150`). A search text is in lower case, begins with a blank and may have several lines.
    """
    terms = _TERM.findall(text.lower())
    if not terms:
        return None
    return re.compile("".join(f"(?=.*{_term_pattern(term)})" for term in terms), re.DOTALL)


def _term_pattern(term: str) -> str:
    words = re.escape(" ".join(term.split()))
    return rf"\s{words}(?!\d)" if term[-1].isdigit() else rf"\s{words}"
