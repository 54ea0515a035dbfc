"""How the result of an SQL statement is written, the same by every engine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDEST = 66
"""Characters of a row in one line: what a dialog on a screen of 80 columns shows of it."""


def printed(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and a line a row, columns parted by ` | `; where that is too wide, a line a value.

    Written so, by the mysql program's `\\G`, each of several rows has a line above it that counts it.
    A NULL is None, and a line break in a value becomes a blank.
    """
    found = [[_text(value) for value in row] for row in rows]
    if not found:
        return "no rows"
    lines = [" | ".join(row) for row in [columns, *found]]
    if len(columns) == 1 or max(map(len, lines)) <= WIDEST:
        return "\n".join(lines)
    out = []
    for number, row in enumerate(found, 1):
        out += [f"*** {number}. row ***"] if len(found) > 1 else []
        out += [f"{name}: {value}".rstrip() for name, value in zip(columns, row, strict=True)]
    return "\n".join(out)


def _text(value: object) -> str:
    return "NULL" if value is None else " ".join(str(value).splitlines())
