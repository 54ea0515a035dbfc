"""How long one thing takes the others: what a teacher sees somebody's time against."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

Item = tuple[str, int, str]
"""A lesson, a step, and what is open in it."""
ENOUGH = 3
"""Others who must have done something until it is known how long it takes."""
KEPT = 500
"""Items whose times are kept; a class meets some dozens."""


class Pace:
    """The times that people needed, by what they did."""

    def __init__(self) -> None:
        self._needed: defaultdict[Item, dict[str, float]] = defaultdict(dict)

    def note(self, item: Item, who: str, seconds: float) -> None:
        """Somebody is done with something, perhaps once more."""
        if item in self._needed or len(self._needed) < KEPT:
            self._needed[item][who] = seconds

    def usual(self, item: Item, but: str) -> float | None:
        """Return the seconds that half of the others needed at most; None while too few have."""
        needed = [seconds for who, seconds in self._needed.get(item, {}).items() if who != but]
        return median(needed) if len(needed) >= ENOUGH else None
