"""In what two outcomes differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.differential.log_lines import comparable, is_compared
from tests.differential.outcome import Fact, Outcome

TOLERANCE = {"states": 0.15, "addresses": 0.15, "adverts": 0.2, "announcements": 0.25, "logs": 0.3}
"""Kind of fact → seconds by which its times may differ, most telling kind first: timers of a busy machine
run late, a little more each second."""
AT_ONCE = 0.05
"""Seconds between two facts that follow one another at once."""
EDGE = 0.35
"""Seconds before the end in which a fact may be missing: it may have come after the end on the other side."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that only one side saw, at about that time."""

    kind: str
    side: str
    """`real` or `simulated`."""
    fact: Fact

    def __str__(self) -> str:
        return f"{self.fact.at:8.3f} {self.side:9} {self.kind}: {self.fact.who} {self.fact.what}"


def compare(real: Outcome, simulated: Outcome, length: float) -> list[Difference]:
    """Return what differs, the most telling kind first; empty if the outcomes agree."""
    differences = []
    for kind, tolerance in TOLERANCE.items():
        pair = _facts(real, kind), _facts(simulated, kind)
        differences += [
            Difference(kind, side, fact)
            for side, fact in _unmatched(*pair, tolerance)
            if fact.at < length - EDGE
        ]
    return differences


def _facts(outcome: Outcome, kind: str) -> list[Fact]:
    facts: Iterable[Fact] = getattr(outcome, kind)
    if kind == "logs":
        facts = (Fact(f.at, f.who, comparable(f.what)) for f in facts if is_compared(f.what))
    if kind in {"states", "addresses"}:
        facts = _changes(facts)
    return list(facts)


def _changes(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield what each says that it did not say before: of an address that becomes the first of its prefix,
    Linux says once more that it is held. Of priorities that follow one another at once, as those of checks
    that end together in any order, the last one counts."""
    streams: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        stream = streams[fact.who]
        if stream and fact.at - stream[-1].at < AT_ONCE and _state(fact) == _state(stream[-1]):
            stream.pop()
        if not stream or stream[-1].what != fact.what:
            stream.append(fact)
    for stream in streams.values():
        yield from stream


def _state(fact: Fact) -> str:
    return fact.what.partition(" ")[0]


def _unmatched(real: list[Fact], simulated: list[Fact], tolerance: float) -> list[tuple[str, Fact]]:
    """Return (side, fact) of each fact that has no like on the other side at about its time."""
    left: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in simulated:
        left[fact.who, fact.what].append(fact)
    lacking = []
    for fact in real:
        alike = left[fact.who, fact.what]
        match = next((other for other in alike if abs(other.at - fact.at) <= tolerance), None)
        if match is None:
            lacking.append(("real", fact))
        else:
            alike.remove(match)
    lacking += [("simulated", fact) for facts in left.values() for fact in facts]
    return sorted(lacking, key=lambda item: item[1].at)
