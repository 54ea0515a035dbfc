"""Tables as CSV, for a spreadsheet: a name or an answer is a text there, never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from hatlab.util.visible import show_controls

_FORMULA_STARTS = frozenset("=+-@＝＋－＠|%")
"""By one of these, after blanks if need be, a spreadsheet knows a formula, or an old one a command."""


def to_csv(rows: Iterable[Sequence[str | float]]) -> str:
    """Return rows as CSV; numbers stay numbers, and texts steer nothing."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str | float) -> str | float:
    if not isinstance(cell, str):
        return cell
    text = show_controls(cell, keep="")
    return f"'{text}" if text.lstrip()[:1] in _FORMULA_STARTS else text
