"""Runs a lab without a screen: prints what happens until it ends, on any engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import inf
from typing import IO

from hatlab import events as e
from hatlab.commands.support.lifecycle import ignoring_interrupts
from hatlab.commands.support.output import print_note
from hatlab.commands.support.pipe_guard import PipeGuard, check_stdout
from hatlab.commands.support.script_player import StopCondition
from hatlab.errors import EngineError
from hatlab.session import Reader, Session
from hatlab.text.event_log import ChangeFilter, format_event
from hatlab.util.terminal import TerminalText, wants_colour

EventPrinter = Callable[[Iterable[e.Event]], None]
"""Prints a batch of events."""


def json_printer(out: IO[str]) -> EventPrinter:
    """Return a printer that writes every event as a line of JSON, flushed a batch at a time."""

    def print_json(events: Iterable[e.Event]) -> None:
        out.write("".join(e.to_json(event) + "\n" for event in events))
        out.flush()

    return print_json


def log_printer(out: IO[str], *, verbose: bool = False, since: float = -inf) -> EventPrinter:
    """Return a printer that writes the readable log from `since` (s) on, flushed a batch at a time."""
    changes = ChangeFilter(verbose)
    colour = wants_colour(os.environ, out.isatty())

    def print_log(events: Iterable[e.Event]) -> None:
        wanted = [event for event in events if changes.wants(event) and event.at >= since]
        text = "".join(format_event(event, colour=colour) + "\n" for event in wanted)
        if text:
            out.write(TerminalText(text))
            out.flush()

    return print_log


def run_headless(session: Session, print_events: EventPrinter, stop: StopCondition) -> int:
    """Start the session, print its events until it ends and return the exit code.

    The code is 1 if the lab died by itself, or if a step of a script failed.

    Raises:
        EngineError: the lab could not start.
        KeyboardInterrupt: Ctrl-C (or another signal's `Ended`).
        BrokenPipeError: nobody reads stdout any more.
    """
    guard = PipeGuard(lambda: session.ended)

    def print_guarded(events: Iterable[e.Event]) -> None:
        with guard.writing():
            print_events(events)

    with guard.watching():
        return _run_guarded(session, print_guarded, stop, guard)


def _run_guarded(session: Session, print_events: EventPrinter, stop: StopCondition, guard: PipeGuard) -> int:
    reader = session.reader()
    session.start_in_background()
    if stop.script is not None:
        stop.script.start()
    try:
        _print_until_end(session, reader, print_events, stop)
    except KeyboardInterrupt:
        if session.waiting:
            print_note("the lab is being removed, if Docker answers; Ctrl+C again leaves at once")
        with suppress(BrokenPipeError):
            stop_and_drain(session, reader, print_events)
        raise
    guard.patient = True
    cause_of_death = session.state.stopping  # empty if someone asked for the end
    stop_and_drain(session, reader, print_events)
    if session.error is not None:
        raise session.error
    if cause_of_death and session.engine.live:
        raise EngineError(f"the lab ended by itself: {cause_of_death}", "hatlab doctor")
    failures = stop.script.failures if stop.script is not None else []
    for failure in failures:
        print_note(f"script: {failure}")
    return 1 if failures else 0


def _print_until_end(
    session: Session, reader: Reader, print_events: EventPrinter, stop: StopCondition
) -> None:
    note_due = session.engine.live and stop.seconds is None and stop.script is not None
    while not _is_over(session, stop):
        print_events(reader.drain(timeout=0.1).events)
        check_stdout()
        if note_due and stop.script is not None and stop.script.finished and not stop.script.end:
            note_due = False
            print_note(
                "the script is done, but the lab keeps running: press Ctrl+C to end it (or add a line `end`)"
            )


def stop_and_drain(session: Session, reader: Reader, print_events: EventPrinter) -> None:
    """End the lab and print the events of its end."""
    with ignoring_interrupts(session):
        session.stop()
        while events := reader.drain().events:
            print_events(events)


def _is_over(session: Session, stop: StopCondition) -> bool:
    if session.ended or (session.state.ready and session.state.stopping is not None):
        return True  # a start that fails says that it stops, and then why
    finished = getattr(session.engine, "finished", None)  # of a recording that was played to its end
    return (finished is not None and finished.is_set()) or stop.is_met(session)
