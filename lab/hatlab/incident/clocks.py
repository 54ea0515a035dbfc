"""How far the clocks of the nodes are apart, from what two of them saw at the same moment.

The same frame in two captures says it to microseconds, a line that two logs write about one advert to the
precision of their times. Each such pair allows an interval of differences. If several are allowed, the one
counts with which most of what one log says of another node is true, and with which both are Master at
the same time for the shortest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf

from hatlab.incident.survey import Mark, NodeSurvey, Survey

FARTHEST = 7200.0
"""Seconds that two clocks may be apart; more is another day, or another time zone, which stamps tell."""
_FRAME_DELAY = 0.01
"""Seconds from one capture of a frame to the other."""
_LINE_DELAY = 0.2
"""Seconds within which two daemons write about the same advert."""
_ALIKE = 0.9
"""Seconds between two adverts of one node, at the least, that are alike."""
_JUST_HEARD = 15.0
"""Seconds that a Backup hears a lower priority before it takes over: its timer, perhaps with a delay."""
_PAUSE = 3.0
"""Seconds without an advert of lower priority after which the next one is another takeover's."""
_MOST_PAIRS = 20_000
_MOST_CANDIDATES = 2_000
_BOTH_MASTER = 10.0
"""Seconds for which both are Master that count against a difference as much as one moment counts for it."""

KNOWN = -1
"""`ClockOffset.pairs` of a clock that somebody knows."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a node's clock is ahead of the first node's."""

    seconds: float
    uncertainty: float
    """Seconds by which it may be wrong, either way."""
    pairs: int
    """How many moments say so; 0: none, and the clocks are taken to agree; `KNOWN`: somebody said it."""


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
        known = [
            (between, base, name)
            for name in left
            for base in offsets
            if (between := _between(found.nodes[base], found.nodes[name], own)) is not None
        ]
        if not known:
            return offsets | {name: ClockOffset(0.0, 0.0, 0) for name in left}
        best, base, name = max(known, key=lambda one: one[0].pairs)
        offsets[name] = ClockOffset(
            offsets[base].seconds + best.seconds, offsets[base].uncertainty + best.uncertainty, best.pairs
        )
        left.remove(name)
    return {name: offsets[name] for name in names}


def with_known_clocks(
    offsets: Mapping[str, ClockOffset], known: Mapping[str, float]
) -> dict[str, ClockOffset]:
    """Return the offsets from the right time, where somebody knows those of some nodes, in seconds.

    What two nodes' files say of each other still counts for the others.
    """
    base = next((name for name in known if name in offsets), None)
    shift = known[base] - offsets[base].seconds if base is not None else 0.0
    shifted = {name: replace(one, seconds=one.seconds + shift) for name, one in offsets.items()}
    return shifted | {name: ClockOffset(s, 0.0, KNOWN) for name, s in known.items() if name in offsets}


def estimate_starts(found: Survey, own: Mapping[str, set[str]]) -> dict[str, ClockOffset | None]:
    """Return file → how far its times, which count from an unknown moment, are ahead of its node's clock.

    None if the node's own log does not say it, or several moments are as likely. What such a file shows
    counts for its node from then on.
    """
    starts: dict[str, ClockOffset | None] = {}
    for file, counted in found.counted.items():
        node = found.nodes[counted.name]
        depth, spans = _most_allowed([*_line_pairs(node, counted, own, farthest=inf)])
        starts[file] = start = _offset(*spans[0], depth) if len(spans) == 1 else None
        if start is not None:
            wide = start.uncertainty
            for mark in counted.marks:
                moved = mark.earliest - start.seconds - wide, mark.latest - start.seconds + wide
                node.marks.append(Mark(mark.kind, *moved))
            for key, seen in counted.adverts.items():
                spans_seen = [(first - start.seconds, last - start.seconds) for first, last in seen.streaks]
                node.adverts[key].streaks += spans_seen
    return starts


def _between(one: NodeSurvey, other: NodeSurvey, own: Mapping[str, set[str]]) -> ClockOffset | None:
    """How far the other's clock is ahead of the one's; None if nothing says it."""
    apart = [seconds for _, seconds in shared_frames(one, other) if abs(seconds) <= FARTHEST]
    frames = [(seconds - _FRAME_DELAY, seconds + _FRAME_DELAY) for seconds in apart]
    if frames:
        return _offset(*min(_most_allowed(frames)[1], key=_from_zero), len(frames))
    lines = list(_line_pairs(one, other, own)) or list(_spans(_takeovers(one, other), FARTHEST))
    if (alike := _by_frames_alike(one, other, lines)) is not None:
        return alike
    if not lines:
        return None
    depth, spans = _most_allowed(lines)
    span = max(
        spans[:_MOST_CANDIDATES], key=lambda span: (_plausibility(one, other, span), -_from_zero(span))
    )
    return _offset(*span, depth)


def _by_frames_alike(one: NodeSurvey, other: NodeSurvey, lines: Sequence[Span]) -> ClockOffset | None:
    """The offset by frames that are alike: with which most of them, and of what the lines say, are the same.

    None if several are as likely: adverts come at regular times.
    """
    apart = [
        then - here
        for key in one.repeats.keys() & other.repeats.keys()
        for here in one.repeats[key]
        for then in other.repeats[key]
        if abs(then - here) <= FARTHEST
    ]
    if not apart:
        return None
    depth, spans = _most_allowed([(s - _FRAME_DELAY, s + _FRAME_DELAY) for s in apart])
    told = {span: sum(least <= span[1] and most >= span[0] for least, most in lines) for span in spans}
    most = max(told.values())
    best = [span for span in spans if told[span] == most]
    if max(best)[0] - min(best)[1] > _ALIKE / 2:
        return None
    return _offset(*min(best, key=_from_zero), depth)


