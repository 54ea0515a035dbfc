"""Plays a drill, on the screen or as text, and those that the learner goes on to."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from hatlab.util.paths import hatlab_command
from hatlab.util.terminal import can_show_screen

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.play.drill_runner import DrillRunner
    from hatlab.lessons.records.drill_file import DrillFile
    from hatlab.session import Session


def open_drill_file() -> DrillFile:
    """Open the learner's own record of drills."""
    from hatlab.commands.support.output import print_note
    from hatlab.lessons.records.drill_file import DrillFile
    from hatlab.util.paths import state_dir

    return DrillFile(state_dir() / "drills.json", print_note)


def draw_due_drill(drill_file: DrillFile) -> Lesson:
    """Draw the drill that the learner should take next."""
    from hatlab.commands.support.drill_choice import draw_drill

    return draw_drill(None, None, drill_file)


def play_drills(
    args: Namespace, drill: Lesson, drill_file: DrillFile, draw_next: Callable[[], Lesson]
) -> int:
    """Play a drill, on the screen also those the learner goes on to; return the exit code.

    Args:
        args: with `engine`, `context` and `plain`.
        drill: the first.
        drill_file: where results are kept.
        draw_next: returns the one after it.
    """
    from hatlab.commands.support.lesson_labs import LessonLabs
    from hatlab.commands.support.lesson_options import open_library, open_progress_file
    from hatlab.commands.support.lifecycle import ending_on_signals
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.play.drill_runner import DrillRunner

    catalogue = Catalogue(open_library(), open_progress_file())
    arguments = Namespace(engine=args.engine, context=args.context, restart=False, seed=None)
    with ending_on_signals(), LessonLabs(arguments, catalogue, drill_file, draw_next) as labs:
        lab = labs.enter(labs.make_drill(drill))
        if not _is_text(args):
            from hatlab.commands.support.screen import show_labs

            return show_labs(labs, lab)
        assert isinstance(lab.runner, DrillRunner)
        return play_drill_as_text(lab.session, lab.runner, drill_file)


def _is_text(args: Namespace) -> bool:
    """True if a drill is played as text, not on a screen."""
    return args.plain or not can_show_screen(os.environ)


def play_drill_as_text(session: Session, runner: DrillRunner, drill_file: DrillFile) -> int:
    """Play a drill as text; return the exit code."""
    from hatlab.text.drill import InteractiveTextDrill

    sys.stdout.write(f"The lab is starting ({session.engine.name}); a moment please.\n\n")
    sys.stdout.flush()
    session.start()
    following = f"{hatlab_command()} drill --plain"
    return InteractiveTextDrill(session, runner, sys.stdout, sys.stdin, drill_file, following).run()
