"""A moment is a clock, a length of time is seconds."""

from __future__ import annotations

import pytest

from hatlab.describe.times import (
    format_length,
    format_milliseconds,
    format_moment,
    format_seconds,
    parse_moment,
)


@pytest.mark.parametrize(
    ("at", "digits", "text"),
    [
        (5, 0, "0:05"),
        (90, 0, "1:30"),
        (3750, 0, "1:02:30"),
        (72.34, 1, "1:12.3"),
        (31.402, 3, "0:31.402"),
        (59.96, 1, "0:59.9"),
        (0.3, 1, "0:00.3"),
        (-0.25, 2, "-0:00.25"),
    ],
)
def test_a_moment_is_a_clock(at: float, digits: int, text: str) -> None:
    assert format_moment(at, digits) == text


def test_a_moment_is_read_as_it_is_written() -> None:
    assert [parse_moment(text) for text in ("34", "0:34.5", " 1:02:31.402")] == [34, 34.5, 3751.402]


def test_lengths_keep_the_digits_that_matter() -> None:
    assert format_seconds(3.414) == "3.41 s"
    assert [format_length(at) for at in (0.6094, 12.34, 600)] == ["0.61 s", "12.3 s", "10 min"]
    assert [format_milliseconds(ms) for ms in (0.214, 3.42, 118.6)] == ["0.21 ms", "3.4 ms", "119 ms"]
    assert format_milliseconds(0.2, "+") == "+0.20 ms"
