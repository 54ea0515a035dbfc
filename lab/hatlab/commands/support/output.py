"""Lines for the person who runs a command: on stdout its answer, on stderr notes and progress."""

from __future__ import annotations

import sys
from contextlib import suppress


def print_line(text: str) -> None:
    """Write a line to stdout at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_progress(text: str) -> None:
    """Write a line of progress to stderr at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def print_note(text: str) -> None:
    """Write a note to stderr, so that it never mixes with JSON or a piped log."""
    with suppress(OSError):  # nobody is there to read it
        print_progress(f"hatlab: {text}")
