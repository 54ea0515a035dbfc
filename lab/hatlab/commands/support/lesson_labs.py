"""Makes the lab of each lesson that is taken in one app, what runs alongside it, and removes them all."""

from __future__ import annotations

import threading
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import randbelow
from typing import Any

from hatlab.commands.support import engine_choice
from hatlab.commands.support.lesson_recording import recorded_session, use_clock_of
from hatlab.commands.support.lifecycle import Attachments, ignoring_interrupts, new_recording
from hatlab.errors import LabError
from hatlab.lessons.library.catalogue import Catalogue
from hatlab.lessons.library.loader import read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.exam import ExamSitting
from hatlab.lessons.play.learner_notes import LearnerNotes
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.lessons.records.opening import describe_opening
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.lessons.records.progress_record import from_record
from hatlab.session import Session
from hatlab.topology.library import load_named_topology
from hatlab.tui.app.labs import LabOnScreen, LessonChoice

MOST_SEEDS = 1_000_000


def prepare_drill_lab(args: Namespace, drill: Lesson) -> LabOnScreen:
    """Return the lab of a drill, not started; `args` as `prepare_lesson_lab` takes them."""
    name, topology = load_named_topology(drill.front.topology)
    session = Session(engine_choice.make_engine(args.engine, name, topology, context=args.context))
    seed = randbelow(MOST_SEEDS) if drill.file else None  # a generated one has its order by its own seed
    runner = DrillRunner(drill, seed=seed)
    return LabOnScreen(session, None, runner, following="another drill", next_lesson="drill")


def prepare_lesson_lab(args: Namespace, catalogue: Catalogue, file: Path) -> LabOnScreen:
    """Return the lab of a lesson's file, not started, at the step where the learner left it.

    Args:
        args: with `engine`, `context`, `seed` and `restart`, as `hatlab learn` has them.
        catalogue: of the learner.
        file: the lesson's.

    Raises:
        UserError, FileError: the lesson cannot be read.
        EngineError: the engine that was asked for cannot be had.
    """
    lesson = read_lesson(file, args.seed)
    if lesson.is_drill:
        return prepare_drill_lab(args, lesson)
    left = {} if args.restart else _unfinished_record(catalogue.progress_file, lesson, args.seed)
    seed = args.seed if args.seed is not None else _draw_seed(lesson, left)
    if args.seed is None and lesson.front.variants:
        lesson = read_lesson(file, seed)
    name, topology = load_named_topology(lesson.front.topology)
    runner = LessonRunner(
        lesson,
        from_record(left),
        missing_prerequisites=tuple(catalogue.missing_prerequisites(lesson)),
        seed=seed,
    )
    session = (
        recorded_session(lesson)
        if lesson.is_recorded
        else Session(engine_choice.make_engine(args.engine, name, topology, context=args.context))
    )
    after = catalogue.next_after(lesson)
    following, next_lesson = (after.lesson.front.title, after.file) if after is not None else ("", None)
    return LabOnScreen(session, None, runner, left.get("step", 0), following, next_lesson)


def _draw_seed(lesson: Lesson, left: dict[str, Any]) -> int:
    """Return what draws a lesson's form and the order of its choices: the same again for one that goes on."""
    variants = [known.id for known in lesson.front.variants]
    number, variant = left.get("seed"), left.get("variant")
    if type(number) is int and (not variants or variants[number % len(variants)] == variant):
        return number
    return variants.index(variant) if variant in variants else randbelow(MOST_SEEDS)


def _unfinished_record(progress_file: ProgressFile, lesson: Lesson, seed: int | None) -> dict[str, Any]:
    """Return what is known of an unfinished lesson, {} if it cannot go on; `seed`: in its variant only."""
    known = progress_file.records.get(lesson.id, {})
    step = known.get("step")
    drawn = seed is not None
    variants = [lesson.variant] if drawn else [variant.id for variant in lesson.front.variants] or [""]
    fits = known.get("steps") == len(lesson.steps) and known.get("variant") in variants
    return known if fits and type(step) is int and 0 <= step < len(lesson.steps) else {}


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
        return self._keep(prepare_lesson_lab(self._args, self.catalogue, lesson))

    def make_drill(self, drill: Lesson) -> LabOnScreen:
        """Make the lab of a certain drill; as `make`."""
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
