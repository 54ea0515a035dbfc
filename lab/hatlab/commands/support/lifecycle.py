"""What every front end of a lab needs beside it: recorder, control socket, script, an orderly end.

`Ended` is raised in the main thread by SIGTERM and SIGHUP as KeyboardInterrupt is by SIGINT, so that one
`finally` removes the lab.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar

from hatlab.actions.timed_script import ScriptLine
from hatlab.commands import Ended
from hatlab.control import ControlServer
from hatlab.engine.base import Engine
from hatlab.errors import LabError, UserError
from hatlab.recorder import Recorder, default_recording, open_recording
from hatlab.session import Session
from hatlab.util.paths import recordings_dir, sockets_dir

HANGUP = getattr(signal, "SIGHUP", None)
"""The terminal went away; a signal that Windows has not."""
ENDING = (signal.SIGTERM,) if HANGUP is None else (signal.SIGTERM, HANGUP)
"""Signals that end a lab as Ctrl-C does."""
TURN = 0.5
"""Seconds that the main thread waits at a stretch."""
T = TypeVar("T")


def print_note(text: str) -> None:
    """A line for the person, on stderr, so that it never mixes with JSON or a piped log."""
    try:
        sys.stderr.write(f"hatlab: {text}\n")
        sys.stderr.flush()
    except OSError:
        pass  # nobody is there to read it


def lab_id(engine: Engine) -> str:
    """The id under which the engine labels what it makes; a new one for an engine that labels nothing."""
    found = getattr(engine, "lab", None)
    return found if isinstance(found, str) else secrets.token_hex(3)


class Attachments:
    """What runs beside a session: the recorder and the control socket.

    Attributes:
        recording: where the run is recorded, None if it is not.
    """

    def __init__(self, session: Session, recording: Path | None, live: bool, context: str | None) -> None:
        self.recording = recording
        self._session = session
        self._recorder: Recorder | None = None
        self._server: ControlServer | None = None
        if recording is not None:
            self._recorder = Recorder(session, open_recording(recording), warn=print_note)
        if live:
            self._server = _serve(session, lab_id(session.engine), context)

    def close(self) -> None:
        """Ends the session, in any case, and what runs beside it. Safe to call twice."""
        try:
            self._session.stop()
        finally:
            if self._server is not None:
                self._server.close()
            if self._recorder is not None:
                self._recorder.close()


@contextmanager
def attach(
    session: Session, *, record: Path | None, live: bool = True, context: str | None = None
) -> Iterator[Attachments]:
    """Runs the recorder and the control socket beside a session; at the end the lab is gone, in any case.

    Args:
        session: not started yet.
        record: where to record; None for a file among the last few.
        live: False for a recording, which is neither recorded again nor controlled.
        context: the Docker context, told to `hatlab shell`.
    """
    found = Attachments(session, (record or _own_recording(session)) if live else None, live, context)
    try:
        yield found
    finally:
        with ignoring_interrupts():
            found.close()


def _own_recording(session: Session) -> Path | None:
    """A file among the last few; None, with a word, where none can be made: the lab runs all the same."""
    try:
        path = default_recording(recordings_dir(), time.strftime("%Y%m%d-%H%M%S-") + lab_id(session.engine))
        open_recording(path).close()
    except (UserError, OSError) as error:
        print_note(f"this run is not recorded: {error}")
        return None
    return path


def _serve(session: Session, lab: str, context: str | None) -> ControlServer | None:
    """The control socket. Without one the lab runs all the same, only `hatlab do` does not."""
    place = {"context": context, "docker_host": os.environ.get("DOCKER_HOST")}
    try:
        return ControlServer(session, sockets_dir(), lab, place)
    except (OSError, AttributeError, UserError) as error:
        print_note(f"no control socket, so `hatlab do` will not find this lab ({error})")
        return None


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """While the lab is being removed a second Ctrl-C is answered, not obeyed."""

    def answer(_number: int, _frame: FrameType | None) -> None:
        print_note("the lab is being removed, a moment please")

    with handling_signals(answer, signal.SIGINT, *ENDING):
        yield


@contextmanager
def handling_signals(handler: object, *signals: int) -> Iterator[None]:
    """Signals handled so for a while. Does nothing off the main thread, where Python allows none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in signals}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _end(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the lab as Ctrl-C does."""
    with handling_signals(_end, *ENDING):
        yield


def result_interruptibly(future: Future[T]) -> T:
    """What a future comes to, as `future.result()`, but a signal is always heard meanwhile.

    A signal that another thread received, or that came just before the main thread began to wait, does not
    end a wait without a limit: Python would run its handler when the future is done, minutes later.
    """
    while not future.done():
        wait([future], TURN)
    return future.result()


class ScriptPlayer:
    """Plays a script's steps on a thread, at their times after ready.

    Attributes:
        failures: what could not be done, in sentences.
        finished: whether all of it was played.
        end: whether it said `end`.
    """

    def __init__(self, session: Session, steps: Sequence[ScriptLine]) -> None:
        self.failures: list[str] = []
        self.finished = False
        self.end = False
        self._session = session
        self._steps = steps
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, name="script", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No further step is begun."""
        self._stop.set()

    def _play(self) -> None:
        session = self._session
        while not session.wait_for(lambda s: s.ready, 1.0):
            if session.ended or self._stop.is_set():
                return
        ready_at = session.state.phases["ready"][1]
        for step in self._steps:
            if not self._wait_until(ready_at + step.at):
                return
            if step.words == ("end",):
                self.end = True
                break
            self._do(step)
        self.finished = True

    def _do(self, step: ScriptLine) -> None:
        layout = self._session.state.layout
        assert layout is not None, "a ready lab has told its layout"
        try:
            self._session.act(step.action(layout))
        except LabError as error:
            self.failures.append(f"line {step.line}, {' '.join(step.words)}: {error.message}")

    def _wait_until(self, at: float) -> bool:
        """Waits for a moment of the lab's clock; False if the lab ended before."""
        while (left := at - self._session.engine.now()) > 0:
            if self._stop.wait(min(left, 0.25)) or self._session.ended:
                return False
        return not (self._session.ended or self._stop.is_set())
