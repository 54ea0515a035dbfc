"""Play a recording: in the terminal UI like a live lab, or as a log or JSON events."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.commands.support.json_output import add_json_option
from hatlab.commands.support.screen_options import add_screen_options
from hatlab.describe.shown_clock import shown_clock, use_clock
from hatlab.errors import UserError
from hatlab.util.terminal import can_show_screen

if TYPE_CHECKING:
    from hatlab.commands.support.headless import EventPrinter

EXAMPLE = """
hatlab replay run.jsonl
hatlab replay run.jsonl --headless               the whole log at once
hatlab replay run.jsonl --speed 4 --from 30      four times as fast, starting at 30 s
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a recording (default: the last run)"
    )
    parser.add_argument(
        "--speed",
        type=float,
        metavar="X",
        help="play X times as fast (default without a screen: all at once)",
    )
    parser.add_argument(
        "--from",
        dest="begin",
        metavar="MOMENT",
        help="where to start: 1:23.4, 83.4 seconds, or 03:12:21 of an incident",
    )
    parser.add_argument("--headless", action="store_true", help="print a readable log instead of a screen")
    add_json_option(parser, "print every event as a line of JSON instead of a screen")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every event, not only changes")
    add_screen_options(parser)


def run(args: Namespace) -> int:
    from hatlab.engine.replay.engine import FASTEST, SLOWEST, ReplayEngine

    if args.speed is not None and not SLOWEST <= args.speed <= FASTEST:
        raise UserError(
            f"--speed {args.speed:g} is out of range",
            f"give {SLOWEST:g} to {FASTEST:g}; 1 is the original speed",
        )
    from hatlab.commands.support.headless import json_printer, log_printer, run_headless
    from hatlab.commands.support.lifecycle import attach, ending_on_signals
    from hatlab.commands.support.moments import read_moment
    from hatlab.commands.support.output import print_note
    from hatlab.commands.support.recordings import find_last_recording
    from hatlab.commands.support.script_player import StopCondition
    from hatlab.session import Session
    from hatlab.state.model import run_clock

    screen = not (args.headless or args.json) and can_show_screen(os.environ)
    engine = ReplayEngine(
        args.file or find_last_recording(),
        args.speed or 1.0,
        as_fast=not screen and args.speed is None,
    )
    lab = engine.recording.lab
    use_clock(run_clock(lab.engine, lab.started))
    begin = read_moment("--from", args.begin, shown_clock())
    if begin is not None:
        engine.begin_at(begin)
    for error in engine.recording.unreadable.values():
        print_note(f"{error.message}; the rest is shown")
    session = Session(engine)
    with ending_on_signals(), attach(session, record=None, live=False) as attachments:
        if screen:
            from hatlab.commands.support.screen import run_screen

            return run_screen(session, attachments, facts_only=args.facts_only)
        if args.json:
            print_events = _from_moment(begin, json_printer(sys.stdout))
        else:
            print_events = log_printer(
                sys.stdout, verbose=args.verbose, since=-inf if begin is None else begin
            )
        return run_headless(session, print_events, StopCondition())


def _from_moment(begin: float | None, print_events: EventPrinter) -> EventPrinter:
    """Return a printer of what is not earlier than a moment, s, and of the `lab` event, which comes first."""

    def print_later(events: Iterable[e.Event]) -> None:
        print_events([ev for ev in events if begin is None or ev.at >= begin or isinstance(ev, e.Lab)])

    return print_later
