"""What does not fit in what a student handed in; nothing of it changes a mark, a teacher decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hatlab import events as e
from hatlab.classroom.marks.chain import ChainCheck
from hatlab.classroom.marks.lesson_recording import LessonRecording
from hatlab.classroom.marks.retake import Sitting
from hatlab.util.text import plural

CLOCK_SLACK = 5.0
"""Seconds by which the wall clock may differ from a steady one: clocks are adjusted a little all the time."""
CLASS_CLOCK_SLACK = 120.0
"""Seconds by which it may differ from the class's clock."""


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """Something that does not fit."""

    file: str
    """Where: a file as it was given."""
    line: int
    """Its line, 0 for the file as a whole."""
    code: str
    """A word for programs: docs/grading.md lists them."""
    text: str
    """A sentence."""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def recording_doubts(recording: LessonRecording) -> Iterator[Doubt]:
    """Yield what does not fit in a recording by itself."""
    file = str(recording.path)
    for damage in recording.damage:
        yield Doubt(file, damage.line, "edited", f"The recording is not as it was written: {damage.what}.")
    yield from _clock_doubts(recording)
    if not any(
        isinstance(event, e.Phase) and event.name == "stopping" for _, event in recording.entries[-2000:]
    ):
        yield Doubt(
            file, 0, "no-end", "The recording has no end: hatlab was killed, or the rest was cut off."
        )


def _clock_doubts(recording: LessonRecording) -> Iterator[Doubt]:
    """Yield where the wall clock ran otherwise than a clock that nobody sets."""
    before: e.Learner | None = None
    for line, act in recording.acts():
        if before is not None:
            jump = (act.wall - before.wall) - (act.steady - before.steady)
            if act.steady < before.steady:
                text = "The machine was started anew in the middle of the recording."
                yield Doubt(str(recording.path), line, "clock", text)
            elif abs(jump) > CLOCK_SLACK:
                direction = "forward" if jump > 0 else "back"
                text = f"The machine's clock was set {direction} by {abs(jump):.0f} s here."
                yield Doubt(str(recording.path), line, "clock", text)
        before = act


def chain_doubts(recording: LessonRecording, check: ChainCheck, *, in_class: bool) -> Iterator[Doubt]:
    """Yield what is wrong with a recording's signature; of work at home, that it has none is no doubt."""
    file = str(recording.path)
    if check.status == "unsigned":
        if in_class:
            yield Doubt(file, 0, "unsigned", "The recording is not signed, so it was not made in a seat.")
        return
    if check.status != "signed":
        yield Doubt(file, check.signed_lines + 1, check.status, f"The signature does not fit: {check.what}.")
    elif check.what:
        yield Doubt(
            file, check.signed_lines + 1, "unsigned-end", f"The recording is signed, but {check.what}."
        )
    blocks = iter(check.blocks)
    before, block = None, next(blocks, None)
    for line, act in recording.acts():
        while block is not None and block.lines < line:
            before, block = block, next(blocks, None)
        if block is None:
            return
        # what a full disk kept back was signed later than it happened, but not before what was signed before
        off = max(0.0, act.wall - block.wall) or min(0.0, act.wall - (before or block).wall)
        if abs(off) > CLASS_CLOCK_SLACK:
            text = (
                f"The machine's clock was {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} the class's."
            )
            yield Doubt(file, line, "clock", text)
            return


def number_doubts(numbers: Iterable[tuple[Path, int]], kept: Iterable[Path]) -> Iterator[Doubt]:
    """Yield what a seat's chains say of recordings that are gone."""
    there, known = {path.name for path in kept}, sorted(numbers, key=lambda pair: pair[1])
    for chain, _ in known:
        if chain.name.removesuffix(".chain") not in there:
            yield Doubt(str(chain), 0, "missing", "The recording that was signed here is gone.")
    if known:
        counted = {number for _, number in known}
        gone = sorted(set(range(1, max(counted) + 1)) - counted)
        if gone:
            text = plural(
                len(gone),
                "{count} signed recording of this seat is gone: number {names}.",
                "{count} signed recordings of this seat are gone: numbers {names}.",
                names=", ".join(map(str, gone)),
            )
            yield Doubt(str(known[0][0].parent), 0, "missing", text)


def sitting_doubts(sitting: Sitting, digest: str, seed: int | None) -> Iterator[Doubt]:
    """Yield what does not fit between a recording and its lesson.

    Args:
        sitting: the recording, taken again.
        digest: that of the lesson's text as it is known here.
        seed: the student's own, None where everybody may have any.
    """
    file, details = str(sitting.recording.path), sitting.details
    for line, text in sitting.contradictions:
        yield Doubt(file, line, "contradiction", f"{text[:1].upper()}{text[1:]}.")
    line = next(line for line, act in sitting.recording.acts() if act.did == "opened")
    if digest and details.get("digest") != digest:
        text = "The lesson's text is another one than here: it was changed, before or after it was taken."
        yield Doubt(file, line, "other-text", text)
    if seed is not None and details.get("seed") != seed and details.get("seed") is not None:
        text = f"It was taken with the seed {details.get('seed')}, which is not this student's own, {seed}."
        yield Doubt(file, line, "other-form", text)


def overlap_doubts(sittings: Sequence[Sitting]) -> Iterator[Doubt]:
    """Yield sittings of one student that began before the one before had ended."""
    ordered = sorted(sittings, key=lambda sitting: sitting.walls)
    for before, after in pairwise(ordered):
        if after.walls[0] < before.walls[1] - CLOCK_SLACK:
            text = (
                f"It was begun while {before.recording.path.name} went on: two at once, or a clock set back."
            )
            yield Doubt(str(after.recording.path), 0, "overlap", text)
