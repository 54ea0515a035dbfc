"""Sentences that count, and lines that fit."""

from __future__ import annotations

import pytest

from hatlab.util.text import plural


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "db1 failed 0 tries."), (1, "db1 failed one try."), (2.5, "db1 failed 2.5 tries.")],
)
def test_a_sentence_counts(count: float, told: str) -> None:
    assert plural(count, "{node} failed one try.", "{node} failed {count} tries.", node="db1") == told
