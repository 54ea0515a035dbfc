"""What the field of a question says of the answer it takes."""

from __future__ import annotations

import pytest

from hatlab.lessons.play.answers import answer_hint
from hatlab.lessons.templates import with_unit


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


@pytest.mark.parametrize(
    ("number", "unit", "written"),
    [
        ("0.45", "s", "0.45 s"),
        ("150", "", "150"),
        ("1", "×", "once"),
        ("2", "×", "twice"),
        ("3", "×", "3 times"),
    ],
)
def test_a_number_is_written_with_its_unit_as_people_say_it(number: str, unit: str, written: str) -> None:
    assert with_unit(number, unit) == written
