"""What a teacher says while a learner is in a node's shell, where the app does not draw."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hatlab.session import Session
from hatlab.teacher import GO_ON
from hatlab.util.terminal import EMPTY_LINE

LOOK_EVERY = 0.25
"""Seconds between two looks whether a teacher says something."""
LOOK_UP_IN_SHELL = "Your teacher: {text}."


@contextmanager
def hearing_teacher(session: Session, keep: Callable[[str], object]) -> Iterator[None]:
    """Write what a teacher says between a shell's lines, for the length of a block.

    Args:
        session: of the lab.
        keep: is given each line too, so that it can be read again.
    """
    left = threading.Event()

    def listen() -> None:
        frozen = session.follow_teacher()
        while not left.wait(LOOK_EVERY):
            before, frozen = frozen, session.follow_teacher()
            lines = [str(line) for line in session.teacher.take_lines()]
            for line in lines:
                keep(line)
            if frozen != before:
                lines.append(GO_ON if frozen is None else LOOK_UP_IN_SHELL.format(text=frozen))
            for line in lines:
                sys.stdout.write(EMPTY_LINE)  # in place of the prompt
                sys.stdout.write(f"✉ {line}\n")
                sys.stdout.write(EMPTY_LINE)
            sys.stdout.flush()

    thread = threading.Thread(target=listen, name="teacher", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()
