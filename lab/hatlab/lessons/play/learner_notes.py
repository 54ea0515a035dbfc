"""What a learner does in a lesson, put down for its recording: grading plays a lesson again from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from hatlab import events as e

NoteEvent = Callable[[e.Learner], None]
"""Takes what a learner did."""


def steady_clock() -> float:
    """Return the seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class LearnerNotes:
    """Puts down what a learner does.

    Args:
        put: takes each note.
        lesson: what is known of the lesson: its id, digest, form, seed, language … (docs/events.md).
        wall: the wall-clock time, s since 1970.
        steady: a clock that nobody sets, s.
    """

    def __init__(
        self,
        put: NoteEvent,
        lesson: Mapping[str, Any],
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = steady_clock,
    ) -> None:
        self._put, self._wall, self._steady = put, wall, steady
        self.lesson = dict(lesson)

    def put(self, did: str, *, at: float, facts: int, course: int, **what: Any) -> None:
        """Put down one thing; `what`: further fields of the event."""
        self._put(
            e.Learner(
                at=at,
                did=did,
                facts=facts,
                course=course,
                wall=round(self._wall(), 3),
                steady=round(self._steady(), 3),
                **what,
            )
        )
