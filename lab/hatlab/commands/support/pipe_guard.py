"""A pipe that nobody reads must not keep hatlab from ending."""

from __future__ import annotations

import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from hatlab.util.files import discard_output
from hatlab.util.signals import handling_signals

PATIENCE = 1.0
"""Seconds that a reader has to take what is left, once there is nothing to wait for but it."""


def stdout_takes_no_more() -> bool:
    """Return True if stdout is a pipe that is full."""
    try:
        number = sys.stdout.fileno()
        poll = select.poll()
        poll.register(number, select.POLLOUT)
        return not poll.poll(0)
    except (OSError, ValueError, AttributeError):  # no file, or no poll on this system
        return False


def drop_what_nobody_reads() -> None:
    """Let what is still to be written to a full pipe go nowhere."""
    if stdout_takes_no_more():
        with suppress(OSError, ValueError):
            discard_output(sys.stdout.fileno())


def check_stdout() -> None:
    """Notice that the reader of our pipe has gone, even when there is nothing to write.

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


class PipeGuard:
    """Breaks off the main thread's write to a full pipe once the lab has ended, until told to be `patient`.

    No signal is sent before: it would cut a write short, and where Python does not buffer stdout
    (PYTHONUNBUFFERED) what is left of it would be lost.

    Args:
        has_ended: tells whether the lab has; asked on a thread of the guard's own.
    """

    def __init__(self, has_ended: Callable[[], bool]) -> None:
        self._has_ended = has_ended
        self._writing = False
        self.patient = False
        """True while a reader may take all the time it wants, as a pager does."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Meanwhile the main thread writes.

        Raises:
            BrokenPipeError: nobody reads, and it is over.
        """
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look now and then, as long as this lasts, whether a write is to be broken off."""
        main = threading.main_thread()
        if not hasattr(signal, "pthread_kill") or threading.current_thread() is not main:
            yield
            return
        done = threading.Event()

        def watch() -> None:
            while not done.wait(PATIENCE):
                if self._is_stuck() and main.ident is not None:
                    signal.pthread_kill(main.ident, signal.SIGUSR1)

        watcher = threading.Thread(target=watch, name="pipe-guard", daemon=True)
        with handling_signals(self._break_off, signal.SIGUSR1):
            watcher.start()
            try:
                yield
            finally:
                done.set()
                watcher.join()

    def _is_stuck(self) -> bool:
        return self._writing and not self.patient and self._has_ended() and stdout_takes_no_more()

    def _break_off(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_stuck():
            raise BrokenPipeError
