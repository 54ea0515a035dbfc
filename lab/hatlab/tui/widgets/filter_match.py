"""What a filter that somebody typed looks for. Pure."""

from __future__ import annotations

import re

_TERM = re.compile(r"(?:prio|vrid)\s+\d+|never arrived|\S+")


def compile_filter(text: str) -> re.Pattern[str] | None:
    """What a filter looks for in a haystack, None for everything. All words must be
    there, each at the beginning of a word; a number must be the whole number (`prio 1` is not `prio 150`)."""
    terms = _TERM.findall(text.lower())
    if not terms:
        return None
    return re.compile("".join(f"(?=.*{_term(term)})" for term in terms))


def _term(term: str) -> str:
    words = re.escape(" ".join(term.split()))
    return rf"\s{words}(?!\d)" if term[-1].isdigit() else rf"\s{words}"
