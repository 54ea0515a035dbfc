"""Values over time as a page needs them: moments in whole milliseconds, and each value once. Pure."""

from __future__ import annotations

from typing import Any

from hatlab.util.visible import to_json


def milliseconds(at: float) -> int:
    """Return a moment or a length in the page's unit."""
    return round(at * 1000)


def steps_between(moments: list[int]) -> list[int]:
    """Return the first moment, and from each to the next: small numbers are short."""
    return [at - before for before, at in zip([0, *moments], moments, strict=False)]


class Table:
    """Each value once; a value is known by its number."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """Return a value's number, a new one for a new value."""
        key = value if isinstance(value, str | tuple) else to_json(value)
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


class StepTrack:
    """One thing's values, each until the next."""

    def __init__(self) -> None:
        self.moments: list[int] = []
        self.numbers: list[int] = []

    def set(self, at: int, number: int) -> None:
        """Set a value from a moment on, which is not before the last."""
        if self.moments and self.moments[-1] == at:
            self.numbers[-1] = number
        elif not self.numbers or self.numbers[-1] != number:
            self.moments.append(at)
            self.numbers.append(number)

    def to_data(self) -> list[list[int]]:
        """Return the track as the page reads it."""
        return [steps_between(self.moments), self.numbers]
