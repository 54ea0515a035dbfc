"""Records a run: a reader of the session that writes each event as a line of JSON.

The format is that of `hatlab.events`; the first line is the `lab` event with its `version`. A full disk ends
the recording, never the lab. `hatlab.engine.replay` reads recordings.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.session import Batch, Session
from hatlab.util.files import open_output

KEEP = 5
"""Recordings kept in the state folder."""
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


def default_recording(folder: Path, lab: str) -> Path:
    """Return a new path `DATE-TIME-LAB.jsonl` in `folder`, after removing all but the newest ones there.

    The names give their order. Where the clock was set back, a new one still gets the latest time.
    """
    old = sorted_recordings(folder)
    for path in old[: max(0, len(old) - KEEP + 1)]:
        path.unlink(missing_ok=True)
    stamp = time.strftime(_STAMP)
    if old and (latest := old[-1].name[: len(stamp)]) >= stamp:
        with suppress(ValueError):  # a name of a person's
            moment = datetime.strptime(latest, _STAMP).replace(tzinfo=UTC)
            stamp = (moment + timedelta(seconds=1)).strftime(_STAMP)
    return folder / f"{stamp}-{lab}.jsonl"


def sorted_recordings(folder: Path) -> list[Path]:
    """Return the recordings of a folder, the oldest first."""
    return sorted(folder.glob("*.jsonl"), key=lambda path: path.name)


class Recorder:
    """Writes a session's events until it ends; flushes at least every second.

    Args:
        session: recorded from its beginning.
        out: an open text file; closed by `close`.
        warn: called once with a sentence if writing fails.
    """

    def __init__(self, session: Session, out: IO[str], *, warn: Callable[[str], None] | None = None) -> None:
        self._reader = session.reader()
        self._session = session
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
                self._write(self._reader.drain(timeout=0.5))
        except OSError as error:
            self._on_disk_error(error)
        finally:
            with suppress(OSError):  # the same full disk, reported already
                self._out.close()

    def _is_done(self) -> bool:
        """True once the session has ended or `close` was called, and everything is written."""
        if not (self._stop.is_set() or self._session.ended):
            return False
        while (batch := self._reader.drain()).events:
            self._write(batch)
        return True

    def _write(self, batch: Batch) -> None:
        """Write events. When time was set back, first empty the file, so that it tells one course."""
        if batch.rewound:
            if batch.events and not isinstance(batch.events[0], e.Lab):
                raise OSError(0, "the lab went back in time to a moment that is no longer in memory")
            self._out.seek(0)
            self._out.truncate()
        if batch.events:
            self._out.write("".join(e.to_json(event) + "\n" for event in batch.events))
            self._out.flush()

    def _on_disk_error(self, error: OSError) -> None:
        text = f"the recording ends here: {error.strerror or error}"
        if self._warn is not None:
            self._warn(f"{text}; the lab keeps running")
        self._session.emit([e.Dropped(at=self._session.state.at, count=1, where=text)])
