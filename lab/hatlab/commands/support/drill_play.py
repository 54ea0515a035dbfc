"""Plays a drill, on the screen or as text, and those that the learner goes on to."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from hatlab.commands.support import engine_choice
from hatlab.util.paths import hatlab_command

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


def play_due_drill(
    engine: str, context: str | None, *, plain: bool = False, first: Lesson | None = None
) -> int:
    """Play a drill (the one that is due if left out) and those after it; return the exit code."""
    from hatlab.commands.support.drill_choice import draw_drill

    drill_file = open_drill_file()

    def draw() -> Lesson:
        return draw_drill(None, None, drill_file)

    args = Namespace(engine=engine, context=context, plain=plain)
    return play_drills(args, first or draw(), drill_file, draw)


def play_drills(
    args: Namespace, drill: Lesson, drill_file: DrillFile, draw_next: Callable[[], Lesson]
) -> int:
    """Play a drill and those the learner goes on to; return the exit code of the last.

    Args:
        args: with `engine`, `context` and `plain`.
        drill: the first.
        drill_file: where results are kept.
        draw_next: returns the one after it.
    """
    from hatlab.util.terminal import no_echo

    with nullcontext() if is_text(args) else no_echo():  # between two drills no app has the terminal
        while True:
            code, wants_next = play_drill(args, drill, drill_file)
            if not wants_next:
                return code
            drill = draw_next()


def is_text(args: Namespace) -> bool:
    """True if a drill is played as text, not on a screen."""
    return args.plain or not (sys.stdout.isatty() and sys.stdin.isatty())


def play_drill(args: Namespace, drill: Lesson, drill_file: DrillFile) -> tuple[int, bool]:
    """Play one drill; return the exit code, and whether the learner wants another."""
    from hatlab.commands.support.lifecycle import attach, ending_on_signals
    from hatlab.lessons.play.drill_runner import DrillRunner
    from hatlab.session import Session
    from hatlab.topology.library import load_named_topology

    name, topology = load_named_topology(drill.front.topology)
    runner = DrillRunner(drill)
    with ending_on_signals():
        session = Session(engine_choice.make_engine(args.engine, name, topology, context=args.context))
        with attach(session, record=None, context=args.context) as around:
            if is_text(args):
                return _play_as_text(session, runner, drill_file), False
            from hatlab.commands.support.screen import run_screen

            code = run_screen(
                session,
                around,
                runner=runner,
                drill_file=drill_file,
                following="another drill",
            )
    return code, runner.wants_next_lesson


def _play_as_text(session: Session, runner: DrillRunner, drill_file: DrillFile) -> int:
    from hatlab.text.drill import InteractiveTextDrill

    sys.stdout.write(f"The lab is starting ({session.engine.name}); a moment please.\n\n")
    sys.stdout.flush()
    session.start()
    following = f"{hatlab_command()} drill --plain"
    return InteractiveTextDrill(session, runner, sys.stdout, sys.stdin, drill_file, following).run()
