"""Chance, with the odds beside what they decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A source of chance: the same seed throws the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def chance(self, percent: float) -> bool:
        """True in so many of a hundred throws."""
        return self._random.random() * 100 < percent

    def pick(self, *options: T) -> T:
        """Return one of some, each as likely."""
        return self._random.choice(options)

    def weighted(self, odds: Mapping[T, float]) -> T:
        """Return one of some, as often as its number says."""
        return self._random.choices(list(odds), list(odds.values()))[0]

    def some(self, options: Sequence[T], most: int) -> list[T]:
        """Return one to `most` different ones."""
        return self._random.sample(list(options), min(len(options), self._random.randint(1, most)))

    def between(self, least: float, most: float) -> float:
        """Return a number of hundredths."""
        return round(self._random.uniform(least, most), 2)

    def lines(self, odds: Mapping[str, float]) -> Iterator[str]:
        """Yield each line in so many of a hundred throws; `{a|b|c}` in it is one of these."""
        for line, percent in odds.items():
            if self.chance(percent):
                head, brace, rest = line.partition("{")
                options, _, tail = rest.partition("}")
                yield head + self.pick(*options.split("|")) + tail if brace else line


def block(head: str, lines: Sequence[str]) -> list[str]:
    """Return the lines of a block of keepalived.conf."""
    return [f"{head} {{", *(f"    {line}" for line in lines), "}"]
