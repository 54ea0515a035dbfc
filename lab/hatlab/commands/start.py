"""Start a lab and show it: in the terminal UI, or as a log or JSON events without a screen.

Without a terminal and without --headless, --json, --for or --script, it plays a short demonstration.
Every run is recorded; the last few recordings are kept.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.commands.support import engine_choice
from hatlab.commands.support.json_output import add_json_option
from hatlab.commands.support.lesson_options import check_lesson_folders
from hatlab.commands.support.screen_options import add_screen_options
from hatlab.errors import UserError
from hatlab.util.terminal import can_show_screen

if TYPE_CHECKING:
    from hatlab.actions.timed_script import ScriptLine
    from hatlab.commands.support.lifecycle import Attachments
    from hatlab.commands.support.script_player import StopCondition
    from hatlab.session import Session
    from hatlab.topology import Topology

EXAMPLE = """
hatlab start                                     the terminal UI
hatlab start --headless --for 30                 a readable log that ends 30 s after the lab is ready
hatlab start --script split.txt --json > run.jsonl
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "topology",
        nargs="?",
        default="two-node",
        help="a shipped name (see hatlab topologies) or a .yaml file (default: two-node)",
    )
    parser.add_argument(
        "--record",
        dest="record_file",
        metavar="FILE",
        type=Path,
        help="record to this file (default: keep it among the last few runs)",
    )
    parser.add_argument("--lesson", metavar="ID", help="take this lesson, like hatlab learn ID")
    parser.add_argument(
        "--assume",
        metavar="CHECK=RESULT",
        action="append",
        default=[],
        help="how a vrrp_script ends if the lab lacks its program: ok, fail, or mysqld "
        "(ask mysqld); repeatable",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        help="for the simulator: the same seed and actions give the same run (default: 0)",
    )
    parser.add_argument("--headless", action="store_true", help="print a readable log instead of a screen")
    add_json_option(parser, "print every event as a line of JSON instead of a screen")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every event, not only changes")
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=float, help="end this long after the lab is ready"
    )
    parser.add_argument(
        "--script",
        metavar="FILE",
        type=Path,
        help="play timed actions, one SECONDS ACTION per line; a line `end` ends the lab, "
        "otherwise it keeps running",
    )
    add_screen_options(parser, "engine", "docker_context", "language", "lessons", "record")


def run(args: Namespace) -> int:
    if args.lesson is not None:
        if args.headless or args.json or args.script or args.seconds is not None:
            raise UserError(
                "a lesson needs a learner",
                "to take it without a screen: hatlab learn LESSON --plain (or --auto)",
            )
        return _run_learn(args, args.lesson)
    check_lesson_folders()
    if args.seconds is not None and not 0 <= args.seconds <= 1e7:
        raise UserError(f"--for {args.seconds:g} is not a number of seconds", "for example: --for 30")
    from hatlab.commands.support.lifecycle import attach, ending_on_signals
    from hatlab.commands.support.script_player import ScriptPlayer, StopCondition
    from hatlab.session import Session
    from hatlab.topology.library import load_named_topology

    name, topology = load_named_topology(args.topology)
    topology = _with_assumptions(topology, args.assume)
    script = _read_script(args.script, name, topology)
    with ending_on_signals():
        session = Session(
            engine_choice.make_engine(args.engine, name, topology, context=args.context, seed=args.seed)
        )
        player = ScriptPlayer(session, script) if script is not None else None
        with attach(session, record=args.record_file, context=args.context) as attachments:
            try:
                stop = StopCondition(args.seconds, player)
                return _run_front_end(args, session, attachments, stop)
            finally:
                if player is not None:
                    player.stop()


def _run_learn(args: Namespace, lesson: str) -> int:
    """Run `hatlab learn LESSON` with these arguments; what only that command has is as if left out."""
    from hatlab.commands import learn
    from hatlab.commands.support.parsers import command_parser

    own = vars(command_parser("learn").parse_args(["--", lesson]))
    return learn.run(Namespace(**{**own, **vars(args), "lesson": lesson}))


def _lesson_arguments(args: Namespace) -> dict[str, Any]:
    """Return the arguments with which a lesson's lab is made."""
    return {"engine": args.engine, "context": args.context, "restart": False}


def _with_assumptions(topology: Topology, words: list[str]) -> Topology:
    """A topology in which these checks (`NAME=ok|fail|mysqld`) do what is assumed.

    Raises:
        UserError: there is no such check, or nothing that can be assumed.
    """
    if not words:
        return topology
    from hatlab.diagnostics.finding import did_you_mean
    from hatlab.keepalived.assume import check_names

    known = {*topology.checks, *(n for node in topology.nodes.values() for n in check_names(node.conf or ""))}
    assumed = dict(topology.assume)
    for word in words:
        name, _, result = word.partition("=")
        if result not in {"ok", "fail", "mysqld"}:
            raise UserError(
                f"--assume {word[:80]} does not say ok, fail or mysqld",
                f"for example: --assume {name[:40] or 'chk'}=ok",
            )
        if name not in known:
            guess = did_you_mean(name, known)
            listed = ", ".join(sorted(known)) or "none"
            raise UserError(
                f"no node has a vrrp_script {name[:80]}{guess}", f"the checks of this lab: {listed}"
            )
        assumed[name] = result  # type: ignore[assignment]
    return topology.model_copy(update={"assume": assumed})


def _read_script(path: Path | None, name: str, topology: Topology) -> tuple[ScriptLine, ...] | None:
    if path is None:
        return None
    from hatlab.actions.timed_script import read_script
    from hatlab.topology import Layout

    return read_script(path, Layout.numbered(name, topology))


def _run_front_end(args: Namespace, session: Session, attachments: Attachments, stop: StopCondition) -> int:
    """Show the lab, and on a screen the lessons that are chosen there; return the exit code."""
    from hatlab.commands.support.headless import json_printer, log_printer, run_headless

    has_screen = can_show_screen(os.environ)
    if args.json:
        return run_headless(session, json_printer(sys.stdout), stop)
    if args.headless or (stop.can_be_met and not has_screen):
        return run_headless(session, log_printer(sys.stdout, verbose=args.verbose), stop)
    if not has_screen:
        from hatlab.commands.support.demonstration import demonstrate

        return demonstrate(session, sys.stdout)
    from hatlab.commands.support.drill_play import draw_due_drill, open_drill_file
    from hatlab.commands.support.lesson_labs import LessonLabs
    from hatlab.commands.support.lesson_options import open_library, open_progress_file
    from hatlab.commands.support.screen import run_screen
    from hatlab.lessons.library.catalogue import Catalogue

    catalogue = Catalogue(open_library(language=args.language), open_progress_file())
    drill_file = open_drill_file()
    arguments, draw = Namespace(**_lesson_arguments(args), seed=None), partial(draw_due_drill, drill_file)
    with LessonLabs(arguments, catalogue, drill_file, draw) as labs:
        labs.adopt(session, attachments)
        return run_screen(
            session,
            attachments,
            stop,
            labs,
            catalogue=catalogue,
            progress_file=catalogue.progress_file,
            drill_file=drill_file,
            facts_only=args.facts_only,
        )
