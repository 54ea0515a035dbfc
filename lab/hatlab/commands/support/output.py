"""Lines for the person who runs a command: on stdout its answer, on stderr notes and progress."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from hatlab.commands.support.json_output import print_json, refuse_on_stdout
from hatlab.util.files import write_text


def print_line(text: str) -> None:
    """Write a line to stdout at once."""
    sys.stdout.write(text)
    sys.stdout.write("\n")
    sys.stdout.flush()


def print_progress(text: str) -> None:
    """Write a line of progress to stderr at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def print_note(text: str) -> None:
    """Write a note to stderr, so that it never mixes with JSON or a piped log."""
    with suppress(OSError):  # nobody is there to read it
        print_progress(f"hatlab: {text}")


def write_export(path: Path, text: str, what: str, *, as_json: bool = False) -> int:
    """Write a learner's own record to a file, `-` for stdout; return the exit code.

    Raises:
        UserError: it cannot be written, or an answer in JSON has no place beside it.
    """
    if str(path) == "-":
        if as_json:
            raise refuse_on_stdout("the export")
        sys.stdout.write(text)
        return 0
    write_text(path, text)
    if as_json:
        print_json({"file": str(path), "what": what})
    else:
        sys.stdout.write(f"{path}: {what}\n")
    return 0
