"""Formats the result of an SQL statement as text, the same for every engine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_WIDTH = 66
"""Characters of a row that fit on one line: the width of a dialog on a screen of 80 columns."""


def format_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a header and one line per row, columns separated by ` | `; if too wide, one line per value.

    One line per value looks like the mysql program's `\\G`: each of several rows has its number above it.
    None is written as NULL, and a line break inside a value as a space.
    """
    texts = [[_text(value) for value in row] for row in rows]
    if not texts:
        return "no rows"
    lines = [" | ".join(row) for row in [columns, *texts]]
    if len(columns) == 1 or max(map(len, lines)) <= MAX_WIDTH:
        return "\n".join(lines)
    out = []
    for number, row in enumerate(texts, 1):
        out += [f"*** {number}. row ***"] if len(texts) > 1 else []
        out += [f"{name}: {value}".rstrip() for name, value in zip(columns, row, strict=True)]
    return "\n".join(out)


def _text(value: object) -> str:
    return "NULL" if value is None else " ".join(str(value).splitlines())
