"""What every front end of a lab needs: a recorder, a control socket, an orderly end on a signal.

`Ended` is raised in the main thread by SIGTERM and SIGHUP as KeyboardInterrupt is by SIGINT, so that one
`finally` removes the lab.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar

from hatlab.commands import Ended
from hatlab.commands.support.output import print_note
from hatlab.control.server import ControlServer
from hatlab.engine.base import Engine
from hatlab.errors import UserError
from hatlab.recorder import Recorder, default_recording, open_recording
from hatlab.session import Session
from hatlab.settings.effective import current_settings
from hatlab.util.kiosk import is_kiosk, is_seat
from hatlab.util.paths import recordings_dir, sockets_dir
from hatlab.util.signals import handling_signals

HANGUP = getattr(signal, "SIGHUP", None)
"""The signal that the terminal went away; Windows has none."""
ENDING = (signal.SIGTERM,) if HANGUP is None else (signal.SIGTERM, HANGUP)
"""Signals that end a lab as Ctrl-C does."""
WAIT_SLICE = 0.5
"""Seconds that the main thread waits at a stretch."""
T = TypeVar("T")


def lab_id(engine: Engine) -> str:
    """Return the id under which the engine labels what it makes; a new one if it labels nothing."""
    label = getattr(engine, "lab", None)
    return label if isinstance(label, str) else secrets.token_hex(3)


class Attachments:
    """What runs alongside a session: the recorder and the control socket.

    `lesson`: what the learner does is recorded, too, and what was undone stays in the file.
    """

    def __init__(
        self,
        session: Session,
        recording: Path | None,
        live: bool,
        context: str | None,
        *,
        lesson: bool = False,
    ) -> None:
        self.recording = recording
        """Where the run is recorded, None if it is not."""
        self._session = session
        self._recorder: Recorder | None = None
        self._server: ControlServer | None = None
        if recording is not None:
            self._recorder = Recorder(session, open_recording(recording), warn=print_note, lesson=lesson)
        if live:
            self._server = _start_control_server(session, lab_id(session.engine), context)

    @property
    def told_recording(self) -> Path | None:
        """Where the run is recorded, as far as people are told: a guest in a kiosk is not."""
        return None if is_kiosk(os.environ) else self.recording

    def close(self) -> None:
        """End the session, in any case, and what runs alongside it. Safe to call twice."""
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
    """Run the recorder and the control socket alongside a session; at the end the lab is gone, in any case.

    Args:
        session: not started yet.
        record: where to record; None for a file among the last few.
        live: False for a recording, which is neither recorded again nor controlled.
        context: the Docker context, for `hatlab shell`.
    """
    recording = (record or new_recording(session)) if live else None
    attachments = Attachments(session, recording, live, context)
    try:
        yield attachments
    finally:
        with ignoring_interrupts(session):
            attachments.close()


def new_recording(session: Session, lesson: str = "") -> Path | None:
    """Make a file among the last few, or in the folder of the settings; None if they want none.

    None, with a note, if that fails, too: the lab runs all the same.

    Args:
        session: to be recorded.
        lesson: the id of the lesson of which it is the recording. In a seat of a class all of these are kept.
    """
    settings = current_settings()
    if settings["record"] is False:
        return None
    keep = 0 if lesson and is_seat(os.environ) else None
    try:
        folder = settings.recording_folder()
        if folder is None:
            folder = recordings_dir()
        else:
            folder.mkdir(parents=True, exist_ok=True)
            keep = 0
        name = lesson or lab_id(session.engine)
        path = default_recording(folder, name, lesson=bool(lesson), keep=keep)
        open_recording(path).close()
    except (UserError, OSError) as error:
        print_note(f"this run is not recorded: {error}")
        return None
    return path


def _start_control_server(session: Session, lab: str, context: str | None) -> ControlServer | None:
    """Open the control socket; None, with a note, if that fails: the lab runs, only `hatlab do` does not."""
    docker = {"context": context, "docker_host": os.environ.get("DOCKER_HOST")}
    try:
        return ControlServer(session, sockets_dir(), lab, docker)
    except (OSError, UserError) as error:
        reason = error.message if isinstance(error, UserError) else error.strerror
        print_note(f"without a control socket `hatlab do` will not find this lab ({reason})")
        return None


@contextmanager
def ignoring_interrupts(*sessions: Session) -> Iterator[None]:
    """Answer a second Ctrl-C while labs are being removed, but obey it only where an engine is silent."""

    def answer(_number: int, _frame: FrameType | None) -> None:
        if not sum(session.give_up() for session in sessions):  # each of them
            print_note("the lab is being removed; one moment")

    with handling_signals(answer, signal.SIGINT, *ENDING):
        yield


def _raise_ended(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the lab as Ctrl-C does."""
    with handling_signals(_raise_ended, *ENDING):
        yield


def result_interruptibly(future: Future[T]) -> T:
    """Return a future's result, as `future.result()` does, but obey a signal meanwhile.

    A signal that another thread received, or that came just before the main thread began to wait, does not
    end a wait without a limit: Python would run its handler when the future is done, minutes later.
    """
    while not future.done():
        wait([future], WAIT_SLICE)
    return future.result()
