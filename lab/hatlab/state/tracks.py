"""Values over time, and windows cut from them: what a timeline is drawn from, without a screen.

A track is bisected, so a window of a ten-hour run costs what it draws. At any zoom a cell shows the worst
thing that happened in it: a 0.6 s gap or a single failed probe never vanishes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Generic, NamedTuple, TypeVar

HANDOVER = 0.2
"""Seconds of two owners, or none, that are an orderly handover and no condition (as in `state.derive`)."""

UNKNOWN, NOBODY = "", "nobody"
"""Values of any track, and of an address that nobody holds (else `db1`, or `db1+db2`)."""
FAIL, GOOD = "fail:", "ok:"
"""A client's values: `fail:` and the error, `ok:` and who answered."""
_SEVERITY = {UNKNOWN: 0, "INIT": 2, "PAUSED": 3, "FROZEN": 4, "STOPPED": 5, "OFF": 6, "FAULT": 7}
_EPSILON = 1e-9
"""Seconds by which computed moments may be off."""
_MAX_SEGMENTS = 4
"""Segments a cell, above which a window is drawn by cells and no longer by segments."""

State = TypeVar("State")
Fact = TypeVar("Fact")


class Segment(NamedTuple):
    """A value from `start` until `end` (infinite while it lasts)."""

    start: float
    end: float
    value: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time as cells of equal length. Their bounds are multiples of it, so they never shift."""

    index: int
    """The number of its first cell, counted from the lab's beginning."""
    scale: float
    """Seconds a cell."""
    width: int
    """Cells."""

    @property
    def start(self) -> float:
        return self.index * self.scale

    @property
    def end(self) -> float:
        return (self.index + self.width) * self.scale

    def cell(self, at: float) -> int:
        """Return the cell a moment falls in; not in 0 … width - 1 if the window does not show it."""
        return int((at + _EPSILON) // self.scale) - self.index

    def time(self, cell: int) -> float:
        """Return when a cell begins."""
        return (self.index + cell) * self.scale


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of a window that show one value."""

    first: int
    last: int
    """Included."""
    value: str
    start: float
    """When the value began, which may be before the window; `end` likewise."""
    end: float

    @property
    def width(self) -> int:
        return self.last - self.first + 1


def severity(value: str) -> int:
    """Return how bad a value is; a cell shows the worst of its values."""
    if value.startswith(FAIL) or "+" in value:
        return 9
    return 8 if value == NOBODY else _SEVERITY.get(value, 1)


class Track:
    """Values over time, each until the next.

    Args:
        patient: whether a brief handover (no owner, or two) may be left out where it is less than a cell.
    """

    def __init__(self, *, patient: bool = False) -> None:
        self.starts: list[float] = []
        self.values: list[str] = []
        self._patient = patient

    def at(self, moment: float) -> str:
        number = bisect_right(self.starts, moment)
        return self.values[number - 1] if number else UNKNOWN

    def shift(self, seconds: float) -> None:
        """Let everything come so much later."""
        self.starts = [start + seconds for start in self.starts]

    def segments(self, begin: float = -inf, end: float = inf) -> Iterator[Segment]:
        """Yield neighbours of equal value as one, from what holds at `begin` to the last before `end`."""
        starts, values = self.starts, self.values
        number = max(0, bisect_right(starts, begin) - 1)
        while number > 0 and values[number - 1] == values[number]:
            number -= 1
        count = len(starts)
        while number < count and starts[number] < end:
            first = number
            number += 1
            while number < count and values[number] == values[first]:
                number += 1
            yield Segment(starts[first], starts[number] if number < count else inf, values[first])

    def next_change(self, after: float) -> float | None:
        """Return when the value changes next, strictly after a moment."""
        number = bisect_right(self.starts, after)
        while 0 < number < len(self.starts) and self.values[number] == self.values[number - 1]:
            number += 1
        return self.starts[number] if number < len(self.starts) else None

    def last_change(self, before: float) -> float | None:
        """Return when the value changed last, strictly before a moment."""
        number = bisect_left(self.starts, before) - 1
        while number > 0 and self.values[number] == self.values[number - 1]:
            number -= 1
        return self.starts[number] if number >= 0 else None

    def runs(self, window: Window, now: float) -> list[Run]:
        """Return what each cell of a window shows until `now`, as runs of equal values from left to right."""
        if not self.starts or now < self.starts[0]:
            return []
        edge = min(window.width - 1, window.cell(now))
        count = bisect_left(self.starts, window.end) - bisect_right(self.starts, window.start)
        if count > _MAX_SEGMENTS * window.width and not self._patient:
            return _join_equal(self._worst_of_cells(window, edge))
        runs: list[Run] = []
        for segment in self.segments(window.start, min(window.end, now + _EPSILON)):
            first = max(0, window.cell(segment.start))
            last = min(edge, window.cell(segment.end)) if segment.end <= now else edge
            if last > first and window.time(last) >= segment.end - _EPSILON:
                last -= 1
            if runs and runs[-1].last >= first:
                if self._rank(runs[-1], first, window) > self._rank(segment, first, window):
                    first = runs[-1].last + 1
                else:
                    before = runs.pop()
                    if before.first < first:
                        runs.append(replace(before, last=first - 1))
            if first <= last:
                runs.append(Run(first, last, segment.value, segment.start, segment.end))
        return _join_equal(runs)

    def _worst_of_cells(self, window: Window, edge: int) -> Iterator[Run]:
        """Yield a run for each cell, where many segments fall in one: the worst value of it."""
        starts, values = self.starts, self.values
        for cell in range(edge + 1):
            first = max(0, bisect_right(starts, window.time(cell) + _EPSILON) - 1)
            after = bisect_left(starts, window.time(cell + 1) - _EPSILON)
            if first < after:
                worst = max(set(values[first:after]), key=lambda v: (severity(v), v))
                end = starts[after] if after < len(starts) else inf
                yield Run(cell, cell, worst, starts[first], end)

    def _rank(self, value: Segment | Run, cell: int, window: Window) -> tuple[int, bool]:
        """Rank what competes for a cell: the worst wins; among equals what would not be seen elsewhere."""
        start, end = window.time(cell) - _EPSILON, window.time(cell + 1) + _EPSILON
        is_inside = start <= value.start and value.end <= end
        if self._patient and is_inside and value.end - value.start < HANDOVER:
            return (0, False)
        return (severity(value.value), is_inside)


def _join_equal(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].value == run.value:
            joined[-1] = replace(joined[-1], last=run.last, end=run.end)
        else:
            joined.append(run)
    return joined


class FactTrack(Track, Generic[State, Fact]):
    """A track folded from facts; one that comes late is put in its place and what follows is folded again.

    Args:
        initial: the state before the first fact.
        fold: (state, fact) → the state after it.
        value_of: state → the track's value.
    """

    def __init__(
        self,
        initial: State,
        fold: Callable[[State, Fact], State],
        value_of: Callable[[State], str],
        *,
        patient: bool = False,
    ) -> None:
        super().__init__(patient=patient)
        self._initial, self._fold, self._value_of = initial, fold, value_of
        self._facts: list[Fact] = []
        self._states: list[State] = []

    def add(self, at: float, fact: Fact) -> bool:
        """Fold one fact in; return whether the track changed."""
        number = bisect_right(self.starts, at)
        state = self._fold(self._states[number - 1] if number else self._initial, fact)
        value = self._value_of(state)
        changed = not number or value != self.values[number - 1] or number < len(self.starts)
        self.starts.insert(number, at)
        self._facts.insert(number, fact)
        self._states.insert(number, state)
        self.values.insert(number, value)
        for later in range(number + 1, len(self.starts)):
            state = self._fold(state, self._facts[later])
            self._states[later] = state
            self.values[later] = self._value_of(state)
        return changed


class ProbeTrack(Track):
    """A client's answers; a probe that is reported late (it waited for its timeout) still gets its place.

    Only changes are kept: a late failure lasts until the next change or one interval, whichever is first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._newest = -inf
        self._interval = 1.0

    def shift(self, seconds: float) -> None:
        super().shift(seconds)
        self._newest += seconds

    @property
    def known_until(self) -> float:
        """Until when its answers are known: a probe that hangs is reported only once it has timed out."""
        return self._newest + max(0.3, 4 * self._interval)

    @property
    def first_good(self) -> float:
        """When the client was first answered, `inf` if it never was."""
        return next((s for s, v in zip(self.starts, self.values, strict=True) if v.startswith(GOOD)), inf)

    def add(self, at: float, value: str) -> bool:
        """Take in one probe's outcome; return whether the track changed."""
        if at > self._newest:
            self._interval = min(self._interval, at - self._newest)
            self._newest = at
            if self.values and self.values[-1] == value:
                return False
            self.starts.append(at)
            self.values.append(value)
            return True
        number = bisect_right(self.starts, at + _EPSILON)
        before = self.values[number - 1] if number else UNKNOWN
        if before == value or severity(before) >= severity(value):
            return False
        until = at + self._interval
        lasts_until_change = number < len(self.starts) and self.starts[number] <= until + _EPSILON
        if not lasts_until_change and until <= self._newest + _EPSILON:
            self.starts.insert(number, until)
            self.values.insert(number, before)
        if number and at - self.starts[number - 1] <= _EPSILON:
            self.values[number - 1] = value
            self.starts[number - 1] = min(at, self.starts[number - 1])
        else:
            self.starts.insert(number, at)
            self.values.insert(number, value)
        return True
