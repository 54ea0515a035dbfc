"""What was allowed in an exam, and what was done all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.classroom.marks.attempts import Attempt
from hatlab.classroom.marks.doubts import Doubt
from hatlab.lessons.play.exam import Exam, read_exam_details

GRACE = 5.0
"""Seconds after the end in which something under way may still arrive."""


def exam_of(attempts: Sequence[Attempt]) -> Exam | None:
    """Return the exam that attempts at a lesson were, as the first recording that was one says."""
    exams = (read_exam_details(sitting.details) for attempt in attempts for sitting in attempt.sittings)
    return next((exam for exam in exams if exam is not None), None)


def is_allowed(attempt: Attempt, number: int, exam: Exam | None) -> bool:
    """True if an attempt may count; `number`: which one it is, from 1."""
    return exam is None or (number <= exam.attempts and _is_exam(attempt))


def exam_doubts(attempts: Sequence[Attempt], exam: Exam) -> Iterator[Doubt]:
    """Yield what in attempts at an exam was not as it should be."""
    for number, attempt in enumerate(attempts, 1):
        file = str(attempt.sittings[0].recording.path)
        if not _is_exam(attempt):
            yield Doubt(file, 0, "no-exam", "This was taken as an ordinary lesson, not as the exam.")
            continue
        if number > exam.attempts:
            text = f"This is attempt {number}, and {exam.attempts} was allowed: it does not count."
            yield Doubt(file, 0, "attempts", text)
        if exam.opens is not None and attempt.began < exam.opens.timestamp() - GRACE:
            yield Doubt(file, 0, "too-early", "It was begun before the exam opened, by the machine's clock.")
        yield from _late_doubts(attempt, exam)
        if attempt.hints:
            yield Doubt(file, 0, "hints", "Hints were given in it, which an exam does not have.")


def _late_doubts(attempt: Attempt, exam: Exam) -> Iterator[Doubt]:
    """Yield the first thing that was done after the time was up.

    While a teacher had everybody's eyes the exam's clock stood. A sitting goes by a clock that nobody sets.
    """
    ends = exam.ends(attempt.began) + GRACE
    held_since: float | None = None
    for sitting in attempt.sittings:
        for line, act in sitting.recording.acts():
            now = sitting.opened.wall + act.steady - sitting.opened.steady
            if act.did == "was held":
                held_since = now
            elif held_since is not None and act.did in {"was let go", "opened"}:  # cut off, and came back
                ends, held_since = ends + max(0.0, now - held_since), None
            elif now > ends and act.did in {"answered", "asked for a hint", "went on"}:
                text = f"The learner {act.did} {now - ends + GRACE:.0f} s after the time was up."
                yield Doubt(str(sitting.recording.path), line, "too-late", text)
                return


def _is_exam(attempt: Attempt) -> bool:
    return read_exam_details(attempt.sittings[0].details) is not None
