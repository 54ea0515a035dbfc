"""Equations stand on lines of their own, and no term of one is broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.util.equations import break_equation, split_equations, wrap_prose
from hatlab.util.text import wrap_hanging

OUTAGE = (
    "0.61 s until db1 was STOPPED + 0.60 s until db2 was MASTER "
    "+ 0.02 s until the client was answered = 1.23 s"
)


def _parts(text: str) -> list[str]:
    return [f"[{text[a:b]}]" if found else text[a:b] for a, b, found in split_equations(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "The wait: 3 × 1 s + (256 − 100)/256 s = 3 + 0.609 = 3.609 s. Twice as long.",
            ["The wait:", "[3 × 1 s + (256 − 100)/256 s = 3 + 0.609 = 3.609 s.]", "Twice as long."],
        ),
        (
            "(256 − 150)/256 = 0.414 s against (256 − 100)/256 = 0.609 s.",
            ["[(256 − 150)/256 = 0.414 s]", "against", "[(256 − 100)/256 = 0.609 s.]"],
        ),
        ("skew = (256 − 140)/256 = 0.453 s, so 3 + 0.453 s.", None),
        ("db1 has 198.18.0.100/24 = the address; priority 150 = 150", None),
        ("nothing to count", ["nothing to count"]),
    ],
)
def test_equations_are_found_in_prose(text: str, parts: list[str] | None) -> None:
    if parts is not None:
        assert _parts(text) == parts
    elif "skew" in text:
        assert _parts(text) == ["[skew = (256 − 140)/256 = 0.453 s,]", "so 3 + 0.453 s."]
    else:
        assert _parts(text) == [text]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (60, ["3 × 1 s + skew 0.609 s = 3.609 s; measured 3.614 s"]),
        (42, ["3 × 1 s + skew 0.609 s = 3.609 s;", "measured 3.614 s"]),
        (26, ["3 × 1 s + skew 0.609 s", "= 3.609 s;", "measured 3.614 s"]),
        (20, ["3 × 1 s", "+ skew 0.609 s", "= 3.609 s;", "measured 3.614 s"]),
    ],
)
def test_a_long_equation_is_broken_between_terms(width: int, lines: list[str]) -> None:
    text = "3 × 1 s + skew 0.609 s = 3.609 s; measured 3.614 s"
    assert [text[part.start : part.end] for part in break_equation(text, width)] == lines


def test_prose_is_wrapped_around_its_equations() -> None:
    text = (
        "- It waited its master-down interval: 3 × 1 s + (256 − 150)/256 s = 3.414 s. You measured as much."
    )
    assert wrap_prose(text, 44, 2) == [
        "- It waited its master-down interval:",
        "    3 × 1 s + (256 − 150)/256 s = 3.414 s.",
        "  You measured as much.",
    ]


@given(st.integers(min_value=16, max_value=100))
def test_no_word_is_lost_at_any_width(width: int) -> None:
    for text in (OUTAGE, "It waits 3 s + (256 − 120)/256 = 3 + 0.531 s, db3 longer."):
        assert " ".join(" ".join(wrap_prose(text, width, 2)).split()) == text


def test_a_difference_in_parentheses_stays_whole() -> None:
    text = "it let its master-down interval run out: 3 s + (256 − 255)/256 s after the last advert"
    for width in range(24, 80):
        assert "(256 − 255)/256" in "\n".join(wrap_hanging(text, width, 2))
