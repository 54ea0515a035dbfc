"""Plays a recording: in the terminal UI as a live lab, or as its log or JSON events."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from lab.errors import UserError

EXAMPLE = """
hatlab replay run.jsonl
hatlab replay run.jsonl --headless               the whole log at once
hatlab replay run.jsonl --speed 4
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a recording; the last run if left out"
    )
    parser.add_argument(
        "--speed", type=float, metavar="X", help="times as fast as it was; without a screen: at once"
    )
    parser.add_argument("--headless", action="store_true", help="no screen: a readable log")
    parser.add_argument("--json", action="store_true", help="no screen: every event as a line of JSON")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="the log shows every event, not changes only"
    )


def run(args: Namespace) -> int:
    if args.speed is not None and not 0.01 <= args.speed <= 1000:
        raise UserError(f"--speed {args.speed:g} is out of range", "from 0.01 to 1000; 1 is as it was")
    from lab.commands.headless import Until, json_lines, log_lines, watch
    from lab.commands.running import beside, ending_on_signals, note
    from lab.engine.replay import ReplayEngine
    from lab.session import Session

    screen = not (args.headless or args.json) and sys.stdout.isatty() and sys.stdin.isatty()
    engine = ReplayEngine(args.file or _last(), args.speed or 1.0, as_fast=not screen and args.speed is None)
    for fault in engine.recording.faults[:5]:
        note(f"{fault.message}; the rest is shown")
    session = Session(engine)
    with ending_on_signals(), beside(session, record=None, live=False) as around:
        if screen:
            from lab.commands.screen import show

            return show(session, around, None, None)
        printer = json_lines(sys.stdout) if args.json else log_lines(sys.stdout, verbose=args.verbose)
        return watch(session, printer, Until())


def _last() -> Path:
    """The latest recording of the state folder."""
    from lab.paths import recordings_dir

    found = sorted(recordings_dir().glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise UserError("nothing was recorded yet", "hatlab start records every run")
    return found[-1]
