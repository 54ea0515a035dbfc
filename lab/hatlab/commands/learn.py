"""Take a lesson: in the terminal UI beside the live lab, or as plain text.

Your progress is kept: an unfinished lesson continues at the step where you left it, with the lab set up for
it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.commands.support import engine_choice
from hatlab.commands.support.ascii_option import add_ascii_option
from hatlab.commands.support.lesson_options import (
    add_facts_only_option,
    add_language_option,
    open_library,
    open_progress_file,
)
from hatlab.errors import UserError
from hatlab.util.paths import hatlab_command

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue, CatalogueEntry
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.progress_file import ProgressFile
    from hatlab.session import Session

EXAMPLE = """
hatlab learn                            the next lesson, in the terminal UI
hatlab learn kill-mysqld --plain        the same lesson as text, for a screen reader or a pipe
hatlab learn kill-mysqld --auto         watch it play itself
hatlab learn course/                    the next lesson of an instructor's folder
hatlab learn --watch my-lesson.md       for authors: show and verify it again at each change
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "lesson",
        nargs="?",
        help="an id (see hatlab lessons), a .md file or a folder of lessons (default: the next "
        "unfinished one)",
    )
    parser.add_argument("--engine", choices=engine_choice.ENGINES, default="auto", help="as for hatlab start")
    parser.add_argument("--context", metavar="NAME", help="a Docker context (default: the current one)")
    parser.add_argument("--plain", action="store_true", help="text in, text out, without a screen")
    parser.add_argument("--auto", action="store_true", help="watch the lesson play itself, as text")
    parser.add_argument("--watch", action="store_true", help="show and verify the file whenever it changes")
    parser.add_argument(
        "--restart", action="store_true", help="start from the beginning, not where you left off"
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        help="which form of a lesson that has several (default: a random one)",
    )
    add_facts_only_option(parser)
    add_language_option(parser)
    add_ascii_option(parser)


def run(args: Namespace) -> int:
    if args.watch:
        from hatlab.commands.support.lesson_preview import watch_lesson

        if not args.lesson:
            raise UserError("there is nothing to watch", "hatlab learn --watch my-lesson.md")
        return watch_lesson(args.lesson, args.seed)
    return run_lessons(args, *_find_lesson(args))


def _find_lesson(args: Namespace) -> tuple[Catalogue, Path]:
    """Return the catalogue, which has the lesson's own folder too, and the lesson to take."""
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.library.loader import lesson_files

    path, progress_file = Path(args.lesson or ""), open_progress_file()
    course = path if args.lesson and path.is_dir() else None
    folder = path.parent if path.is_file() and lesson_files(path.parent) else course
    library = open_library(*([folder] if folder is not None else []), language=args.language)
    catalogue = Catalogue(library, progress_file)
    if args.lesson and course is None:
        return catalogue, library.in_learner_language(library.find(args.lesson))
    entry = catalogue.next_unfinished(course)
    if entry is None:
        raise UserError("there is no lesson to take", "hatlab check shows what is wrong with a lesson's file")
    return catalogue, entry.file


def run_lessons(args: Namespace, catalogue: Catalogue, file: Path) -> int:
    """Run a lesson and those the learner goes on to; return the exit code of the last."""
    from hatlab.util.terminal import no_echo

    with nullcontext() if _is_text(args) else no_echo():  # between two lessons no app has the terminal
        while True:
            code, following = run_lesson(args, catalogue, file)
            if catalogue.wants_drill:
                from hatlab.commands.support.drill_play import play_due_drill

                return play_due_drill(args.engine, args.context)
            if following is None:
                return code
            file = following


def _is_text(args: Namespace) -> bool:
    """True if the lesson is run as text, not on a screen."""
    return args.plain or args.auto or not (sys.stdout.isatty() and sys.stdin.isatty())


