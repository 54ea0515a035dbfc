"""`--json`: what a command tells as objects, one a line, each of which says what it is (docs/json.md).

On stdout are the answers, on stderr notes and the error, in the same envelope. A stream of events has none:
its form and version are those of docs/events.md.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TextIO, cast

from hatlab.errors import CaptureError, FileError, LabError, UserError
from hatlab.util.visible import to_json

VERSION = 1
"""Of the envelope and all that is in it; keys are added without a new one."""
OPTION = "--json"
_command: ContextVar[str] = ContextVar("command", default="")


def add_json_option(parser: ArgumentParser, text: str = "print one JSON object instead of text") -> None:
    """Add `--json`; the text says what is printed."""
    parser.add_argument(OPTION, action="store_true", help=text)


def wants_json(arguments: Sequence[str]) -> bool:
    """Return True if a command line asks for JSON, also one that is wrong otherwise."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return OPTION in options


def refuse_beside_json(args: Namespace, *options: str) -> None:
    """Say of options that would have no effect.

    Raises:
        UserError: one of them is given together with --json.
    """
    for option in options:
        if args.json and getattr(args, option) not in (None, False):
            raise UserError(f"--{option} has no meaning together with --json", "leave out one of the two")


def refuse_on_stdout(what: str) -> UserError:
    """Return the error for something that is written to stdout, where an answer has no place beside it."""
    return UserError(f"stdout is {what} itself, so --json has no place there", "name a file to write")


def print_json(data: Mapping[str, Any]) -> None:
    """Write an answer to stdout at once, in its envelope, as one line."""
    sys.stdout.write(_line(data))
    sys.stdout.flush()


@contextmanager
def json_output(command: str) -> Iterator[None]:
    """Meanwhile answers are those of this command, and what is written to stderr becomes notes."""
    token, before = _command.set(command), sys.stderr
    notes = _NoteStream(before)
    sys.stderr = cast(TextIO, notes)
    try:
        yield
    finally:
        with suppress(OSError):
            notes.end()
        sys.stderr = before
        _command.reset(token)


def write_json_error(error: LabError) -> bool:
    """Write an error to stderr as JSON and return True, if that is asked for."""
    if not isinstance(sys.stderr, _NoteStream):
        return False
    data: dict[str, Any] = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
    if isinstance(error, FileError):
        data |= {"file": error.file, "line": error.line, "column": error.column}
    elif isinstance(error, CaptureError):
        data |= {"file": error.file, "frame": error.frame, "byte": error.byte}
    sys.stderr.write_object({"error": data})
    return True


def _line(data: Mapping[str, Any]) -> str:
    envelope = {"format": f"hatlab {_command.get()}".rstrip(), "version": VERSION}
    return to_json(envelope | dict(data)) + "\n"


class _NoteStream:
    """A stderr on which each line of text becomes a note; it is no terminal, so nothing draws on it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(None, map(str.strip, lines)):
            self.write_object({"note": line.removeprefix("hatlab: ")})
        return len(text)

    def writelines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.write(line)

    def write_object(self, data: Mapping[str, Any]) -> None:
        self._stream.write(_line(data))
        self._stream.flush()

    def end(self) -> None:
        """Write a line that was begun."""
        if self._begun:
            self.write("\n")

    def isatty(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
