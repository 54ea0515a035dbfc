"""Finds copies: one recording under two names, and two in which everything was done in the same moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from hatlab.classroom.marks.doubts import Doubt
from hatlab.classroom.marks.lesson_recording import LessonRecording
from hatlab.classroom.marks.retake import Sitting

LEAST = 6
"""Acts from which on equal moments say something."""
WITHIN = 0.25
"""Seconds by which the moments of a copy differ at most: no two people type so alike."""
_MADE_BY_PEOPLE = {"answered", "asked for a hint", "skipped", "went on", "looked"}


def copy_doubts(sittings: Mapping[str, Sequence[Sitting]]) -> Iterator[tuple[str, Doubt]]:
    """Yield each pair of copies twice, as a doubt about either student.

    `sittings`: student → theirs.
    """
    known = [(student, sitting) for student, theirs in sorted(sittings.items()) for sitting in theirs]
    rhythms = {id(sitting): _rhythm(sitting.recording) for _, sitting in known}
    for (one, first), (other, second) in combinations(known, 2):
        if one == other or first.lesson.id != second.lesson.id:
            continue
        text = _likeness(first, second, rhythms[id(first)], rhythms[id(second)])
        if text:
            for student, mine, theirs in ((one, first, other), (other, second, one)):
                yield student, Doubt(str(mine.recording.path), 0, "copy", text.format(other=theirs))


def _likeness(first: Sitting, second: Sitting, one: _Rhythm, other: _Rhythm) -> str:
    """Return what two sittings have in common, with `{other}` for the other student; "" if nothing."""
    if first.recording.digest == second.recording.digest:
        return "This file is the same, byte for byte, as one of {other}."
    moments, words = _in_common(one, other)
    if moments >= LEAST and moments == words == min(len(one), len(other)):
        return (
            f"All {moments} things done here were done in the same moments, to {WITHIN:g} s, "
            "as in a recording of {other}."
        )
    if moments >= 2 * LEAST and moments >= 0.9 * min(len(one), len(other)):
        return (
            f"{moments} of {len(one)} things done here were done in the same moments, to {WITHIN:g} s, "
            "as in a recording of {other}."
        )
    return ""


_Rhythm = Sequence[tuple[str, float]]
"""What was done, and when: s since the first of these."""


def _rhythm(recording: LessonRecording) -> _Rhythm:
    """Return what a person did in a recording, by a clock that nobody sets."""
    acts = [act for _, act in recording.acts() if act.did in _MADE_BY_PEOPLE]
    return [(f"{act.did} {act.item}", act.steady - acts[0].steady) for act in acts]


def _in_common(one: _Rhythm, other: _Rhythm) -> tuple[int, int]:
    """Return how many acts agree in what and when, and how many in what alone, from the first on."""
    same = [(first, second) for first, second in zip(one, other, strict=False) if first[0] == second[0]]
    return sum(abs(first[1] - second[1]) <= WITHIN for first, second in same), len(same)
