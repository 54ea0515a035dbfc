"""Take a lesson: in the terminal UI beside the live lab, or as plain text.

Your progress is kept: an unfinished lesson continues at the step where you left it, with the lab set up for
it.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json, refuse_beside_json
from hatlab.commands.support.lesson_options import open_library, open_progress_file
from hatlab.commands.support.screen_options import add_screen_options
from hatlab.errors import UserError
from hatlab.util.collection import pause_collection
from hatlab.util.paths import hatlab_command
from hatlab.util.terminal import can_show_screen

if TYPE_CHECKING:
    from hatlab.commands.support.lesson_labs import LessonLabs
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.play.exam import ExamSitting
    from hatlab.tui.app.labs import LabOnScreen

EXAMPLE = """
hatlab learn                            the next lesson, in the terminal UI
hatlab learn kill-mysqld --plain        the same lesson as text, for a screen reader or a pipe
hatlab learn kill-mysqld --auto         watch it play itself
hatlab learn course/                    the next lesson of an instructor's folder
hatlab learn --exam exam.toml           an exam: a lesson with a clock and without help
hatlab learn --watch my-lesson.md       for authors: show and verify it again at each change
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "lesson",
        nargs="?",
        help="an id or a number (see hatlab lessons), a .md file or a folder of lessons (default: the next "
        "unfinished one)",
    )
    parser.add_argument("--plain", action="store_true", help="text in, text out, without a screen")
    parser.add_argument("--auto", action="store_true", help="watch the lesson play itself, as text")
    parser.add_argument("--watch", action="store_true", help="show and verify the file whenever it changes")
    parser.add_argument(
        "--restart", action="store_true", help="start from the beginning, not where you left off"
    )
    parser.add_argument(
        "--exam",
        metavar="FILE",
        help="take the exam that this file describes (hatlab help grading)",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        help="which variant of a lesson you get, and the order of choices (default: random)",
    )
    add_json_option(parser, "print which lesson it is, and where you left it, as one JSON object; take none")
    add_screen_options(parser, "engine", "docker_context", "language", "lessons", "record")


def run(args: Namespace) -> int:
    refuse_beside_json(args, "watch", "auto", "plain", "exam")
    if args.exam is not None:
        return _take_exam(args)
    if args.json:
        return _print_lesson(args)
    if args.watch:
        from hatlab.commands.support.lesson_preview import watch_lesson

        if not args.lesson:
            raise UserError("there is nothing to watch", "hatlab learn --watch my-lesson.md")
        return watch_lesson(args.lesson, args.seed)
    if not _is_text(args):
        pause_collection()  # until the first screen is drawn
    return run_lessons(args, *_find_lesson(args))


def _take_exam(args: Namespace) -> int:
    """Take the exam that a file states, or go on with it; return the exit code."""
    from hatlab.commands.support.exam_files import ExamFile, read_exam
    from hatlab.commands.support.graded_lessons import exam_drill
    from hatlab.commands.support.output import print_note
    from hatlab.util.paths import state_dir

    for option in ("lesson", "auto", "watch", "restart"):
        if getattr(args, option):
            name = "a lesson" if option == "lesson" else f"--{option}"
            raise UserError(f"{name} has no meaning together with --exam", "the file says which lesson it is")
    exam = read_exam(args.exam)
    drill = exam_drill(exam, args.seed)
    if drill is None:
        beside = Path((args.exam[:1] != "{" and args.exam) or ".").parent / exam.lesson
        args.lesson = str(beside) if beside.is_file() else exam.lesson
        catalogue, file = _find_lesson(args)
    else:
        from hatlab.lessons.library.catalogue import Catalogue

        catalogue, file = Catalogue(open_library(), open_progress_file()), Path()
    exam_file = ExamFile(state_dir() / "exams.json", print_note)
    sitting = exam_file.begin(exam)
    args.restart = not sitting.continues
    exam_file.warn = lambda _: None  # a screen is there
    try:
        return run_lessons(args, catalogue, file, sitting, drill)
    finally:
        exam_file.warn = print_note
        if sitting.is_finished:
            exam_file.end(exam)


