"""The labs of the lessons that are taken in one app, with what runs alongside each; removes them all.

What only a lesson needs is loaded with the first.
"""

from __future__ import annotations

import threading
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hatlab.commands.support.lifecycle import Attachments, ignoring_interrupts, new_recording
from hatlab.errors import LabError
from hatlab.session import Session
from hatlab.tui.app.labs import LabOnScreen, LessonChoice

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.play.exam import ExamSitting
    from hatlab.lessons.records.drill_file import DrillFile


class LessonLabs:
    """The labs of one app; as a context, all of them are gone at its end, in any case.

    Args:
        args: as `prepare_lesson_lab` takes them.
        catalogue: the lessons to choose from.
        drill_file: how the learner's drills went.
        draw_drill: returns the next drill.
    """

    def __init__(
        self,
        args: Namespace,
        catalogue: Catalogue,
        drill_file: DrillFile,
        draw_drill: Callable[[], Lesson],
    ) -> None:
        self._args, self.catalogue = args, catalogue
        self.drill_file, self._draw_drill = drill_file, draw_drill
        self._lock = threading.Lock()
        self._sessions: dict[Session, Attachments | None] = {}
        """Each lab that there is, with what runs alongside it once it is on the screen."""
        self._is_ending = False
        self._current: tuple[Session, Attachments] | None = None

    def __enter__(self) -> LessonLabs:
        return self

    def __exit__(self, *_: object) -> None:
        with ignoring_interrupts(*self._sessions):
            self.close_all()

    def adopt(self, session: Session, attachments: Attachments) -> None:
        """Take over a lab that was made elsewhere: it is the first on the screen."""
        with self._lock:
            self._sessions[session] = attachments
        self._current = session, attachments

    @property
    def current(self) -> tuple[Session, Attachments]:
        """The lab on the screen, and what runs alongside it.

        Raises:
            LabError: there is none yet.
        """
        if self._current is None:
            raise LabError("there is no lab yet")
        return self._current

    def make(self, lesson: LessonChoice) -> LabOnScreen:
        """Make the lab of a lesson. Any thread.

        Raises:
            LabError: the file cannot be read, or there is no engine for it.
        """
        if lesson == "drill":
            return self.make_drill(self._draw_drill())
        from hatlab.commands.support.prepared_lesson import prepare_lesson_lab

        return self._keep(prepare_lesson_lab(self._args, self.catalogue, lesson))

    def make_drill(self, drill: Lesson) -> LabOnScreen:
        """Make the lab of a certain drill; as `make`."""
        from hatlab.commands.support.prepared_lesson import prepare_drill_lab

        return self._keep(prepare_drill_lab(self._args, drill))

    def _keep(self, lab: LabOnScreen) -> LabOnScreen:
        with self._lock:
            if not self._is_ending:
                self._sessions[lab.session] = None
                return lab
        raise LabError("hatlab is ending", "start it again")

    def enter(self, lab: LabOnScreen, exam: ExamSitting | None = None) -> LabOnScreen:
        """Record a lab from its beginning, and let other terminals act on it; it is on the screen now.

        What is a recording already is not acted on; what the learner does in it is recorded all the same.
        """
        from hatlab.commands.support.lesson_recording import use_clock_of
        from hatlab.lessons.play.learner_notes import LearnerNotes
        from hatlab.lessons.records.opening import describe_opening

        live, context, runner = lab.session.engine.live, self._args.context, lab.runner
        if runner is not None:
            runner.exam = exam
            goes_on = lab.step > 0 if exam is None else exam.continues
            opening = describe_opening(runner, continues=goes_on)
            runner.notes = LearnerNotes(lab.session.note, opening)
        recording = new_recording(lab.session, runner.lesson.id) if runner is not None else None
        attachments = Attachments(lab.session, recording, live=live, context=context, lesson=True)
        use_clock_of(lab.session)
        self.adopt(lab.session, attachments)
        return replace(lab, record=attachments.told_recording)

    def close(self, session: Session) -> None:
        """Remove a lab, and what runs alongside it. Any thread; safe to call twice."""
        with self._lock:
            attachments = self._sessions.pop(session, None)
        if attachments is not None:
            attachments.close()
        else:
            session.stop()

    def stop_all(self) -> None:
        """Stop every lab, as whoever watches it sees. What runs alongside is closed at the end."""
        with self._lock:
            self._is_ending = True
            sessions = list(self._sessions)
        for session in sessions:
            with suppress(LabError):  # closing it says so again
                session.stop()

    def close_all(self) -> None:
        """Remove every lab.

        Raises:
            LabError: one could not be removed; the others are.
        """
        with self._lock:
            self._is_ending = True
            sessions = list(self._sessions)
        errors: list[LabError] = []
        for session in sessions:
            try:
                self.close(session)
            except LabError as error:
                errors.append(error)
        if errors:
            raise errors[0]
