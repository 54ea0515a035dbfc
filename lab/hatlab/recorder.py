"""Records a run: a reader of the session that writes each event as a line of JSON.

The format is that of `hatlab.events`; the first line is the `lab` event with its `version`. A full disk ends
the recording, never the lab. `hatlab.engine.replay` reads recordings.

The recording of a lesson only grows: where time was set back, it says so and goes on, and each thing that the
learner did has the digest of all that stands before it. On a full disk it waits for room, and nothing is left
out: a learner's marks follow from it.
"""

from __future__ import annotations

import hashlib
import io
import threading
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.journal import Journal, SetBack
from hatlab.session import Reader, Session
from hatlab.teacher import TeacherLine
from hatlab.util.files import is_full, open_output
from hatlab.util.paths import LESSON_SUFFIX

KEEP, KEEP_LESSONS = 5, 50
"""Recordings kept in the state folder: of labs, and of lessons, which may have to be handed in."""
SEAL_DIGITS = 16
_PIECE = 2000
"""Characters written at a time: they fit into a file's buffer, which keeps what a full disk refuses."""
_LOOK_FOR_ROOM_EVERY = 1.0
NO_ROOM = "The disk is full. What you do is recorded once there is room, if you stay here. Tell your teacher."
ROOM_AGAIN = "There is room on the disk again: all that you did is recorded."
_STAMP = "%Y%m%d-%H%M%S"


def open_recording(path: Path) -> IO[str]:
    """Open a file to record into.

    Raises:
        UserError: it is not empty, or cannot be written.
    """
    try:
        if path.is_file() and path.stat().st_size:
            raise UserError(f"{path} exists", "give another name, or delete it first")
        return io.TextIOWrapper(open_output(path, 0o600), encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot record to {path}: {error.strerror}") from None


def default_recording(folder: Path, lab: str, *, lesson: bool = False, keep: int | None = None) -> Path:
    """Return a new path `DATE-TIME-LAB.jsonl` in `folder`, after removing all but the newest of its kind.

    The names give their order. Where the clock was set back, a new one still gets the latest time.

    Args:
        folder: where recordings are kept.
        lab: what the lab is called in the name.
        lesson: it is of a lesson, and ends in `LESSON_SUFFIX`.
        keep: how many of its kind are kept, 0 for all; `KEEP` or `KEEP_LESSONS` if left out.
    """
    old = [path for path in sorted_recordings(folder) if path.name.endswith(LESSON_SUFFIX) == lesson]
    keep = (KEEP_LESSONS if lesson else KEEP) if keep is None else keep
    for path in old[: max(0, len(old) - keep + 1)] if keep else ():
        path.unlink(missing_ok=True)
    stamp = time.strftime(_STAMP)
    if old and (latest := old[-1].name[: len(stamp)]) >= stamp:
        with suppress(ValueError):  # a name of a person's
            moment = datetime.strptime(latest, _STAMP).replace(tzinfo=UTC)
            stamp = (moment + timedelta(seconds=1)).strftime(_STAMP)
    return folder / f"{stamp}-{lab}{LESSON_SUFFIX if lesson else '.jsonl'}"


def sorted_recordings(folder: Path) -> list[Path]:
    """Return the recordings of a folder, the oldest first."""
    return sorted(folder.glob("*.jsonl"), key=lambda path: path.name)


class Recorder:
    """Writes a session's events until it ends; flushes at least every second.

    Args:
        session: recorded from its beginning.
        out: an open text file; closed by `close`.
        warn: called once with a sentence if writing fails.
        lesson: keep also what was undone when time was set back, and what the learner did; wait for room on a
            full disk.
    """

    def __init__(
        self,
        session: Session,
        out: IO[str],
        *,
        warn: Callable[[str], None] | None = None,
        lesson: bool = False,
    ) -> None:
        self._source = _Courses(session.journal()) if lesson else _OneCourse(session.reader(), out)
        self._session = session
        self._waits_for_room = lesson
        self._out = out
        self._warn = warn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            while not self._is_done():
                self._write(self._source.read(0.5))
        except OSError as error:
            self._on_disk_error(error)
        finally:
            with suppress(OSError):  # the same full disk, reported already
                self._out.close()

    def _is_done(self) -> bool:
        """True once the session has ended or `close` was called, and everything is written."""
        if not (self._stop.is_set() or self._session.ended):
            return False
        while lines := self._source.read(0.0):
            self._write(lines)
        return True

    def _write(self, lines: str) -> None:
        for begin in range(0, len(lines), _PIECE):
            self._out.write(lines[begin : begin + _PIECE])
            self._flush()

    def _flush(self) -> None:
        """Flush, once there is room for it.

        Raises:
            OSError: it cannot be written, or the lab ends before there is room.
        """
        told = False
        while True:
            try:
                self._out.flush()
            except OSError as error:
                if not (self._waits_for_room and is_full(error)) or self._stop.wait(_LOOK_FOR_ROOM_EVERY):
                    raise
                if not told:
                    self._session.teacher.tell(TeacherLine(NO_ROOM, "hatlab"))
                    told = True
            else:
                if told:
                    self._session.teacher.tell(TeacherLine(ROOM_AGAIN, "hatlab"))
                return

    def _on_disk_error(self, error: OSError) -> None:
        text = f"the recording ends here: {error.strerror or error}"
        if self._warn is not None:
            self._warn(f"{text}; the lab keeps running")
        self._session.emit([e.Dropped(at=self._session.state.at, count=1, where=text)])


class _OneCourse:
    """Lines of the events that count: when time was set back, the file is emptied and begins anew."""

    def __init__(self, reader: Reader, out: IO[str]) -> None:
        self._reader, self._out = reader, out

    def read(self, timeout: float) -> str:
        batch = self._reader.drain(timeout)
        if batch.rewound:
            if batch.events and not isinstance(batch.events[0], e.Lab):
                raise OSError(0, "the lab went back in time to a moment that is no longer in memory")
            self._out.seek(0)
            self._out.truncate()
        return "".join(e.to_json(event) + "\n" for event in batch.events)


class _Courses:
    """Lines of all that happened; what a learner did has the digest of what stands before it."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._digest = journal, hashlib.sha256()
        self._next_line = 1
        self._fact_lines = array("I")
        """The line of each fact that counts."""

    def read(self, timeout: float) -> str:
        return "".join(map(self._to_line, self._journal.drain(timeout)))

    def _to_line(self, entry: e.Event | SetBack) -> str:
        if isinstance(entry, SetBack):
            lines = self._fact_lines
            first = lines[entry.facts] if entry.facts < len(lines) else self._next_line
            del lines[entry.facts :]
            entry = e.Rewound(at=entry.at, to=entry.to, line=first)
        elif isinstance(entry, e.Lab):
            entry = replace(entry, undone=True)
            self._fact_lines.append(self._next_line)
        elif isinstance(entry, e.Learner):
            entry = replace(entry, seal=self._digest.hexdigest()[:SEAL_DIGITS])
        elif not entry.derived:
            self._fact_lines.append(self._next_line)
        line = e.to_json(entry) + "\n"
        self._digest.update(line.encode())
        self._next_line += 1
        return line
