"""Two sequences of moments aligned by an edit distance that tolerates shifts in time."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Protocol, TypeVar

WITHIN = 0.25
"""Seconds by which times may differ, if nothing else is said."""
_FAR = 10.0
"""Seconds at which two moments of the same value are half as far from one another as they can be."""
_MOST = 4_000_000
"""Pairs that are weighed one by one; of longer sequences only the values count."""


class Timed(Protocol):
    """A value from a moment on."""

    @property
    def at(self) -> float: ...
    @property
    def value(self) -> str: ...


M = TypeVar("M", bound=Timed)
Pairs = list[tuple[M | None, M | None]]
"""What stands for what; None where the other sequence has nothing of the kind."""


def align(first: Sequence[M], other: Sequence[M], shift: float) -> Pairs[M]:
    """Pair what is alike, in order, with the least shifts in time; none is paired with another value.

    Args:
        first: in order of time.
        other: in order of time.
        shift: seconds to add to the other's times.
    """
    if len(first) * len(other) > _MOST:
        return _align_values(first, other)
    costs = _costs(first, other, shift)
    pairs: Pairs[M] = []
    i = j = 0
    while i < len(first) and j < len(other):
        distance = _distance(first[i], other[j], shift)
        if distance is not None and costs[i][j] == distance + costs[i + 1][j + 1]:
            pairs.append((first[i], other[j]))
            i, j = i + 1, j + 1
        elif costs[i][j] == 1 + costs[i + 1][j]:
            pairs.append((first[i], None))
            i += 1
        else:
            pairs.append((None, other[j]))
            j += 1
    pairs += [(moment, None) for moment in first[i:]]
    pairs += [(None, moment) for moment in other[j:]]
    return pairs


def _costs(first: Sequence[M], other: Sequence[M], shift: float) -> list[list[float]]:
    """Return, for each pair of positions, what the rests cost: one for each moment without its like."""
    n, m = len(first), len(other)
    costs = [[0.0] * (m + 1) for _ in range(n + 1)]
    costs[n] = [float(m - j) for j in range(m + 1)]
    for i in range(n - 1, -1, -1):
        row, below = costs[i], costs[i + 1]
        row[m] = float(n - i)
        for j in range(m - 1, -1, -1):
            best = 1 + min(below[j], row[j + 1])
            distance = _distance(first[i], other[j], shift)
            if distance is not None:
                best = min(best, distance + below[j + 1])
            row[j] = best
    return costs


def _distance(one: Timed, other: Timed, shift: float) -> float | None:
    """Return 0 for the same time to less than 2 for times far apart; None for another value."""
    if one.value != other.value:
        return None
    seconds = abs(other.at + shift - one.at)
    return 2 * seconds / (seconds + _FAR)


def _align_values(first: Sequence[M], other: Sequence[M]) -> Pairs[M]:
    matcher = SequenceMatcher(None, [m.value for m in first], [m.value for m in other], autojunk=False)
    pairs: Pairs[M] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(first[i:i_end], other[j:j_end], strict=True)
        else:
            pairs += [(moment, None) for moment in first[i:i_end]]
            pairs += [(None, moment) for moment in other[j:j_end]]
    return pairs