def run_lesson(args: Namespace, catalogue: Catalogue, file: Path) -> tuple[int, Path | None]:
    """Run one lesson from start to end; return the exit code, and the lesson the learner wants next."""
    from hatlab.commands.support.lifecycle import attach, ending_on_signals
    from hatlab.lessons.library.loader import read_lesson
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.progress_record import from_record
    from hatlab.session import Session
    from hatlab.topology.library import load_named_topology

    progress_file, catalogue.chosen = catalogue.progress_file, None
    lesson = read_lesson(file, args.seed)
    if lesson.is_drill and args.auto:
        raise UserError("a drill does not play itself", f"take it: {hatlab_command()} drill {file}")
    if lesson.is_drill:
        from hatlab.commands.support.drill_play import play_due_drill

        return play_due_drill(args.engine, args.context, plain=args.plain, first=lesson), None
    left = {} if args.restart else _unfinished_record(progress_file, lesson, drawn=args.seed is not None)
    if args.seed is None and lesson.front.variants:
        lesson = read_lesson(file, _variant_seed(lesson, left.get("variant")))
    name, topology = load_named_topology(lesson.front.topology)
    step = left.get("step", 0)
    runner = LessonRunner(
        lesson, from_record(left), missing_prerequisites=tuple(catalogue.missing_prerequisites(lesson))
    )
    with ending_on_signals():
        session = Session(engine_choice.make_engine(args.engine, name, topology, context=args.context))
        with attach(session, record=None, context=args.context) as around:
            after = catalogue.next_after(lesson)
            if _is_text(args):
                code = _run_as_text(args, session, runner, progress_file, step, after)
            else:
                from hatlab.commands.support.screen import run_screen

                code = run_screen(
                    session,
                    around,
                    runner=runner,
                    progress_file=progress_file,
                    following=after.lesson.front.title if after else "",
                    step=step,
                    catalogue=catalogue,
                    facts_only=args.facts_only,
                )
    return code, catalogue.chosen or (after.file if after and runner.wants_next_lesson else None)


def _run_as_text(
    args: Namespace,
    session: Session,
    runner: LessonRunner,
    progress_file: ProgressFile,
    step: int,
    after: CatalogueEntry | None,
) -> int:
    from hatlab.lessons.library.loader import learn_command
    from hatlab.lessons.records.progress_file import KEPT
    from hatlab.text.lesson_demo import AutoTextLesson
    from hatlab.text.lesson_input import InteractiveTextLesson

    sys.stdout.write(f"The lab is starting ({session.engine.name}); one moment.\n\n")
    sys.stdout.flush()
    session.start()
    engine = () if args.engine == "auto" else (f"--engine {args.engine}",)
    following = ""
    if after is not None:
        title = after.lesson.front.title
        following = f"{title} ({learn_command(after.lesson, '--plain', *engine)})"
    if args.auto:
        return AutoTextLesson(session, runner, sys.stdout, next_lesson=following).run(step)
    code = InteractiveTextLesson(
        session, runner, sys.stdout, sys.stdin, lambda: progress_file.save(runner), following, args.facts_only
    ).run(step)
    if runner.progress.finished_at is None:
        sys.stdout.write(KEPT.format(learn_command(runner.lesson, "--plain", *engine)) + "\n")
    return code


def _variant_seed(lesson: Lesson, variant: object) -> int:
    """Return the number of a variant of a lesson that goes on; of any, for one that begins."""
    from secrets import randbelow

    variants = [known.id for known in lesson.front.variants]
    return variants.index(variant) if variant in variants else randbelow(len(variants))


def _unfinished_record(progress_file: ProgressFile, lesson: Lesson, *, drawn: bool) -> dict[str, Any]:
    """Return what is known of an unfinished lesson, {} if it cannot go on; `drawn`: in this variant only."""
    known = progress_file.records.get(lesson.id, {})
    step = known.get("step")
    variants = [lesson.variant] if drawn else [variant.id for variant in lesson.front.variants] or [""]
    fits = known.get("steps") == len(lesson.steps) and known.get("variant") in variants
    return known if fits and type(step) is int and 0 <= step < len(lesson.steps) else {}
