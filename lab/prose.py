"""Words of sentences."""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[str]) -> str:
    """`db1, db2 and db3`; empty for none."""
    *most, last = [*names] or [""]
    return " and ".join(filter(None, [", ".join(most), last]))