def shared_frames(one: NodeSurvey, other: NodeSurvey) -> Iterator[tuple[str, float]]:
    """(source, seconds that the other's clock had more) of each frame that both captured."""
    for key, (here, source) in one.sightings.items():
        if key in other.sightings and key not in one.repeats and key not in other.repeats:
            yield source, other.sightings[key][0] - here


def _offset(least: float, most: float, pairs: int) -> ClockOffset:
    """An interval as one value: no difference at all, if that is allowed."""
    middle = 0.0 if least <= 0 <= most else (least + most) / 2
    return ClockOffset(middle, (most - least) / 2, pairs)


def _from_zero(span: Span) -> float:
    return 0.0 if span[0] <= 0 <= span[1] else min(map(abs, span))


def _most_allowed(pairs: list[Span]) -> tuple[int, list[Span]]:
    """How many pairs allow the same difference at most, and the intervals in which they do."""
    edges = sorted(edge for least, most in pairs for edge in ((least, -1), (most, 1)))
    depth, deepest = 0, 0
    spans: list[Span] = []
    for (at, step), (then, _) in pairwise(edges):
        depth -= step
        if step < 0 and depth >= deepest:
            spans = [*(spans if depth == deepest else ()), (at, then)]
            deepest = depth
    return deepest, spans


# -- what logs say


def _line_pairs(
    one: NodeSurvey, other: NodeSurvey, own: Mapping[str, set[str]], farthest: float = FARTHEST
) -> Iterator[Span]:
    """(least, most) difference of each pair of marks that may be of the same moment."""
    return _spans(_matching(one, other, own), farthest)


def _spans(matching: Iterable[tuple[list[Mark], list[Mark]]], farthest: float) -> Iterator[Span]:
    count = 0
    for first, second in matching:
        for a in first:
            for b in second:
                least, most = b.earliest - a.latest - _LINE_DELAY, b.latest - a.earliest + _LINE_DELAY
                if most >= -farthest and least <= farthest:
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
    yield _of(one, "heard_higher"), _preemptions(other)
    yield _preemptions(one), _of(other, "heard_higher")
    # a Master answers a lower priority at once, and who hears that yields, and sends no more
    yield _lasts(_of(one, "answered_lower")), _of(other, "heard_higher")
    yield _of(one, "heard_higher"), _lasts(_of(other, "answered_lower"))
    for address in own.get(one.name, ()):
        yield _of(one, "zero_sent"), _of(other, f"zero_{address}")
        yield _of(one, "master"), _of(other, f"seen_{address}")
        yield _of(one, f"zero_{address}"), _of(other, "zero_received")
    for address in own.get(other.name, ()):
        yield _of(one, f"zero_{address}"), _of(other, "zero_sent")
        yield _of(one, f"seen_{address}"), _of(other, "master")
        yield _of(one, "zero_received"), _of(other, f"zero_{address}")


def _preemptions(node: NodeSurvey) -> list[Mark]:
    """When it became Master and had just heard another one, which it was better than."""
    heard = _of(node, "heard")
    return [
        mark
        for mark in _of(node, "master")
        if any(-_JUST_HEARD <= other.earliest - mark.earliest <= 0 for other in heard)
    ]


def _bursts(marks: list[Mark]) -> list[list[Mark]]:
    """Return the marks in groups, between which there is none for a while."""
    bursts: list[list[Mark]] = []
    for mark in marks:
        if bursts and mark.earliest - bursts[-1][-1].latest <= _PAUSE:
            bursts[-1].append(mark)
        else:
            bursts.append([mark])
    return bursts


def _firsts(marks: list[Mark]) -> list[Mark]:
    return [burst[0] for burst in _bursts(marks)]


def _lasts(marks: list[Mark]) -> list[Mark]:
    return [burst[-1] for burst in _bursts(marks)]


def _takeovers(one: NodeSurvey, other: NodeSurvey) -> Iterator[tuple[list[Mark], list[Mark]]]:
    """The first advert of a node that becomes Master beside another: less sure, as it may not arrive."""
    yield _firsts(_of(one, "answered_lower")), _of(other, "master")
    yield _of(one, "master"), _firsts(_of(other, "answered_lower"))


def _of(node: NodeSurvey, kind: str) -> list[Mark]:
    return [mark for mark in node.marks if mark.kind == kind]


def _plausibility(one: NodeSurvey, other: NodeSurvey, span: Span) -> float:
    """How well two logs fit each other if the other's clock is ahead by so much.

    A line that says that the other was heard is true if it was Master then.
    """
    ahead = sum(span) / 2
    here, there = _master_spans(one), [(begin - ahead, end - ahead) for begin, end in _master_spans(other)]
    true = sum(_is_inside(mark, there, 0.0) for mark in _of(one, "heard"))
    true += sum(_is_inside(mark, here, ahead) for mark in _of(other, "heard"))
    both = sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in here for b in there)
    return true - both / _BOTH_MASTER


def _is_inside(mark: Mark, spans: list[Span], ahead: float) -> bool:
    return any(begin <= mark.latest - ahead + 1 and mark.earliest - ahead - 1 <= end for begin, end in spans)


def _master_spans(node: NodeSurvey) -> list[Span]:
    """When a node was Master by its own log, of any instance."""
    changes = sorted(
        (mark.earliest, mark.kind)
        for mark in node.marks
        if mark.kind in {"master", "backup", "fault", "ended"}
    )
    end = (node.last if node.last is not None else 0.0, "")
    return [(began, until) for (began, kind), (until, _) in pairwise([*changes, end]) if kind == "master"]
