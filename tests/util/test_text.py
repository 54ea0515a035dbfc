"""Sentences that count, and lines that fit."""

from __future__ import annotations

import pytest

from hatlab.util.text import cut_at_word, plural, wrap_hanging


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "db1 failed 0 tries."), (1, "db1 failed one try."), (2.5, "db1 failed 2.5 tries.")],
)
def test_a_sentence_counts(count: float, told: str) -> None:
    assert plural(count, "{node} failed one try.", "{node} failed {count} tries.", node="db1") == told


def test_a_number_stays_with_its_unit() -> None:
    lines = wrap_hanging("so it took over after 3.41 s, in 20 % of 5 MB", 26, 2)
    assert lines == ["so it took over after", "  3.41 s, in 20 % of 5 MB"]


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("GARP .100 is-at …00:0b", 30, "GARP .100 is-at …00:0b"), ("GARP .100 is-at 02", 12, "GARP .100 …")],
)
def test_a_text_is_cut_behind_a_word(text: str, width: int, short: str) -> None:
    assert cut_at_word(text, width) == short
