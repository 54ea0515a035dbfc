"""Follows the lab and its teacher while a learner is in a node's shell, where the app does not draw."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hatlab.teacher import GO_ON
from hatlab.util.terminal import EMPTY_LINE

LOOK_EVERY = 0.25
"""Seconds between two looks whether there is something to say."""
LOOK_UP_IN_SHELL = "Your teacher: {text}. Keys do nothing until you can go on."

Follow = Callable[[], tuple[str | None, Sequence[str]]]
"""Follows everything up to now; returns why the learner is to look up, if so, and what is to be said."""


@contextmanager
def following_in_shell(follow: Follow) -> Iterator[None]:
    """Follow the lab from a thread of its own, and write what is to be said between a shell's lines.

    Args:
        follow: is called again and again, and once when the shell is left.
    """
    left = threading.Event()

    def listen() -> None:
        frozen: str | None = None
        while True:
            is_last = left.wait(LOOK_EVERY)
            before = frozen
            frozen, lines = follow()
            if is_last:
                return  # the app says it from now on
            if frozen != before:
                lines = [*lines, GO_ON if frozen is None else LOOK_UP_IN_SHELL.format(text=frozen)]
            for line in lines:
                sys.stdout.write(EMPTY_LINE)  # in place of the prompt
                sys.stdout.write(f"✉ {line}\n")
                sys.stdout.write(EMPTY_LINE)
            sys.stdout.flush()

    thread = threading.Thread(target=listen, name="shell company", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()