def _print_lesson(args: Namespace) -> int:
    """Print which lesson would be taken, and where in it the learner is."""
    from hatlab.lessons.library.loader import read_lesson

    catalogue, file = _find_lesson(args)
    lesson = read_lesson(file, args.seed)
    record = catalogue.progress_file.records.get(lesson.id)
    steps = [step.title for step in lesson.steps]
    front = {"id": lesson.id, "title": lesson.front.title, "topology": lesson.front.topology}
    print_json({**front, "file": str(file), "steps": steps, "progress": record})
    return 0


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


def run_lessons(
    args: Namespace,
    catalogue: Catalogue,
    file: Path,
    exam: ExamSitting | None = None,
    drill: Lesson | None = None,
) -> int:
    """Run a lesson, on the screen also those the learner goes on to; return the exit code.

    Args:
        args: of this command.
        catalogue: of the learner.
        file: the lesson's.
        exam: what it is taken as, if it is an exam.
        drill: one without a file, in place of the lesson.
    """
    from hatlab.commands.support.drill_play import draw_due_drill, open_drill_file
    from hatlab.commands.support.lesson_labs import LessonLabs
    from hatlab.commands.support.lifecycle import ending_on_signals

    drill_file = open_drill_file()
    draw = partial(draw_due_drill, drill_file)
    with ending_on_signals(), LessonLabs(args, catalogue, drill_file, draw) as labs:
        lab = labs.enter(labs.make(file) if drill is None else labs.make_drill(drill), exam)
        try:
            if not _is_text(args):
                from hatlab.commands.support.screen import show_labs

                return show_labs(labs, lab, facts_only=args.facts_only)
            return _run_as_text(args, lab, labs)
        finally:
            if exam is not None and lab.runner is not None:
                exam.is_finished = lab.runner.is_over


def _is_text(args: Namespace) -> bool:
    """True if the lesson is run as text, not on a screen."""
    return args.plain or args.auto or not can_show_screen(os.environ)


def _run_as_text(args: Namespace, lab: LabOnScreen, labs: LessonLabs) -> int:
    from hatlab.commands.support.drill_play import play_drill_as_text
    from hatlab.lessons.library.loader import learn_command, read_lesson
    from hatlab.lessons.play.drill_runner import DrillRunner
    from hatlab.lessons.records.progress_file import KEPT
    from hatlab.text.lesson_demo import AutoTextLesson
    from hatlab.text.lesson_input import InteractiveTextLesson

    session, runner, progress_file = lab.session, lab.runner, labs.catalogue.progress_file
    assert runner is not None
    if runner.lesson.is_drill and args.auto:
        command = f"{hatlab_command()} drill {runner.lesson.file}"
        raise UserError("a drill does not play itself", f"take it: {command}")
    if isinstance(runner, DrillRunner):
        return play_drill_as_text(session, runner, labs.drill_file)
    sys.stdout.write(f"The lab is starting ({session.engine.name}); one moment.\n\n")
    sys.stdout.flush()
    session.start()
    engine = () if args.engine == "auto" else (f"--engine {args.engine}",)
    following = ""
    if isinstance(lab.next_lesson, Path):
        following = f"{lab.following} ({learn_command(read_lesson(lab.next_lesson), '--plain', *engine)})"
    if args.auto:
        return AutoTextLesson(session, runner, sys.stdout, next_lesson=following).run(lab.step)
    code = InteractiveTextLesson(
        session, runner, sys.stdout, sys.stdin, lambda: progress_file.save(runner), following
    ).run(lab.step)
    if not runner.is_over and runner.exam is None:
        sys.stdout.write(KEPT.format(learn_command(runner.lesson, "--plain", *engine)) + "\n")
    return code
