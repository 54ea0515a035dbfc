"""A recording is an engine too: it emits what was observed, at the pace it was; nothing can be done to it.

Derived events are left out; the session derives them again. What cannot be read is named with its place and
the rest is shown.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from lab import events as e
from lab.actions import Action
from lab.engine.base import Emit
from lab.errors import ActionFailed, FileError, UserError

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""Version → what turns one event of it, as data, into one of the next version."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file held: the observed events in order, and what could not be read."""

    events: tuple[e.Event, ...]
    faults: tuple[FileError, ...] = ()


def read_recording(path: Path) -> Recording:
    """Reads a recording.

    Raises:
        UserError: no such file.
        FileError: it is no recording, or a newer hatlab wrote it.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return parse_recording(lines, str(path))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "hatlab replay FILE.jsonl") from None


def parse_recording(lines: Iterable[str], file: str = "recording") -> Recording:
    """`read_recording` for lines of text."""
    found: list[e.Event] = []
    faults: list[FileError] = []
    version = e.FORMAT
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = _object(line)
            if not found:
                version = _version(data, file, number)
            event = e.from_dict(_migrate(data, version))
            if not isinstance(event.at, int | float):
                raise UserError(f"`at` is no number: {event.at!r}")
        except FileError:
            raise
        except (UserError, TypeError) as error:
            faults.append(FileError(str(error), file=file, line=number))
            continue
        if not event.derived:
            found.append(event)
    if not found:
        what = "it has no line that can be read" if faults else "it is empty"
        raise FileError(
            f"this is no recording: {what}",
            "a recording is what `hatlab start --record FILE` writes",
            file=file,
        )
    return Recording(tuple(found), tuple(faults))


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        cut = "" if line.endswith("\n") else "; the file ends in the middle of it"
        raise UserError(f"this line is no JSON{cut}") from None
    if not isinstance(data, dict):
        raise UserError("this line is no JSON object")
    return data


def _version(first: dict[str, Any], file: str, line: int) -> int:
    """The recording's version, from its first line."""
    version = first.get("version")
    if first.get("kind") != e.Lab.kind or not isinstance(version, int):
        hint = "a recording begins with the `lab` event: hatlab start --record FILE"
        raise FileError("this is no recording: the first line is no `lab` event", hint, file=file, line=line)
    if version > e.FORMAT:
        hint = f"this one reads up to version {e.FORMAT}: upgrade hatlab"
        raise FileError(f"a newer hatlab wrote this (version {version})", hint, file=file, line=line)
    return version


def _migrate(data: dict[str, Any], version: int) -> dict[str, Any]:
    for step in range(version, e.FORMAT):
        data = MIGRATIONS[step](data)
    return data


class ReplayEngine:
    """Plays a recording.

    Args:
        path: the file.
        speed: 2.0 is twice as fast as it was.
        as_fast: emit everything at once, in batches, without waiting.
    """

    name: ClassVar[str] = "replay"
    live: ClassVar[bool] = False

    def __init__(self, path: Path, speed: float = 1.0, *, as_fast: bool = False) -> None:
        self.recording = read_recording(path)
        self.finished = threading.Event()
        self._speed = speed
        self._as_fast = as_fast
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._from = self.recording.events[0].at
        self._thread: threading.Thread | None = None

    def start(self, emit: Emit) -> None:
        """Begins to play; returns at once: a recording is ready when its own `ready` has been played."""
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._play, args=(emit,), name="replay", daemon=True)
        self._thread.start()

    def now(self) -> float:
        """The moment of the recording that is being played."""
        if self._as_fast:
            return self.recording.events[-1].at
        return self._from + (time.monotonic() - self._began) * self._speed

    def _play(self, emit: Emit) -> None:
        first, *rest = self.recording.events
        faults = self.recording.faults
        emit([first])
        if faults:
            emit([e.Dropped(at=first.at, count=len(faults), where=faults[0].message)])
        batch: list[e.Event] = []
        for event in rest:
            if not self._as_fast and event.at > self.now():
                emit(batch)
                batch = []
                self._wait(event.at)
            if self._stop.is_set():
                return
            batch.append(event)
            if len(batch) >= 500:
                emit(batch)
                batch = []
        emit(batch)
        self.finished.set()

    def _wait(self, until: float) -> None:
        self._stop.wait(max(0.0, (until - self.now()) / self._speed))

    def act(self, action: Action) -> str:
        raise ActionFailed(f"a recording cannot be changed: {action}", "`hatlab start` runs a live lab")

    def check(self, node: str, text: str) -> list[str]:
        """There is no keepalived to ask."""
        raise ActionFailed(
            f"{node} is a recording: there is no keepalived to ask", f"({len(text)} bytes were given)"
        )

    def shell(self, node: str) -> int:
        raise ActionFailed(
            f"{node} is a recording: there is no shell in it", "`hatlab start` runs a live lab"
        )

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)
