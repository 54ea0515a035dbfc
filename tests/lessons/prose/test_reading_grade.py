"""The reading grade is computed as its formula says. It is a report: nothing is held to it."""

from __future__ import annotations

import pytest

from tests.lessons.reading_grade import grade, rows, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [("you", 1), ("late", 1), ("little", 2), ("waited", 2), ("address", 2), ("replication", 4)],
)
def test_syllables_are_about_right(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_is_flesch_and_kincaid_s() -> None:
    assert grade(["You kill it. It waits."]) == pytest.approx(0.39 * 5 / 2 + 11.8 * 5 / 5 - 15.59)
    assert grade(["You stop `sql client` and wait."]) == pytest.approx(0.39 * 5 + 11.8 - 15.59)


def test_each_lesson_has_a_row() -> None:
    assert list(rows())[-1].startswith("| all lessons | ")
