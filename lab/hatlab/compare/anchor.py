"""The moment at which two runs are laid over one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.compare.course import Course, Moment, StreamKey
from hatlab.compare.pairing import Pairing
from hatlab.compare.sequence import align
from hatlab.describe.times import parse_moment
from hatlab.errors import UserError

ALIGNMENTS = ("fault", "first", "ready")
"""Ways to align, in the order in which they are tried if none is chosen."""
_FIRST_FEW = 4
"""Transitions of each run that may be the first one that both have."""
_EXAMPLE = "for example: --align fault, or --align 1:02.5=0:12"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where both runs meet."""

    how: str
    """fault, first, exact, ready, beginning or moment."""
    what: str
    """What happened there, in words."""
    first: float
    """The moment in the first run, s."""
    other: float
    slack: float = 0.0
    """Seconds by which the alignment may be off, as the sources know no better."""

    @property
    def shift(self) -> float:
        """Seconds to add to the other run's times."""
        return self.first - self.other


def find_alignment(first: Course, other: Course, pairing: Pairing, how: str, within: float) -> Alignment:
    """Find where to lay two runs over one another.

    Args:
        first: the run whose times are kept.
        other: the run that is shifted.
        pairing: whose names stand for whose.
        how: one of `ALIGNMENTS`, `MOMENT=MOMENT`, or "" for the first of them that both runs have.
        within: seconds by which times may differ.

    Raises:
        UserError: both runs do not have it, or it is no alignment.
    """
    if "=" in how:
        return _read_moments(how)
    if how and how not in ALIGNMENTS:
        raise UserError(f"--align {how[:40]} is no alignment", _EXAMPLE)
    for name in (how,) if how else ALIGNMENTS:
        match name:
            case "fault":
                found = _first_fault(first, other, pairing)
            case "first":
                found = _first_transition(first, other, pairing, within)
            case _:
                found = _ready(first, other)
        if found is not None:
            return _exact(found, first, other, pairing, within) if found.slack else found
    if how:
        what = {"fault": "fault", "first": "transition", "ready": "moment at which the lab was ready"}[how]
        raise UserError(f"the two recordings have no {what} in common", _EXAMPLE)
    return Alignment("beginning", "the beginning", first.begins, other.begins)


def _read_moments(how: str) -> Alignment:
    one, _, two = how.partition("=")
    try:
        return Alignment("moment", "the moments that you gave", parse_moment(one), parse_moment(two))
    except ValueError:
        raise UserError(f"--align {how[:40]} is not two moments", _EXAMPLE) from None


def _first_fault(first: Course, other: Course, pairing: Pairing) -> Alignment | None:
    theirs = {pairing.words(broken.cure): broken for broken in reversed(other.breaks)}
    for broken in first.breaks:
        if (like := theirs.get(broken.cure)) is not None:
            return Alignment("fault", broken.what, broken.at, like.at, broken.about + like.about)
    return None


def _ready(first: Course, other: Course) -> Alignment | None:
    ours, theirs = first.ready, other.ready
    if ours is None or theirs is None:
        return None
    return Alignment("ready", "the lab is ready", ours, theirs)


def _first_transition(first: Course, other: Course, pairing: Pairing, within: float) -> Alignment | None:
    """The first transition of both: of the first few that it may be, the one with which most else agrees."""
    ours, theirs = _early(first), _early(other, pairing)
    best: tuple[int, Alignment] | None = None
    for key, moment in ours[:_FIRST_FEW]:
        for their_key, like in theirs[:_FIRST_FEW]:
            if (their_key, like.value) == (key, moment.value):
                what = f"{key.subject[0]} {moment.value}"
                found = Alignment("first", what, moment.at, like.at, moment.about + like.about)
                count = _count_agreeing(first, other, pairing, found, within)
                if best is None or count > best[0]:
                    best = count, found
    return best[1] if best else None


def _exact(found: Alignment, first: Course, other: Course, pairing: Pairing, within: float) -> Alignment:
    """The first transition of both that each knows exactly, where what was found may be off; else that."""
    exact = (
        (one, Alignment("exact", f"{key.subject[0]} {one.value}", one.at, two.at))
        for key, moments, like in _states_of_both(first, other, pairing)
        for one, two in align(moments, like, found.shift)
        if one is not None and two is not None and not (one.about or two.about)
        if abs(two.at + found.shift - one.at) <= within + found.slack
    )
    best = min(exact, key=lambda pair: pair[0].at, default=None)
    return best[1] if best else found


def _early(course: Course, pairing: Pairing | None = None) -> list[tuple[StreamKey, Moment]]:
    """Return the transitions since the run began to count, in order of time."""
    return sorted(
        (
            (pairing.key(key) if pairing else key, moment)
            for key, moments in course.streams.items()
            if key.kind == "state"
            for moment in moments
            if moment.at >= course.begins
        ),
        key=lambda item: item[1].at,
    )


def _count_agreeing(
    first: Course, other: Course, pairing: Pairing, alignment: Alignment, within: float
) -> int:
    return sum(
        one is not None
        and two is not None
        and abs(two.at + alignment.shift - one.at) <= within + alignment.slack + one.about + two.about
        for _, moments, like in _states_of_both(first, other, pairing)
        for one, two in align(moments, like, alignment.shift)
    )


def _states_of_both(
    first: Course, other: Course, pairing: Pairing
) -> Iterator[tuple[StreamKey, list[Moment], list[Moment]]]:
    theirs = {pairing.key(key): moments for key, moments in other.streams.items() if key.kind == "state"}
    for key, moments in first.streams.items():
        if key in theirs:
            yield key, moments, theirs[key]
