"""What a run cost in all: how often a Master changed, how long nobody or several held an address, outages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.compare.comparison import Comparison
from hatlab.compare.course import NOBODY, Course, StreamKey
from hatlab.state.tracks import UNKNOWN


@dataclass(frozen=True, slots=True)
class Amount:
    """So many times, or so many seconds."""

    value: float
    about: float = 0.0
    """By how much it may be off, as the sources know no better."""


@dataclass(frozen=True, slots=True)
class Total:
    """One cost of both runs."""

    kind: str
    """masters: how often another node became Master. no_owner, several_owners: s. outage: s."""
    subject: str
    """The virtual router, its address, or the client, with the first run's name."""
    first: Amount
    other: Amount

    @property
    def is_count(self) -> bool:
        return self.kind == "masters"

    @property
    def more(self) -> float:
        """By how much the other run cost more (negative: less), as far as that is sure."""
        more = self.other.value - self.first.value
        about = self.first.about + self.other.about
        return max(0.0, more - about) if more > 0 else min(0.0, more + about)

    def differs(self, within: float) -> bool:
        return abs(self.more) > (0.0 if self.is_count else within)


def find_totals(comparison: Comparison) -> list[Total]:
    """Return the costs that both runs know, those of which neither has any left out but for Masters."""
    return [
        total
        for total in _totals(comparison)
        if total.is_count or total.first.value > 0 or total.other.value > 0
    ]


def _totals(comparison: Comparison) -> Iterator[Total]:
    first, other, pairing = comparison.first, comparison.other, comparison.pairing
    shift = comparison.alignment.shift
    begin, end = max(first.begins, other.begins + shift), min(first.ends, other.ends + shift)
    one, two = _Span(first, begin, end), _Span(other, begin - shift, end - shift)
    theirs = {pairing.key(key): key for key in other.streams}
    parts: dict[str, list[StreamKey]] = {}
    for key in first.streams:
        if key.kind == "state" and key in theirs:
            parts.setdefault(key.subject[1], []).append(key)
    for instance, keys in sorted(parts.items()):
        counts = one.masters(keys), two.masters([theirs[key] for key in keys])
        yield Total("masters", instance, *map(Amount, counts))
    for key in sorted(key for key in first.streams if key.kind == "owners" and key in theirs):
        label = first.labels.get((key.subject[0], key.subject[1]), key.subject[0])
        for kind in ("no_owner", "several_owners"):
            yield Total(kind, label, one.owned(kind, key), two.owned(kind, theirs[key]))
    for key in sorted({key for key in (*first.streams, *theirs) if key.kind == "outage"}):
        their_key = theirs.get(key, key)
        if first.knows(key) and other.knows(their_key):
            yield Total("outage", key.subject[0], one.outages(key), two.outages(their_key))


@dataclass(frozen=True, slots=True)
class _Span:
    """The part of a run that the other one has, too."""

    course: Course
    begin: float
    end: float

    def masters(self, keys: list[StreamKey]) -> float:
        """Return how often another node became Master than the one before."""
        found = sorted(
            (moment.at, key.subject[0])
            for key in keys
            for moment in self.course.streams[key]
            if moment.value == "MASTER" and moment.at <= self.end
        )
        changes = itertools.pairwise(found)
        return float(sum(one[1] != two[1] and two[0] > self.begin for one, two in changes))

    def owned(self, kind: str, key: StreamKey) -> Amount:
        """Return how long nobody held an address that somebody had held, or several did."""
        moments = self.course.streams[key]
        seconds = about = 0.0
        is_owned = False
        for moment, after in zip(moments, [*moments[1:], None], strict=True):
            is_owned = is_owned or moment.value not in (NOBODY, UNKNOWN)
            counts = moment.value == NOBODY if kind == "no_owner" else "+" in moment.value
            until = min(after.at if after else self.end, self.end)
            if counts and is_owned and until > max(moment.at, self.begin):
                seconds += until - max(moment.at, self.begin)
                about = max(about, moment.about, after.about if after else 0.0)
        return Amount(seconds, about)

    def outages(self, key: StreamKey) -> Amount:
        found = self.course.streams.get(key, ())
        return Amount(sum(m.seconds for m in found if self.begin <= m.at <= self.end))
