"""The replay engine: emits the facts of a recording at any pace; nothing can be done to its lab.

Derived events are left out, since the session derives them again. A file of any length opens at once: it is
decoded while it is played.
"""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from hatlab import events as e
from hatlab.actions import Action
from hatlab.describe.shown_clock import show_moment
from hatlab.engine.base import Emit, IsHeld, OnLine, Rewind
from hatlab.engine.replay.recording_reader import RecordingReader
from hatlab.engine.replay.undone import Offset
from hatlab.errors import ActionFailed, UserError
from hatlab.util.standstill import StandstillDetector

SLOWEST, FASTEST = 0.01, 1000.0
"""Speeds that can be set."""
CHUNK = 500
"""Facts emitted together; between two chunks the clock can be stopped."""
LONGEST_WAIT = 1.0
"""Seconds between two looks at the clock."""
BOOKMARK_EVERY = 256
"""Facts between two remembered offsets of the file."""
KIND_OF = {"transition": "vrrp", "action": "action", "outage": "outage"}
"""What `next_moment` can look for → the kind of its events."""


class ReplayEngine:
    """Plays a recording; also a `hatlab.engine.base.Replayable`.

    Args:
        path: the file.
        speed: seconds of the recording a real second; 0 begins with the clock standing.
        begin: the moment to begin at, s; everything before it is emitted at once.
        as_fast: emit everything without waiting.

    Raises:
        UserError: no such file, or a speed or moment that cannot be.
        FileError: it is no recording.
    """

    name: ClassVar[str] = "replay"
    live: ClassVar[bool] = False

    def __init__(
        self, path: Path, speed: float = 1.0, *, begin: float | None = None, as_fast: bool = False
    ) -> None:
        self.recording = RecordingReader(path)
        self.finished = threading.Event()
        """Set while the end has been reached."""
        self._begin = self.recording.lab.at
        if begin is not None:
            self.begin_at(begin)
        self._as_fast = as_fast
        self._changed = threading.Condition(threading.RLock())
        self._stop = threading.Event()
        self._emit: Emit = _nowhere
        self._emitted, self._moment = 0, self.recording.lab.at
        self._bookmarks: list[tuple[int, Offset, float]] = [(0, self.recording.begin, self._moment)]
        self._offset = self.recording.begin
        self._upcoming: Iterator[tuple[Offset, e.Event]] = self.recording.read()
        self._next: tuple[Offset, e.Event] | None = None
        self._at_end = False
        self._origin = (time.monotonic(), self._moment)
        self._speed = self._before_pause = 1.0
        self._thread: threading.Thread | None = None
        self.speed = speed

    # -- time

    def now(self) -> float:
        """The moment of the recording that is shown now."""
        if self._as_fast:
            return self._moment
        began, moment = self._origin
        return min(moment + (time.monotonic() - began) * self._speed, max(self.recording.ends, self._moment))

    @property
    def ends(self) -> float:
        """The moment of the last event, s."""
        return self.recording.ends

    @property
    def speed(self) -> float:
        """Seconds of the recording per real second; 0 stops the clock."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value != 0 and not SLOWEST <= value <= FASTEST:
            raise ActionFailed(f"a recording cannot play at {value:g}×", f"give {SLOWEST:g} to {FASTEST:g}")
        with self._changed:
            self._set_clock(self.now())
            self._speed = value
            self._before_pause = value or self._before_pause
            self._changed.notify_all()

    def pause(self) -> None:
        """Stop the clock."""
        self.speed = 0.0

    def resume(self) -> None:
        """Let the clock run as fast as before `pause`."""
        self.speed = self._before_pause

    def step(self) -> None:
        """Go to the next fact other than a tick, and stop the clock there.

        Raises:
            ActionFailed: there is none.
        """
        with self._changed:
            self.pause()
            batch: list[e.Event] = []
            while (upcoming := self._peek()) is not None:
                batch.append(self._take(upcoming))
                if not isinstance(batch[-1], e.Tick):
                    break
            self._emit_batch(batch)
            self._set_clock(self._moment)
            if upcoming is None:
                raise ActionFailed("the recording ends here", "go back to watch it again")

    def seek(self, at: float, rewind: Rewind) -> None:
        """Go to a moment; see `hatlab.engine.base.TimeControl.seek`.

        Going forward folds everything in between; going back does only if the session has forgotten it.
        """
        if not math.isfinite(at):
            raise ActionFailed(f"there is no {at:g} s in the recording")
        at = min(max(at, self.recording.lab.at), self.recording.ends)
        with self._changed:
            if at < self._moment:
                self._return_to(rewind(at))
            while not self._stop.is_set() and (batch := self._take_due(at)):
                self._emit_batch(batch)
                self._set_clock(self._moment)
            self._set_clock(at)
            self._changed.notify_all()

    def next_moment(self, what: str) -> float:
        """Return the moment after now of the next `transition`, `action` or `outage` (its beginning).

        Raises:
            ActionFailed: there is none.
        """
        with self._changed:
            now, offset = max(self.now(), self._moment), self._offset
        for event in self.recording.find(offset, KIND_OF[what]):
            at = event.began if isinstance(event, e.Outage) else event.at
            if at > now and not (isinstance(event, e.Action) and event.phase != "started"):
                return at
        raise ActionFailed(f"there is no further {what} in this recording", "go back for an earlier one")

    # -- the engine's interface

    def begin_at(self, moment: float) -> None:
        """Begin at a moment, s, once it is started.

        Raises:
            UserError: the recording has ended by then.
        """
        ends = self.recording.ends
        if not moment <= ends:  # nor what is no number
            raise UserError(
                f"there is no {show_moment(moment)} in it", f"this recording ends at {show_moment(ends, 1)}"
            )
        self._begin = moment

    def start(self, emit: Emit) -> None:
        """Start to play and return at once: a recording is ready when its own `ready` has been played."""
        self._emit = emit
        self._thread = threading.Thread(target=self._play, name="replay", daemon=True)
        self._thread.start()

    def act(self, action: Action) -> str:
        """Raise ActionFailed: a recording cannot be changed."""
        raise ActionFailed(f"a recording cannot be changed: {action}", "`hatlab start` runs a live lab")

    def check(self, node: str, text: str) -> list[str]:
        """Raise ActionFailed: there is no keepalived to ask."""
        raise ActionFailed(
            f"{node} is only a recording, so there is no keepalived to ask", f"({len(text)} bytes were given)"
        )

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:  # noqa: ARG002
        """Raise ActionFailed: there is no shell."""
        raise ActionFailed(
            f"{node} is only a recording, so it has no shell", "`hatlab start` runs a live lab"
        )

    def stop(self) -> None:
        """End the play and close the file."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)
        self.recording.close()

    # -- inside

    def _play(self) -> None:
        self.seek(self._begin, lambda _: 0)
        standstill, shown = StandstillDetector(), self._moment
        while not self._stop.is_set():
            with self._changed:
                if standstill.stood_still():
                    self._set_clock(shown)  # nobody could watch meanwhile
                shown = self.now()
                batch = self._take_due(math.inf if self._as_fast else self.now())
                if batch:
                    self._emit_batch(batch)
                if len(batch) == CHUNK:
                    if self.now() > self._moment:  # faster than this machine can fold
                        self._set_clock(self._moment)
                else:
                    self._changed.wait(self._until_next())

    def _until_next(self) -> float:
        """Return the real seconds until the next fact is due."""
        upcoming = self._peek()
        if upcoming is None or not self._speed:
            return LONGEST_WAIT  # notified when the clock is set
        return min(LONGEST_WAIT, max(0.0, (upcoming[1].at - self.now()) / self._speed))

    def _take_due(self, until: float) -> list[e.Event]:
        """Take the next facts, up to the first later than `until`; at most `CHUNK`."""
        batch: list[e.Event] = []
        while len(batch) < CHUNK and (upcoming := self._next or self._peek()) and upcoming[1].at <= until:
            batch.append(self._take(upcoming))
        return batch

    def _peek(self) -> tuple[Offset, e.Event] | None:
        """Return the next fact and the offset after it; None at the end."""
        if self._next is None and not self._at_end:
            try:
                self._next = next(self._upcoming, None)
            except UserError as error:  # the disk
                self._fail(error.message)
            self._at_end = self._next is None
        return self._next

    def _take(self, upcoming: tuple[Offset, e.Event]) -> e.Event:
        """Move past the next fact and return it."""
        self._next = None
        self._offset, event = upcoming
        self._emitted += 1
        if event.at > self._moment:
            self._moment = event.at
        if self._emitted - self._bookmarks[-1][0] >= BOOKMARK_EVERY:
            self._bookmarks.append((self._emitted, self._offset, self._moment))
        return event

    def _emit_batch(self, batch: Sequence[e.Event]) -> None:
        """Emit facts, and set `finished` if they were the last."""
        try:
            self._emit(batch)
        except Exception as error:  # noqa: BLE001  an odd value in the file is no fault of the program's
            self._fail(f"what comes before line {self._offset.line} cannot be shown: {error!r:.120}")
        if self._peek() is None:
            self.finished.set()

    def _fail(self, why: str) -> None:
        self._at_end, self._next = True, None
        self._emit([e.Phase(at=self._moment, name="stopping", done=True, detail=why)])

    def _return_to(self, facts: int) -> None:
        """Go back to where so many facts had been emitted."""
        index = bisect_right(self._bookmarks, facts, key=lambda bookmark: bookmark[0]) - 1
        self._emitted, self._offset, self._moment = self._bookmarks[index]
        self._upcoming = self.recording.read(self._offset, self._moment)
        self._next, self._at_end = None, False
        self.finished.clear()
        while self._emitted < facts and (upcoming := self._peek()) is not None:
            self._take(upcoming)

    def _set_clock(self, at: float) -> None:
        self._origin = (time.monotonic(), at)


def replay_standing(path: Path) -> ReplayEngine:
    """Return the replay of a recording in which time stands at the moment its lab was ready.

    Raises:
        UserError, FileError: as `ReplayEngine`.
    """
    engine = ReplayEngine(path, 0.0)
    for event in engine.recording.find(engine.recording.begin, e.Phase.kind):
        if isinstance(event, e.Phase) and event.name == "ready" and event.done:
            engine.begin_at(event.at)
            break
    return engine


def _nowhere(_: Sequence[e.Event]) -> None:
    """Drop facts: before the start nobody listens."""
