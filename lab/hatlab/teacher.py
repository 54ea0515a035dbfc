"""What a teacher learns of a lab, and what its learner's screen takes from a teacher. Any thread.

The control socket asks and is told here; the screen, or the lesson as text, says where the lesson stands and
shows what a teacher says. Neither knows the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hatlab.engine.base import TimeControl

LOOK_UP = "Your teacher: {text}. What you type waits until you can go on."
GO_ON = "You can go on."
RESTARTED = "Your teacher has restarted this step: the lab is set up for it once more."
EYES_ON_ME = "eyes on me"
"""What is said while everybody is to look up, where the teacher gives no other words."""


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """A line that a teacher sent."""

    text: str
    sender: str
    """Who sent it, "" for a teacher without a name."""

    def __str__(self) -> str:
        return f"{self.sender or 'Your teacher'}: {self.text}"


class TeacherLink:
    """Between a teacher and one learner.

    Args:
        clock: seconds; frozen labs thaw by it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.report: Callable[[], dict[str, Any] | None] = lambda: None
        """Returns where the lesson stands (docs/events.md); None without a lesson. Any thread may call it."""
        self.attended = False
        """True once there is a learner who sees what a teacher says."""
        self._clock = clock
        self._lock = threading.Lock()
        self._lines: list[TeacherLine] = []
        self._restart_asked = False
        self._frozen: str | None = None
        self._frozen_until = float("inf")

    def tell(self, line: TeacherLine) -> None:
        """Leave a line for the learner."""
        with self._lock:
            self._lines.append(line)

    def take_lines(self) -> list[TeacherLine]:
        """Return the lines that came since the last call."""
        if not self._lines:
            return []
        with self._lock:
            lines, self._lines = self._lines, []
        return lines

    def ask_restart(self) -> None:
        """Ask for the lesson's step to start over, with its lab."""
        self._restart_asked = True

    def take_restart(self) -> bool:
        """True once after it was asked for."""
        asked, self._restart_asked = self._restart_asked, False
        return asked

    def freeze(self, text: str = "", seconds: float | None = None) -> None:
        """Ask the learner to look up; asked once more, the new words and the new time count.

        Args:
            text: why, in a few words.
            seconds: after which the learner can go on in any case; None for no such limit.
        """
        with self._lock:
            self._frozen = text or EYES_ON_ME
            self._frozen_until = float("inf") if seconds is None else self._clock() + seconds

    def thaw(self) -> None:
        """Let the learner go on."""
        with self._lock:
            self._frozen = None

    @property
    def frozen(self) -> str | None:
        """What the learner is asked to look up for; None while there is nothing of the kind."""
        with self._lock:
            if self._frozen is not None and self._clock() >= self._frozen_until:
                self._frozen = None
            return self._frozen


class HeldClock:
    """A lab's clock, as far as it can be held: it stands while the learner is to look up. Any thread.

    Args:
        time: of the lab, None where it cannot be held.
    """

    def __init__(self, time: TimeControl | None) -> None:
        self._time = time
        self._lock = threading.RLock()
        self._pace = 0.0
        """How fast it went before it was held; 0 while it is not held, or stood already."""
        self._moving = False

    def follow(self, frozen: bool, *, ready: bool) -> None:
        """Hold the clock, or let it go on as fast as before.

        Args:
            frozen: the learner is to look up.
            ready: the lab may stand: it neither starts nor is being set up.
        """
        time = self._time
        if time is None:
            return
        with self._lock:
            if frozen and time.speed and ready and not self._moving:
                self._pace = time.speed
                time.pause()
            elif not frozen and self._pace:
                time.speed = time.speed or self._pace
                self._pace = 0.0

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Let a clock that is held go meanwhile: keys rest, so somebody else acts on the lab."""
        time, pace = self._time, self._pace
        if time is None or not pace:
            yield
            return
        self._moving, time.speed = True, pace
        try:
            yield
        finally:
            with self._lock:
                self._moving = False
                if self._pace:
                    time.pause()
