"""What the timeline draws, without a screen: values over time, one track a lane, and windows cut from them.

A track is bisected, so a window of a ten-hour run costs what it draws. At any zoom a cell shows the worst
thing that happened in it: a 0.6 s gap or a single failed probe never vanishes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Generic, NamedTuple, TypeVar

HANDOVER = 0.2
"""Seconds of two owners, or none, that are an orderly handover and no condition (as in `state.derive`)."""

UNKNOWN, NOBODY = "", "nobody"
FAIL, GOOD = "fail:", "ok:"
"""A client's values: `fail:` and the error, `ok:` and who answered."""
_SEVERITY = {UNKNOWN: 0, "INIT": 2, "PAUSED": 3, "FROZEN": 4, "STOPPED": 5, "OFF": 6, "FAULT": 7}
_EXACT = 1e-9
_CROWDED = 4
"""Segments a cell, above which a window is drawn by cells and no longer by segments."""

K = TypeVar("K")
E = TypeVar("E")


class Segment(NamedTuple):
    """A value from `start` until `end` (infinite while it lasts)."""

    start: float
    end: float
    value: str


@dataclass(frozen=True, slots=True)
class Window:
    """`width` cells of `scale` seconds; cell 0 begins at `index` × scale, so a cell's bounds never shift."""

    index: int
    scale: float
    width: int

    @property
    def start(self) -> float:
        return self.index * self.scale

    @property
    def end(self) -> float:
        return (self.index + self.width) * self.scale

    def cell(self, at: float) -> int:
        """The cell a moment falls in; not in 0 … width - 1 if the window does not show it."""
        return int((at + _EXACT) // self.scale) - self.index

    def time(self, cell: int) -> float:
        """When a cell begins."""
        return (self.index + cell) * self.scale


@dataclass(frozen=True, slots=True)
class Run:
    """Cells `first` to `last` of a window, both included, that show one value.

    `start` and `end` are the times of what they show, which may reach beyond the window.
    """

    first: int
    last: int
    value: str
    start: float
    end: float

    @property
    def width(self) -> int:
        return self.last - self.first + 1


def severity(value: str) -> int:
    """How bad a value is; a cell shows the worst of its values."""
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
        k = bisect_right(self.starts, moment) - 1
        return self.values[k] if k >= 0 else UNKNOWN

    def segments(self, begin: float = -inf, end: float = inf) -> Iterator[Segment]:
        """Neighbours of equal value joined, from the one that holds at `begin` to the last before `end`."""
        starts, values = self.starts, self.values
        k = max(0, bisect_right(starts, begin) - 1)
        while k > 0 and values[k - 1] == values[k]:
            k -= 1
        count = len(starts)
        while k < count and starts[k] < end:
            first = k
            k += 1
            while k < count and values[k] == values[first]:
                k += 1
            yield Segment(starts[first], starts[k] if k < count else inf, values[first])

    def next_change(self, after: float) -> float | None:
        """When the value changes next, strictly after a moment."""
        k = bisect_right(self.starts, after)
        while k < len(self.starts) and k > 0 and self.values[k] == self.values[k - 1]:
            k += 1
        return self.starts[k] if k < len(self.starts) else None

    def last_change(self, before: float) -> float | None:
        """When the value changed last, strictly before a moment."""
        k = bisect_left(self.starts, before) - 1
        while k > 0 and self.values[k] == self.values[k - 1]:
            k -= 1
        return self.starts[k] if k >= 0 else None

    def runs(self, window: Window, now: float) -> list[Run]:
        """What each cell of a window shows, until `now`, as runs of equal values from left to right."""
        if not self.starts or now < self.starts[0]:
            return []
        edge = min(window.width - 1, window.cell(now))
        within = bisect_left(self.starts, window.end) - bisect_right(self.starts, window.start)
        if within > _CROWDED * window.width and not self._patient:
            return _joined(list(self._crowded(window, edge)))
        out: list[Run] = []
        for piece in self.segments(window.start, min(window.end, now + _EXACT)):
            first = max(0, window.cell(piece.start))
            last = min(edge, window.cell(piece.end)) if piece.end <= now else edge
            if last > first and window.time(last) >= piece.end - _EXACT:
                last -= 1
            if out and out[-1].last >= first:
                if self._rank(out[-1], first, window) > self._rank(piece, first, window):
                    first = out[-1].last + 1
                else:
                    held = out.pop()
                    if held.first < first:
                        out.append(replace(held, last=first - 1))
            if first <= last:
                out.append(Run(first, last, piece.value, piece.start, piece.end))
        return _joined(out)

    def _crowded(self, window: Window, edge: int) -> Iterator[Run]:
        """The same for many segments a cell: the worst value of each."""
        starts, values = self.starts, self.values
        for cell in range(edge + 1):
            first = max(0, bisect_right(starts, window.time(cell) + _EXACT) - 1)
            after = bisect_left(starts, window.time(cell + 1) - _EXACT)
            if first < after:
                worst = max(set(values[first:after]), key=lambda v: (severity(v), v))
                end = starts[after] if after < len(starts) else inf
                yield Run(cell, cell, worst, starts[first], end)

    def _rank(self, part: Segment | Run, cell: int, window: Window) -> tuple[int, bool]:
        """Who wins a cell: the worst; among equals one that would not be seen elsewhere; else the later."""
        inside = part.start >= window.time(cell) - _EXACT and part.end <= window.time(cell + 1) + _EXACT
        if self._patient and inside and part.end - part.start < HANDOVER:
            return (0, False)
        return (severity(part.value), inside)


def _joined(runs: list[Run]) -> list[Run]:
    out: list[Run] = []
    for run in runs:
        if out and out[-1].value == run.value:
            out[-1] = replace(out[-1], last=run.last, end=run.end)
        else:
            out.append(run)
    return out


class FactTrack(Track, Generic[K, E]):
    """A track folded from facts; one that comes late is put in its place and what follows is folded again.

    Args:
        known: what is known before the first fact.
        step: (known, fact) → known after it.
        show: known → the track's value.
    """

    def __init__(
        self, known: K, step: Callable[[K, E], K], show: Callable[[K], str], *, patient: bool = False
    ) -> None:
        super().__init__(patient=patient)
        self._begin, self._step, self._show = known, step, show
        self._facts: list[E] = []
        self._known: list[K] = []

    def add(self, at: float, fact: E) -> bool:
        """Folds one fact in; whether the track changed."""
        k = bisect_right(self.starts, at)
        known = self._step(self._known[k - 1] if k else self._begin, fact)
        shown = self._show(known)
        changed = not k or shown != self.values[k - 1] or k < len(self.starts)
        self.starts.insert(k, at)
        self._facts.insert(k, fact)
        self._known.insert(k, known)
        self.values.insert(k, shown)
        for later in range(k + 1, len(self.starts)):
            known = self._step(known, self._facts[later])
            self._known[later] = known
            self.values[later] = self._show(known)
        return changed


class ProbeTrack(Track):
    """A client's answers; a probe that is reported late (it waited for its timeout) still gets its place.

    Only changes are kept: a late failure lasts until the next change or one interval, whichever is first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._newest = -inf
        self._interval = 1.0

    @property
    def known(self) -> float:
        """Until when its answers are known: a probe that hangs is told only once it has timed out."""
        return self._newest + max(0.3, 4 * self._interval)

    @property
    def first_good(self) -> float:
        """When the client was first answered, `inf` if it never was."""
        return next((s for s, v in zip(self.starts, self.values, strict=True) if v.startswith(GOOD)), inf)

    def add(self, at: float, value: str) -> bool:
        """Takes one probe's outcome in; whether the track changed."""
        if at > self._newest:
            self._interval = min(self._interval, at - self._newest)
            self._newest = at
            if self.values and self.values[-1] == value:
                return False
            self.starts.append(at)
            self.values.append(value)
            return True
        k = bisect_right(self.starts, at + _EXACT)
        before = self.values[k - 1] if k else UNKNOWN
        if before == value or severity(before) >= severity(value):
            return False
        until = at + self._interval
        if k < len(self.starts) and self.starts[k] <= until + _EXACT:
            pass  # lasts until the next change
        elif until <= self._newest + _EXACT:
            self.starts.insert(k, until)
            self.values.insert(k, before)
        if k and at - self.starts[k - 1] <= _EXACT:
            self.values[k - 1] = value
        else:
            self.starts.insert(k, at)
            self.values.insert(k, value)
        return True
