"""Plays a recording: in the terminal UI as a live lab, or as its log or JSON events."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.commands.support.headless import EventPrinter

EXAMPLE = """
hatlab replay run.jsonl
hatlab replay run.jsonl --headless               the whole log at once
hatlab replay run.jsonl --speed 4 --from 30      four times as fast, from 30 s on
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a recording; the last run if left out"
    )
    parser.add_argument(
        "--speed", type=float, metavar="X", help="times as fast as it was; without a screen: at once"
    )
    parser.add_argument(
        "--from", dest="begin", type=float, metavar="S", help="begin S seconds after the lab began"
    )
    parser.add_argument("--headless", action="store_true", help="no screen: a readable log")
    parser.add_argument("--json", action="store_true", help="no screen: every event as a line of JSON")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="the log shows every event, not changes only"
    )


def run(args: Namespace) -> int:
    from hatlab.engine.replay.engine import FASTEST, SLOWEST, ReplayEngine

    if args.speed is not None and not SLOWEST <= args.speed <= FASTEST:
        raise UserError(
            f"--speed {args.speed:g} is out of range", f"from {SLOWEST:g} to {FASTEST:g}; 1 is as it was"
        )
    from hatlab.commands.support.headless import StopCondition, json_printer, log_printer, run_headless
    from hatlab.commands.support.lifecycle import attach, ending_on_signals, print_note
    from hatlab.session import Session

    screen = not (args.headless or args.json) and sys.stdout.isatty() and sys.stdin.isatty()
    engine = ReplayEngine(
        args.file or last_recording(),
        args.speed or 1.0,
        begin=args.begin,
        as_fast=not screen and args.speed is None,
    )
    for error in engine.recording.unreadable.values():
        print_note(f"{error.message}; the rest is shown")
    session = Session(engine)
    with ending_on_signals(), attach(session, record=None, live=False) as around:
        if screen:
            from hatlab.commands.support.screen import run_screen

            return run_screen(session, around, None, None)
        if args.json:
            printer = _since(args.begin, json_printer(sys.stdout))
        else:
            printer = log_printer(sys.stdout, verbose=args.verbose, since=args.begin or -inf)
        return run_headless(session, printer, StopCondition())


def _since(begin: float | None, show: EventPrinter) -> EventPrinter:
    """Shows the `lab` event, which is to be the first, and what is not earlier than a moment."""

    def later(events: Iterable[e.Event]) -> None:
        show([event for event in events if begin is None or event.at >= begin or isinstance(event, e.Lab)])

    return later


def last_recording() -> Path:
    """The latest recording of the state folder."""
    from hatlab.util.paths import recordings_dir

    found = sorted(recordings_dir().glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise UserError("nothing was recorded yet", "hatlab start records every run")
    return found[-1]
