"""A pipe that nobody reads must not keep hatlab from ending."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class PipeGuard:
    """Breaks off a write to a full pipe when the lab has ended, or is to end.

    Args:
        is_over: tells that; asked in the main thread, between two instructions.
    """

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self._is_over = is_over
        self._writing = False

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
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE, PATIENCE)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        if self._writing and self._is_over() and stdout_takes_no_more():
            raise BrokenPipeError
