"""A lab without a screen: prints what happens until it ends, for any engine."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import IO

from hatlab import events as e
from hatlab.commands.support.lifecycle import ScriptPlayer, ignoring_interrupts, print_note
from hatlab.errors import EngineError
from hatlab.session import Reader, Session
from hatlab.text.event_log import ChangeFilter, format_event, wants_colour

EventPrinter = Callable[[Iterable[e.Event]], None]


def json_printer(out: IO[str]) -> EventPrinter:
    """Writes every event as a line of JSON, flushed a batch at a time."""

    def show(events: Iterable[e.Event]) -> None:
        out.write("".join(e.to_json(event) + "\n" for event in events))
        out.flush()

    return show


def log_printer(out: IO[str], *, verbose: bool = False, since: float = -inf) -> EventPrinter:
    """Writes the readable log, flushed a batch at a time; `since` a moment, s."""
    changes = ChangeFilter(verbose)
    colour = wants_colour(os.environ, out.isatty())

    def show(events: Iterable[e.Event]) -> None:
        wanted = [event for event in events if changes.wants(event) and event.at >= since]
        text = "".join(format_event(event, colour=colour) + "\n" for event in wanted)
        if text:
            out.write(text)
            out.flush()

    return show


@dataclass(frozen=True, slots=True)
class StopCondition:
    """When a run without a screen ends by itself: so many seconds after ready, at its script's `end`."""

    seconds: float | None = None
    script: ScriptPlayer | None = None


def run_headless(session: Session, show: EventPrinter, until: StopCondition) -> int:
    """Starts the session, shows its events until it ends and returns the exit code.

    A lab that dies by itself, or a script with a step that failed: 1.

    Raises:
        EngineError: the lab could not start.
        KeyboardInterrupt: Ctrl-C (or another signal's `Ended`).
        BrokenPipeError: nobody reads stdout any more.
    """
    reader = session.reader()
    session.start_in_background()
    if until.script is not None:
        until.script.start()
    try:
        _follow(session, reader, show, until)
    except KeyboardInterrupt:
        stop_and_drain(session, reader, show)
        raise
    died = session.state.stopping  # empty if someone asked for the end
    stop_and_drain(session, reader, show)
    if session.error is not None:
        raise session.error
    if died and session.engine.live:
        raise EngineError(f"the lab ended by itself: {died}", "hatlab doctor")
    failures = until.script.failures if until.script is not None else []
    for failure in failures:
        print_note(f"script: {failure}")
    return 1 if failures else 0


def _follow(session: Session, reader: Reader, show: EventPrinter, until: StopCondition) -> None:
    told = session.engine.live is False or until.seconds is not None
    while not _over(session, until):
        show(reader.drain(timeout=0.1).events)
        _check_stdout()
        if until.script is not None and until.script.finished and not until.script.end and not told:
            told = True
            print_note("the script is over and the lab runs on; Ctrl-C ends it (so would a line `end`)")


def stop_and_drain(session: Session, reader: Reader, show: EventPrinter) -> None:
    """Ends the lab and shows what its end said."""
    with ignoring_interrupts():
        session.stop()
        while events := reader.drain().events:
            show(events)


def _over(session: Session, until: StopCondition) -> bool:
    state = session.state
    if session.ended or state.stopping is not None:
        return True
    finished = getattr(session.engine, "finished", None)
    if finished is not None and finished.is_set():
        return True
    if until.script is not None and until.script.end:
        return True
    if until.seconds is None or not state.ready:
        return False
    return session.engine.now() >= state.phases["ready"][1] + until.seconds


def _check_stdout() -> None:
    """Notices that the reader of our pipe has gone, even when there is nothing to write.

    Raises:
        BrokenPipeError: it has.
    """
    if not hasattr(select, "poll"):
        return
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return  # not a file: a test's buffer
    poll = select.poll()
    poll.register(number, 0)
    if any(flags & select.POLLERR for _, flags in poll.poll(0)):
        raise BrokenPipeError
