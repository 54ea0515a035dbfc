"""What the app shows, one after the other: a lab, and perhaps a lesson beside it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from hatlab.errors import LabError, engine_failure
from hatlab.session import Session

if TYPE_CHECKING:
    from hatlab.lessons.play.runner import LessonRunner

LessonChoice = Path | Literal["drill"]
"""A lesson's file, or the drill that is due."""


@dataclass(frozen=True, slots=True, eq=False)
class LabOnScreen:
    """A lab to show, with its lesson."""

    session: Session
    """Not started yet; the app starts it."""
    record: Path | None = None
    """Where the run is recorded."""
    runner: LessonRunner | None = None
    """Leads through the lesson, if one is on."""
    step: int = 0
    """The lesson begins at."""
    following: str = ""
    """The title of the lesson to take next, "" if there is none."""
    next_lesson: LessonChoice | None = None
    """That lesson."""


class LessonLabs(Protocol):
    """Makes the labs of lessons that are taken in one app, and removes them."""

    def make(self, lesson: LessonChoice) -> LabOnScreen:
        """Make the lab of a lesson. Any thread.

        Raises:
            LabError: the file cannot be read, or there is no engine for it.
        """

    def enter(self, lab: LabOnScreen) -> LabOnScreen:
        """Record a lab from its beginning and let other terminals act on it, as it is shown from now on."""

    def close(self, session: Session) -> None:
        """Remove a lab, and what runs alongside it. Any thread."""


class SessionStart:
    """The start of a session, on a thread of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._thread = threading.Thread(target=self._run, name="engine-start", daemon=True)
        self.crash: LabError | None = None
        """What went wrong, if that was a fault of hatlab's; else the session knows its error."""
        self._thread.start()

    @property
    def is_under_way(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._session.start()
        except LabError:
            pass  # kept in the session's `error`
        except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
            self.crash = engine_failure(error)
