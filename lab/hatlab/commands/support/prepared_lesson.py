"""Makes the lab of a lesson, or of a drill, at the step where the learner left it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from secrets import randbelow
from typing import Any

from hatlab.commands.support import engine_choice
from hatlab.lessons.library.catalogue import Catalogue
from hatlab.lessons.library.loader import read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.records.progress_file import ProgressFile
from hatlab.lessons.records.progress_record import from_record
from hatlab.session import Session
from hatlab.topology.library import load_named_topology
from hatlab.tui.app.labs import LabOnScreen

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
    if lesson.is_recorded:
        from hatlab.commands.support.lesson_recording import recorded_session  # few lessons are over one

        session = recorded_session(lesson)
    else:
        session = Session(engine_choice.make_engine(args.engine, name, topology, context=args.context))
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
