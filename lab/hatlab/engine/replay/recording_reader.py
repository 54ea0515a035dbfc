"""Reads a recording: opened by its first and last lines, read from any offset, never loaded whole.

A line that cannot be read is noted with its number, and reading goes on behind it.
"""

from __future__ import annotations

import errno
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from hatlab import events as e
from hatlab.engine.event_lines import plain_event
from hatlab.engine.replay.migrations import migrate
from hatlab.engine.replay.undone import Offset, find_undone
from hatlab.engine.validation import validated_event
from hatlab.errors import FileError, UserError
from hatlab.state.model import layout_of
from hatlab.util.files import open_input
from hatlab.util.text import plural

MAX_LINE = 4 * 2**20
"""Bytes of a line at most; the longest events are configurations of some kilobytes."""
MOST_THROUGH_A_PIPE = 2**30
"""Bytes."""
TAIL = 64 * 1024
"""Bytes at the end in which the last event is looked for."""
MAX_ERRORS = 1000
"""Unreadable lines that are remembered."""
_DEFINITION = "a recording is what `hatlab start --record FILE` writes"
_OTHER_FORMATS = {
    b"\x0a\x0d\x0d\x0a": "a pcapng capture",
    b"\xd4\xc3\xb2\xa1": "a pcap capture",
    b"\xa1\xb2\xc3\xd4": "a pcap capture",
    b"\x1f\x8b": "compressed by gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"PK\x03\x04": "a zip archive",
    b"<!doctype html": "a web page",
    b"\x89PNG": "a picture",
}


