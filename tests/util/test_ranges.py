"""Ranges of numbers, and MySQL's sets of transactions, against plain sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.util.ranges import (
    Ranges,
    add_number,
    count_numbers,
    format_ranges,
    has_executed,
    parse_ranges,
    subtract,
)

NUMBERS = st.frozensets(st.integers(1, 30), max_size=20)


def ranges(numbers: frozenset[int]) -> Ranges:
    found: Ranges = ()
    for number in numbers:
        found = add_number(found, number)
    return found


def numbers(ranges: Ranges) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}


@given(NUMBERS, NUMBERS)
def test_ranges_agree_with_sets(one: frozenset[int], other: frozenset[int]) -> None:
    assert numbers(subtract(ranges(one), ranges(other))) == one - other
    assert count_numbers(ranges(one)) == len(one)
    assert parse_ranges(format_ranges(ranges(one))) == ranges(one)


def test_ranges_are_written_as_first_and_last() -> None:
    assert format_ranges(ranges(frozenset({1, 2, 3, 7}))) == "1-3,7"
    assert format_ranges(()) == ""
    with pytest.raises(ValueError, match="x"):
        parse_ranges("1-x")


A, B = "00000001-0000-4000-8000-000000000001", "00000002-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("executed", "wanted", "has"),
    [
        ("", "", True),
        (f"{A}:1-5", "", True),
        ("", f"{A}:1", False),
        (f"{A}:1-5", f"{A}:1-3", True),
        (f"{A}:1-5", f"{A}:1-6", False),
        (f"{A}:1-5:7-9,{B}:1", f"{A}:2:8,{B}:1", True),
        (f"{A}:1-5:7-9", f"{A}:6", False),
        (f"{B}:1-2,{A}:1-5", f"{A}:1-5,{B}:1-2", True),
        (f"{A}:1-5:tag:1-2", f"{A}:tag:2", True),
        (f"{A}:1-5:tag:1-2", f"{A}:tag:3", False),
        ("nonsense", f"{A}:1", False),
        (f"{A}:1-x", f"{A}:1", False),
    ],
)
def test_a_set_of_transactions_holds_another(executed: str, wanted: str, has: bool) -> None:
    assert has_executed(executed, wanted) is has
