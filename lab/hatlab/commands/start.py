"""Starts a lab and shows it: in the terminal UI, or as a log or JSON events without a screen.

Without a terminal, and without --headless, --json, --for or --script, it plays a short demonstration.
Every run is recorded; the last few are kept.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support import engines
from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.actions.timed_script import ScriptLine
    from hatlab.commands.support.lifecycle import Attachments, ScriptPlayer
    from hatlab.session import Session

EXAMPLE = """
hatlab start                                     the terminal UI
hatlab start --headless --for 30                 a readable log, half a minute after ready it ends
hatlab start --script split.txt --json > run.jsonl
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "topology",
        nargs="?",
        default="two-node",
        help="a shipped name (hatlab topologies) or a .yaml file; two-node",
    )
    parser.add_argument(
        "--engine",
        choices=engines.ENGINES,
        default="auto",
        help="auto: docker where it can be had, else sim, the simulator that needs nothing installed",
    )
    parser.add_argument("--context", metavar="NAME", help="a Docker context; the current one if left out")
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="record here instead of among the last few runs"
    )
    parser.add_argument("--lesson", metavar="ID", help="a lesson beside its lab: hatlab learn ID")
    parser.add_argument("--headless", action="store_true", help="no screen: a readable log")
    parser.add_argument("--json", action="store_true", help="no screen: every event as a line of JSON")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="the log shows every event, not changes only"
    )
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=float, help="end so long after ready"
    )
    parser.add_argument(
        "--script",
        metavar="FILE",
        type=Path,
        help="play timed actions: a line is SECONDS ACTION; its line `end` ends the lab, else it runs on",
    )


def run(args: Namespace) -> int:
    if args.lesson is not None:
        if args.headless or args.json or args.script or args.seconds is not None:
            raise UserError("a lesson needs its learner", "hatlab learn LESSON --plain, or --auto")
        return _learn(args, args.lesson)
    if args.seconds is not None and not 0 <= args.seconds <= 1e7:
        raise UserError(f"--for {args.seconds:g} is no number of seconds", "as in: --for 30")
    from hatlab.commands.support.lifecycle import ScriptPlayer, attach, ending_on_signals
    from hatlab.session import Session
    from hatlab.topology.library import find_topology, load_topology

    topology = load_topology(args.topology)
    name = find_topology(args.topology).stem
    steps = _script(args.script, name, topology)
    screen = _screen(args)
    with ending_on_signals():
        session = Session(engines.make_engine(args.engine, name, topology, context=args.context))
        player = ScriptPlayer(session, steps) if steps is not None else None
        with attach(session, record=args.record, context=args.context) as around:
            try:
                code, lesson = _front(args, screen, session, player, around)
            finally:
                if player is not None:
                    player.stop()
    if lesson is None:
        return code
    return _learn(args, str(lesson))


def _learn(args: Namespace, lesson: str) -> int:
    """As `hatlab learn LESSON`, on the engine of these arguments."""
    from hatlab.commands import learn

    only = {"plain": False, "auto": False, "watch": False, "restart": False, "seed": None, "language": None}
    return learn.run(Namespace(lesson=lesson, engine=args.engine, context=args.context, **only))


def _screen(args: Namespace) -> str:
    """Which front end: `json`, `log`, `tui` or `demo`."""
    if args.json:
        return "json"
    if args.headless:
        return "log"
    if sys.stdout.isatty() and sys.stdin.isatty():
        return "tui"
    return "demo" if args.seconds is None and args.script is None else "log"


def _script(path: Path | None, name: str, topology: object) -> tuple[ScriptLine, ...] | None:
    if path is None:
        return None
    from hatlab.actions.timed_script import read_script
    from hatlab.topology import Layout, Topology

    assert isinstance(topology, Topology)
    return read_script(path, Layout.numbered(name, topology))


def _front(
    args: Namespace, screen: str, session: Session, player: ScriptPlayer | None, around: Attachments
) -> tuple[int, Path | None]:
    """Shows the lab; the exit code, and the lesson that was chosen in the UI."""
    from hatlab.commands.support.headless import StopCondition, json_printer, log_printer, run_headless

    until = StopCondition(args.seconds, player)
    match screen:
        case "json":
            return run_headless(session, json_printer(sys.stdout), until), None
        case "log":
            return run_headless(session, log_printer(sys.stdout, verbose=args.verbose), until), None
        case "demo":
            from hatlab.commands.demo import demonstrate

            return demonstrate(session, sys.stdout), None
        case _:
            from hatlab.commands.support.lesson_options import open_library, open_progress_file
            from hatlab.commands.support.screen import run_screen
            from hatlab.lessons.library.catalogue import Catalogue

            catalogue = Catalogue(open_library(), open_progress_file())
            return run_screen(session, around, player, args.seconds, catalogue=catalogue), catalogue.chosen