class RecordingReader:
    """An open recording.

    Raises:
        UserError: no such file, or it may not be read.
        FileError: it is no recording.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        """As the user wrote it."""
        self.unreadable: dict[int, FileError] = {}
        """Line number → why it could not be read, for the lines read so far."""
        try:
            self._path, self._copy = _make_seekable(path)
            with self._open() as file:
                self.begin, data = self._find_lab_event(file)
                """Where the `lab` event stands: the first line, unless the beginning is damaged."""
                self.version = self._read_version(data)
                self.lab = self._read_lab(data)
                """The first event."""
                self._undone = find_undone(file) if self.lab.undone else {}
                self.ends = max(self.lab.at, self._find_end(file))
                """The moment of the last event, s."""
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}", "hatlab replay FILE.jsonl") from None

    def read(self, start: Offset | None = None, at: float | None = None) -> Iterator[tuple[Offset, e.Event]]:
        """Yield the facts from an offset on (all, if left out), each with the offset after it.

        Derived events are left out. Lines that cannot be read come as one `Dropped` before the next fact, at
        the moment of the fact before.

        Args:
            start: where to begin.
            at: the moment of the fact before `start`, s.

        Raises:
            UserError: the disk failed.
        """
        start, at = start or self.begin, self.lab.at if at is None else at
        missed, why = 0, ""
        try:
            with self._open() as file:
                for here, after, line in self._counting_lines(file, start):
                    try:
                        event = None if line.isspace() else self._decode(line)
                    except UserError as error:
                        missed += 1
                        message = self._note_unreadable(here.line, error.message).message
                        why = why or message
                    else:
                        if event is not None and not event.derived:
                            if missed:
                                yield here, e.Dropped(at=at, count=missed, where=why)
                                missed, why = 0, ""
                            at = event.at
                            yield after, event
                    start = after
        except OSError as error:
            raise UserError(f"cannot read {self.name} any further: {error.strerror}") from None
        if missed:
            yield start, e.Dropped(at=at, count=missed, where=why)

    def find(self, start: Offset, *kinds: str) -> Iterator[e.Event]:
        """Yield the events of some kinds from an offset on, derived ones too; others are not even decoded.

        Raises:
            UserError: the disk failed.
        """
        marks = tuple(f'"{kind}"'.encode() for kind in kinds)
        try:
            with self._open() as file:
                for _, _, line in self._counting_lines(file, start):
                    if any(mark in line for mark in marks):
                        try:
                            event = self._decode(line)
                        except UserError:
                            continue  # reported when it is played
                        if event.kind in kinds:
                            yield event
        except OSError as error:
            raise UserError(f"cannot read {self.name} any further: {error.strerror}") from None

    def close(self) -> None:
        """Remove the copy of what came through a pipe; nothing can be read after. Safe to call twice."""
        if self._copy is not None:
            self._copy.close()

    def _counting_lines(self, file: IO[bytes], here: Offset) -> Iterator[tuple[Offset, Offset, bytes]]:
        """Return lines as `_lines` does, without those that were undone."""
        return self._without_undone(file, here) if self._undone else _lines(file, here)

    def _without_undone(self, file: IO[bytes], here: Offset) -> Iterator[tuple[Offset, Offset, bytes]]:
        while True:
            undone = self._undone.get(here.byte)
            if undone is not None:
                here = undone
                continue
            for before, after, line in _lines(file, here):
                yield before, after, line
                if after.byte in self._undone:
                    here = after
                    break
            else:
                return

    def _open(self) -> IO[bytes]:
        return open_input(self._path)

    def _decode(self, line: bytes) -> e.Event:
        event = plain_event(line) if self.version >= e.FORMAT else None
        return event or validated_event(migrate(_parse_object(line), self.version))

    def _note_unreadable(self, line: int, message: str) -> FileError:
        error = FileError(message, file=self.name, line=line)
        if len(self.unreadable) < MAX_ERRORS:
            self.unreadable[line] = error
        return error

    # -- the beginning

    def _find_lab_event(self, file: IO[bytes]) -> tuple[Offset, dict[str, Any]]:
        """Return the `lab` event: the first line, or the first such line if the beginning is damaged."""
        head = file.read(16)
        if not head:
            raise FileError("this is not a recording: it is empty", _DEFINITION, file=self.name)
        for magic, what in _OTHER_FORMATS.items():
            if head.lower().startswith(magic.lower()):
                raise FileError(f"this is not a recording: it is {what}", _DEFINITION, file=self.name)
        file.seek(0)
        if len(file.readline(MAX_LINE)) >= MAX_LINE:  # of which the rest could take minutes to read
            message = "this is not a recording: its first line is longer than any event"
            raise FileError(message, _DEFINITION, file=self.name)
        readable, problem = 0, ""
        for here, _, line in _lines(file, Offset(0, 1)):
            if readable == 0 and (here.line > 1000 or here.byte > MAX_LINE) and b'"kind"' not in line:
                break
            try:
                data = _parse_object(line) if line.strip() else {}
            except UserError as error:
                problem = problem or error.message
                continue
            if data.get("kind") == e.Lab.kind:
                if here.line > 1:
                    self._note_unreadable(
                        1, f"{problem or 'this is not a `lab` event'}; read from line {here.line} on"
                    )
                return here, data
            kind = data.get("kind")
            readable += isinstance(kind, str) and kind in e.KINDS
        raise FileError(
            f"this is not a recording: {_why_no_recording(readable, problem)}",
            "a recording starts with the `lab` event; hatlab start --record FILE writes one"
            if readable
            else _DEFINITION,
            file=self.name,
        )

    def _read_version(self, data: dict[str, Any]) -> int:
        version = data.get("version", 0)
        if type(version) is not int or version < 0:
            raise FileError(
                f"its version is {str(version)[:40]!r}", _DEFINITION, file=self.name, line=self.begin.line
            )
        if version > e.FORMAT:
            self._note_unreadable(
                self.begin.line,
                f"a newer hatlab wrote this (version {version}; this one reads up to {e.FORMAT}): "
                f"upgrade hatlab",
            )
        return version

    def _read_lab(self, data: dict[str, Any]) -> e.Lab:
        """Raise FileError if the topology cannot be understood: then nothing after it can."""
        try:
            lab = validated_event(migrate(data, self.version))
            assert isinstance(lab, e.Lab)
            layout_of(lab)
        except (UserError, ValueError, KeyError) as error:
            newer = self.version > e.FORMAT
            raise FileError(
                f"the lab's own description cannot be read: {_first_message(error)}",
                "a newer hatlab wrote this: upgrade" if newer else _DEFINITION,
                file=self.name,
                line=self.begin.line,
            ) from None
        return lab

    def _find_end(self, file: IO[bytes]) -> float:
        """Return the moment of the last readable line; a last line that was cut off is noted."""
        begin = max([self.begin.byte, *(after.byte for after in self._undone.values())])
        file.seek(max(begin, file.seek(0, 2) - TAIL))
        moments = [self.lab.at]
        last_lines = file.read().splitlines(keepends=True)[-50:]
        for line in last_lines:
            try:
                moments.append(self._decode(line).at)
            except UserError as error:  # reported when it is played, or only the second half of a line
                if line is last_lines[-1] and not line.endswith(b"\n"):
                    self._note_unreadable(1 + _count_newlines(file), error.message)
        return max(moments)


def _count_newlines(file: IO[bytes]) -> int:
    file.seek(0)
    return sum(part.count(b"\n") for part in iter(lambda: file.read(2**20), b""))


def _make_seekable(path: Path) -> tuple[Path, IO[bytes] | None]:
    """Return the path, or for a pipe the path of a copy, which is gone once its file object is."""
    with open_input(path, pipe=True) as file:
        if path.is_file():
            return path, None
        copy = tempfile.NamedTemporaryFile(prefix="hatlab-")  # noqa: SIM115  kept as long as the recording
        while data := file.read(2**20):
            copy.write(data)
            if copy.tell() > MOST_THROUGH_A_PIPE:
                copy.close()
                raise OSError(errno.EFBIG, "more came through the pipe than a recording has")
        copy.flush()
        return Path(copy.name), copy


def _lines(file: IO[bytes], here: Offset) -> Iterator[tuple[Offset, Offset, bytes]]:
    """Yield (where it begins, where the next one begins, the line) from an offset to the end.

    Of a line that is too long only the beginning is given.
    """
    file.seek(here.byte)
    byte, number = here
    while line := file.readline(MAX_LINE):
        byte += len(line)
        whole = line.endswith(b"\n")
        while not whole and len(line) == MAX_LINE and (more := file.readline(MAX_LINE)):
            byte, whole = byte + len(more), more.endswith(b"\n")
        number += 1
        after = Offset(byte, number)
        yield here, after, line
        here = after


def _parse_object(line: bytes) -> dict[str, Any]:
    """Raise UserError if the line is no JSON object."""
    try:
        # of bytes alone, json would look for other encodings first
        data = json.loads(line.decode("utf-8", "surrogatepass") if line.startswith(b"{") else line)
    except (ValueError, RecursionError):
        cut = "" if line.endswith(b"\n") else "; the file ends in the middle of it"
        raise UserError(
            "this line is longer than any event" if len(line) >= MAX_LINE else f"this line is not JSON{cut}"
        ) from None
    if not isinstance(data, dict):
        raise UserError("this line is not a JSON object")
    return data


def _first_message(error: Exception) -> str:
    """Return the first message of a validation error, or the error's own, on one line."""
    if isinstance(error, ValidationError):
        details = error.errors()[0]
        return f"{'.'.join(map(str, details['loc'])) or 'topology'}: {details['msg']}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _why_no_recording(readable: int, problem: str) -> str:
    """Say why a file without a `lab` event is no recording, by the number of its readable events."""
    if readable:
        return plural(
            readable,
            "{count} event can be read, but not the `lab` event, which says which lab it belongs to",
            "{count} events can be read, but not the `lab` event, which says which lab they belong to",
        )
    return f"none of its lines can be read ({problem})" if problem else "it has no events"
