"""Words of sentences."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap


def listed(names: Iterable[str]) -> str:
    """`db1, db2 and db3`; empty for none."""
    *most, last = [*names] or [""]
    return " and ".join(filter(None, [", ".join(most), last]))


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Lines of at most `width` columns, those below the first indented; no word is broken."""
    hanging = " " * indent
    lines = wrap(text, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return lines or [""]
