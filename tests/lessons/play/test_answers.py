"""What the field of a question says of the answer it takes."""

from __future__ import annotations

import pytest

from hatlab.lessons.play.answers import answer_hint


@pytest.mark.parametrize(
    ("unit", "near", "hint"),
    [
        ("", 0.0, "a number"),
        ("s", 0.5, "a number of seconds, give or take 0.5"),
        ("×", 0.0, "a number of times"),
        ("of 255", 0.0, "a number (of 255)"),
    ],
)
def test_a_number_is_asked_for_in_words(unit: str, near: float, hint: str) -> None:
    assert answer_hint(unit, near) == hint
