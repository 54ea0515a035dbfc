"""Sets of whole numbers as sorted ranges: a client's numbered rows, and MySQL's sets of transactions (GTIDs).

A `Ranges` is a tuple of (first, last) pairs, both included, sorted, neither overlapping nor adjacent.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]


def parse_ranges(text: str) -> Ranges:
    """Read a text such as `1-57,60`.

    Raises:
        ValueError: it is no such text.
    """
    pairs = []
    for part in text.split(",") if text.strip() else ():
        first, dash, last = part.partition("-")
        pairs.append((int(first), int(last if dash else first)))
    return _merge(pairs)


def _merge(pairs: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pair for pair in pairs if pair[0] <= pair[1]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def format_ranges(ranges: Ranges) -> str:
    """Write a set as `1-57,60`."""
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)


def count_numbers(ranges: Ranges) -> int:
    """The number of numbers in a set."""
    return sum(last - first + 1 for first, last in ranges)


def add_number(ranges: Ranges, number: int) -> Ranges:
    """The set with one more number; quick for the next one in order."""
    if ranges and ranges[-1][1] == number - 1:
        return (*ranges[:-1], (ranges[-1][0], number))
    return _merge((*ranges, (number, number)))


def subtract(ranges: Ranges, others: Ranges) -> Ranges:
    """The numbers that are in the first set and not in the second."""
    left = list(ranges)
    for first, last in others:
        parts = []
        for a, b in left:
            parts += [(a, min(b, first - 1)), (max(a, last + 1), b)] if a <= last and first <= b else [(a, b)]
        left = [pair for pair in parts if pair[0] <= pair[1]]
    return tuple(left)


@lru_cache(64)
def parse_gtids(text: str) -> dict[str, Ranges]:
    """(UUID, or UUID:tag) → numbers, of a set of transactions such as `@@gtid_executed`.

    Raises:
        ValueError: it is no such text.
    """
    numbers: dict[str, Ranges] = {}
    for part in text.split(",") if text.strip() else ():
        name, *words = (word.strip() for word in part.split(":"))
        if not words or not name:
            raise ValueError(part)
        for word in words:
            if word[:1].isdigit():
                numbers[name] = _merge((*numbers.get(name, ()), *parse_ranges(word)))
            else:
                name = f"{name.partition(':')[0]}:{word}"  # MySQL 8.3: uuid:tag:numbers
    return numbers


def has_executed(executed: str, wanted: str) -> bool:
    """True if a set of GTIDs holds all of another, False for what is no such set (MySQL's GTID_SUBSET)."""
    if executed == wanted:
        return True
    try:
        ours, theirs = parse_gtids(executed), parse_gtids(wanted)
    except ValueError:
        return False
    return all(not subtract(ranges, ours.get(name, ())) for name, ranges in theirs.items())
