"""A recording as a file: opened by its first and last lines, read from any place, never read whole.

What cannot be read is named with its place, and the rest is given.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from hatlab import events as e
from hatlab.engine.replay.migrations import migrate
from hatlab.engine.replay.validation import event as shaped
from hatlab.errors import FileError, UserError
from hatlab.topology import Layout, Topology

LONGEST = 4 * 2**20
"""Bytes a line may have; the longest events are configurations of some kilobytes."""
TAIL = 64 * 1024
FAULTS = 1000
"""Faults kept; of more it is enough to know that there are."""
_WHAT = "a recording is what `hatlab start --record FILE` writes"
_FOREIGN = {
    b"\x0a\x0d\x0d\x0a": "a pcapng capture",
    b"\xd4\xc3\xb2\xa1": "a pcap capture",
    b"\xa1\xb2\xc3\xd4": "a pcap capture",
    b"\x1f\x8b": "compressed by gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"PK\x03\x04": "a zip archive",
    b"<!doctype html": "a web page",
    b"\x89PNG": "a picture",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line begins: bytes from the file's beginning, and its number from 1."""

    offset: int
    line: int


class RecordingFile:
    """A recording.

    Attributes:
        name: as the person wrote it.
        lab: the first event.
        begin: where it stands; further down only if the beginning was damaged.
        ends: the moment of the last event, s.
        faults: what could not be read so far, by line.

    Raises:
        UserError: no such file, or it may not be read.
        FileError: it is no recording.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.faults: dict[int, FileError] = {}
        try:
            self._path, self._kept = _seekable(path)
            with self._open() as lines:
                self.begin, data = self._first(lines)
                self.version = self._versioned(data)
                self.lab = self._lab(data)
                self.ends = max(self.lab.at, self._last(lines))
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}", "hatlab replay FILE.jsonl") from None

    def read(self, place: Place, at: float) -> Iterator[tuple[Place, e.Event]]:
        """The facts from a place on, each with the place after it.

        Derived events are left out. Lines that cannot be read come as one `Dropped` before the next fact,
        at the moment of the one before; `at` is that of the fact before `place`.

        Raises:
            UserError: the disk failed.
        """
        missed, first = 0, ""
        try:
            with self._open() as lines:
                for here, after, line in _lines(lines, place):
                    try:
                        found = None if not line.strip() else self._event(line)
                    except UserError as error:
                        missed += 1
                        fault = self._fault(here.line, error.message)
                        first = first or fault.message
                        place = after
                        continue
                    if found is not None and not found.derived:
                        if missed:
                            yield place, e.Dropped(at=at, count=missed, where=first)
                            missed, first = 0, ""
                        at = found.at
                        yield after, found
                    place = after
        except OSError as error:
            raise UserError(f"cannot read {self.name} any further: {error.strerror}") from None
        if missed:
            yield place, e.Dropped(at=at, count=missed, where=first)

    def find(self, place: Place, *kinds: str) -> Iterator[e.Event]:
        """The events of some kinds from a place on, derived ones too; others are not even decoded.

        Raises:
            UserError: the disk failed.
        """
        marks = tuple(f'"{kind}"'.encode() for kind in kinds)
        try:
            with self._open() as lines:
                for _, _, line in _lines(lines, place):
                    if any(mark in line for mark in marks):
                        try:
                            found = self._event(line)
                        except UserError:
                            continue  # told when it is played
                        if found.kind in kinds:
                            yield found
        except OSError as error:
            raise UserError(f"cannot read {self.name} any further: {error.strerror}") from None

    def close(self) -> None:
        """Removes the copy of what came through a pipe; nothing can be read then. Safe to call twice."""
        if self._kept is not None:
            self._kept.close()

    def _open(self) -> IO[bytes]:
        return self._path.open("rb", buffering=256 * 1024)

    def _event(self, line: bytes) -> e.Event:
        return shaped(migrate(_object(line), self.version))

    def _fault(self, line: int, message: str) -> FileError:
        fault = FileError(message, file=self.name, line=line)
        if len(self.faults) < FAULTS:
            self.faults[line] = fault
        return fault

    # -- the beginning

    def _first(self, lines: IO[bytes]) -> tuple[Place, dict[str, Any]]:
        """The `lab` event: the first line, or the first such line of a file that lost its beginning."""
        head = lines.read(16)
        if not head:
            raise FileError("this is no recording: it is empty", _WHAT, file=self.name)
        for magic, what in _FOREIGN.items():
            if head.lower().startswith(magic.lower()):
                raise FileError(f"this is no recording: it is {what}", _WHAT, file=self.name)
        readable, first = 0, ""
        for here, _, line in _lines(lines, Place(0, 1)):
            if b'"kind"' not in line and readable == 0 and here.line > 1000:
                break
            try:
                data = _object(line) if line.strip() else {}
            except UserError as error:
                first = first or error.message
                continue
            if data.get("kind") == e.Lab.kind:
                if here.line > 1:
                    self._fault(1, f"{first or 'this is no `lab` event'}; read from line {here.line} on")
                return here, data
            readable += data.get("kind") in e.KINDS
        raise FileError(
            f"this is no recording: {_nothing(readable, first)}",
            "a recording begins with the `lab` event: hatlab start --record FILE" if readable else _WHAT,
            file=self.name,
        )

    def _versioned(self, data: dict[str, Any]) -> int:
        version = data.get("version", 0)
        if type(version) is not int or version < 0:
            raise FileError(
                f"its version is {str(version)[:40]!r}", _WHAT, file=self.name, line=self.begin.line
            )
        if version > e.FORMAT:
            self._fault(
                self.begin.line,
                f"a newer hatlab wrote this (version {version}, this one knows {e.FORMAT}): upgrade hatlab",
            )
        return version

    def _lab(self, data: dict[str, Any]) -> e.Lab:
        """Raises: FileError: the topology is not to be understood, so nothing behind it is."""
        try:
            lab = shaped(migrate(data, self.version))
            assert isinstance(lab, e.Lab)
            Layout(lab.name, Topology.model_validate(lab.topology), lab.subnets)
        except (UserError, ValueError, KeyError) as error:
            newer = self.version > e.FORMAT
            raise FileError(
                f"the lab's own description cannot be read: {_first_of(error)}",
                "a newer hatlab wrote this: upgrade" if newer else _WHAT,
                file=self.name,
                line=self.begin.line,
            ) from None
        return lab

    def _last(self, lines: IO[bytes]) -> float:
        """The moment of the last readable line; a line that was cut off is noted."""
        size = lines.seek(0, 2)
        lines.seek(max(self.begin.offset, size - TAIL))
        moments = [self.lab.at]
        last = lines.read().splitlines(keepends=True)[-50:]
        for line in last:
            try:
                moments.append(self._event(line).at)
            except UserError as error:  # told when it is played, or only the second half of a line
                if line is last[-1] and not line.endswith(b"\n"):
                    self._fault(1 + _newlines(lines), error.message)
        return max(moments)


def _newlines(file: IO[bytes]) -> int:
    file.seek(0)
    return sum(part.count(b"\n") for part in iter(lambda: file.read(2**20), b""))


def _seekable(path: Path) -> tuple[Path, IO[bytes] | None]:
    """The path, or for a pipe that of a copy, which is gone once its file object is."""
    with path.open("rb") as file:
        if file.seekable():
            return path, None
        copy = tempfile.NamedTemporaryFile(prefix="hatlab-")  # noqa: SIM115  kept as long as the recording
        shutil.copyfileobj(file, copy)
        copy.flush()
        return Path(copy.name), copy


def _lines(file: IO[bytes], place: Place) -> Iterator[tuple[Place, Place, bytes]]:
    """(where it begins, where the next one begins, the line) from a place to the end."""
    file.seek(place.offset)
    while line := file.readline(LONGEST):
        offset = place.offset + len(line)
        whole = line.endswith(b"\n")
        while not whole and len(line) == LONGEST and (more := file.readline(LONGEST)):
            offset, whole = offset + len(more), more.endswith(b"\n")
        after = Place(offset, place.line + 1)
        yield place, after, line
        place = after


def _object(line: bytes) -> dict[str, Any]:
    """Raises: UserError: the line is no JSON object."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        cut = "" if line.endswith(b"\n") else "; the file ends in the middle of it"
        raise UserError(
            "this line is longer than any event" if len(line) >= LONGEST else f"this line is no JSON{cut}"
        ) from None
    if not isinstance(data, dict):
        raise UserError("this line is no JSON object")
    return data


def _first_of(error: Exception) -> str:
    """The first fault of a validation error, or the error's own words, on one line."""
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc'])) or 'topology'}: {found['msg']}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _nothing(readable: int, first: str) -> str:
    if readable:
        events = f"{readable} event{'' if readable == 1 else 's'}"
        return f"{events} can be read, but not the `lab` event, which tells whose they are"
    return f"it has no line that can be read ({first})" if first else "it has no event"
