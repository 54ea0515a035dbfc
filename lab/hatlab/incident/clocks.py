"""How far the clocks of the nodes are apart, from what two of them saw at the same moment.

The same frame in two captures says it to microseconds, a line that two logs write about one advert to the
precision of their times. Each such pair allows an interval of differences; the difference that most pairs
allow is taken, with the width of what they all leave as its uncertainty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from hatlab.incident.survey import Mark, NodeSurvey, Survey

FARTHEST = 7200.0
"""Seconds that two clocks may be apart; more is another day, or another time zone, which stamps tell."""
_FRAME_DELAY = 0.01
"""Seconds from one capture of a frame to the other."""
_LINE_DELAY = 0.2
"""Seconds within which two daemons write about the same advert."""
_MOST_PAIRS = 200_000


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a node's clock is ahead of the first node's."""

    seconds: float
    uncertainty: float
    """Seconds by which it may be wrong, either way."""
    pairs: int
    """How many moments say so; 0: none, and the clocks are taken to agree."""


def estimate_offsets(found: Survey, own: Mapping[str, set[str]]) -> dict[str, ClockOffset]:
    """Return node → how far its clock is ahead of that of the first node.

    Args:
        own: node → the addresses that its adverts come from.
    """
    names = list(found.nodes)
    if not names:
        return {}
    offsets = {names[0]: ClockOffset(0.0, 0.0, 0)}
    left = names[1:]
    while left:
        best: tuple[int, str, ClockOffset] | None = None
        for name in left:
            for known in offsets:
                between = _between(found.nodes[known], found.nodes[name], own)
                if between is not None and (best is None or between.pairs > best[0]):
                    base = offsets[known]
                    ahead = ClockOffset(
                        base.seconds + between.seconds, base.uncertainty + between.uncertainty, between.pairs
                    )
                    best = (between.pairs, name, ahead)
        if best is None:
            return offsets | {name: ClockOffset(0.0, 0.0, 0) for name in left}
        offsets[best[1]] = best[2]
        left.remove(best[1])
    return {name: offsets[name] for name in names}


def _between(one: NodeSurvey, other: NodeSurvey, own: Mapping[str, set[str]]) -> ClockOffset | None:
    """How far the other's clock is ahead of the one's; None if nothing says it."""
    frames = [
        (other.sightings[key] - at - _FRAME_DELAY, other.sightings[key] - at + _FRAME_DELAY)
        for key, at in one.sightings.items()
        if key in other.sightings
    ]
    frames = [pair for pair in frames if -FARTHEST <= pair[0] <= FARTHEST]
    if frames:
        return _most_allowed(frames)
    return _most_allowed(list(_line_pairs(one, other, own)))


def _line_pairs(
    one: NodeSurvey, other: NodeSurvey, own: Mapping[str, set[str]]
) -> Iterator[tuple[float, float]]:
    """(least, most) difference of each pair of marks that may be of the same moment."""
    count = 0
    for first, second in _matching(one, other, own):
        for a in first:
            for b in second:
                least, most = b.earliest - a.latest - _LINE_DELAY, b.latest - a.earliest + _LINE_DELAY
                if most >= -FARTHEST and least <= FARTHEST:
                    yield least, most
                    count += 1
                    if count > _MOST_PAIRS:
                        return


def _matching(
    one: NodeSurvey, other: NodeSurvey, own: Mapping[str, set[str]]
) -> Iterator[tuple[list[Mark], list[Mark]]]:
    """Marks of the two nodes that an advert makes at the same time."""
    for here, there in (("zero_sent", "zero_received"), ("zero_received", "zero_sent")):
        yield _of(one, here), _of(other, there)
    yield _of(one, "heard_higher"), _of(other, "master")
    yield _of(one, "master"), _of(other, "heard_higher")
    for address in own.get(one.name, ()):
        yield _of(one, "zero_sent"), _of(other, f"zero_{address}")
        yield _of(one, "master"), _of(other, f"seen_{address}")
        yield _of(one, f"zero_{address}"), _of(other, "zero_received")
    for address in own.get(other.name, ()):
        yield _of(one, f"zero_{address}"), _of(other, "zero_sent")
        yield _of(one, f"seen_{address}"), _of(other, "master")
        yield _of(one, "zero_received"), _of(other, f"zero_{address}")


def _of(node: NodeSurvey, kind: str) -> list[Mark]:
    return [mark for mark in node.marks if mark.kind == kind]


def _most_allowed(pairs: list[tuple[float, float]]) -> ClockOffset | None:
    """The difference that most pairs allow; of several the one nearest to none at all."""
    if not pairs:
        return None
    edges = sorted(edge for least, most in pairs for edge in ((least, -1), (most, 1)))
    depth, deepest = 0, 0
    spans: list[tuple[float, float]] = []
    for (at, step), (then, _) in pairwise(edges):
        depth -= step
        if step < 0 and depth >= deepest:
            spans = [*(spans if depth == deepest else ()), (at, then)]
            deepest = depth
    least, most = min(spans, key=lambda span: 0.0 if span[0] <= 0 <= span[1] else min(map(abs, span)))
    middle = 0.0 if least <= 0 <= most else (least + most) / 2
    return ClockOffset(middle, (most - least) / 2, deepest)
