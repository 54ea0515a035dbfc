"""A recording is an engine too: it emits what was observed, at the pace one likes; nothing can be done to it.

Derived events are left out; the session derives them again. A file of any length opens at once: it is
decoded as it is played.
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
from hatlab.engine.base import Emit, Rewind
from hatlab.engine.replay.file import Place, RecordingFile
from hatlab.errors import ActionFailed, UserError

SLOWEST, FASTEST = 0.01, 1000.0
CHUNK = 500
"""Facts handed on at once; between two chunks the clock can be held."""
MARK = 256
"""Facts between two remembered places of the file."""
AHEAD = {"transition": "vrrp", "action": "action", "outage": "outage"}
"""What can be gone to next → the kind of event that tells it."""


class ReplayEngine:
    """Plays a recording; also a `hatlab.engine.base.Replayable`.

    Args:
        path: the file.
        speed: seconds of the recording a real second; 0 begins with the clock standing.
        begin: the moment to begin at, s; all before it is emitted at once.
        as_fast: emit everything without waiting.

    Attributes:
        recording: the file.
        finished: set while the end has been reached.

    Raises:
        UserError: no such file, or a speed or moment that cannot be.
        FileError: it is no recording.
    """

    name: ClassVar[str] = "replay"
    live: ClassVar[bool] = False

    def __init__(
        self, path: Path, speed: float = 1.0, *, begin: float | None = None, as_fast: bool = False
    ) -> None:
        self.recording = RecordingFile(path)
        self.finished = threading.Event()
        self._begin = self.recording.lab.at if begin is None else begin
        if begin is not None and not begin <= self.recording.ends:
            raise UserError(f"there is no {begin:g} s in it", f"it ends at {self.recording.ends:.1f} s")
        self._as_fast = as_fast
        self._changed = threading.Condition(threading.RLock())
        self._stop = threading.Event()
        self._emit: Emit = _nowhere
        self._facts, self._moment = 0, self.recording.lab.at
        self._marks: list[tuple[int, Place, float]] = [(0, self.recording.begin, self._moment)]
        self._place = self.recording.begin
        self._coming: Iterator[tuple[Place, e.Event]] = self.recording.read(self._place, self._moment)
        self._next: tuple[Place, e.Event] | None = None
        self._over = False
        self._origin = (time.monotonic(), self._moment)
        self._speed = self._before_pause = 1.0
        self._thread: threading.Thread | None = None
        self.speed = speed

    # -- time

    def now(self) -> float:
        """The moment of the recording that is being shown."""
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
        """Seconds of the recording a real second; 0: the clock stands."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value != 0 and not SLOWEST <= value <= FASTEST:
            raise ActionFailed(f"a recording cannot play at {value:g}×", f"from {SLOWEST:g} to {FASTEST:g}")
        with self._changed:
            self._set_clock(self.now())
            self._speed = value
            self._before_pause = value or self._before_pause
            self._changed.notify_all()

    def pause(self) -> None:
        """The clock stands."""
        self.speed = 0.0

    def resume(self) -> None:
        """The clock goes on as fast as before `pause`."""
        self.speed = self._before_pause

    def step(self) -> None:
        """Goes to the next fact other than a tick, and holds the clock there.

        Raises:
            ActionFailed: there is none.
        """
        with self._changed:
            self.pause()
            batch: list[e.Event] = []
            while (found := self._peek()) is not None:
                batch.append(self._pass(found))
                if not isinstance(batch[-1], e.Tick):
                    break
            self._hand(batch)
            self._set_clock(self._moment)
            if found is None:
                raise ActionFailed("the recording ends here", "go back to see it again")

    def seek(self, at: float, rewind: Rewind) -> None:
        """Goes to a moment; see `hatlab.engine.base.TimeControl.seek`.

        Forward costs the folding of all between; back costs that only if the session has forgotten it.
        """
        if not math.isfinite(at):
            raise ActionFailed(f"there is no {at:g} s in the recording")
        at = min(max(at, self.recording.lab.at), self.recording.ends)
        with self._changed:
            if at < self._moment:
                self._return_to(rewind(at))
            while not self._stop.is_set() and (batch := self._due(at)):
                self._hand(batch)
                self._set_clock(self._moment)
            self._set_clock(at)
            self._changed.notify_all()

    def next_moment(self, what: str) -> float:
        """The moment of the next `transition`, `action` or `outage` (its beginning) after now.

        Raises:
            ActionFailed: there is none.
        """
        with self._changed:
            now, place = max(self.now(), self._moment), self._place
        for found in self.recording.find(place, AHEAD[what]):
            at = found.began if isinstance(found, e.Outage) else found.at
            if at > now and not (isinstance(found, e.Action) and found.phase != "started"):
                return at
        raise ActionFailed(f"no further {what} is recorded", "go back to see an earlier one")

    # -- the engine's interface

    def start(self, emit: Emit) -> None:
        """Begins to play; returns at once: a recording is ready when its own `ready` has been played."""
        self._emit = emit
        self._thread = threading.Thread(target=self._play, name="replay", daemon=True)
        self._thread.start()

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
        with self._changed:
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)
        self.recording.close()

    # -- inside

    def _play(self) -> None:
        self.seek(self._begin, lambda _: 0)
        while not self._stop.is_set():
            with self._changed:
                batch = self._due(math.inf if self._as_fast else self.now())
                if batch:
                    self._hand(batch)
                if len(batch) == CHUNK:
                    if self.now() > self._moment:  # faster than this machine can fold
                        self._set_clock(self._moment)
                else:
                    self._changed.wait(self._until_next())

    def _until_next(self) -> float:
        """Real seconds until the next fact is due."""
        found = self._peek()
        if found is None or not self._speed:
            return 3600.0  # notified when the clock is set
        return max(0.0, (found[1].at - self.now()) / self._speed)

    def _due(self, until: float) -> list[e.Event]:
        """The next facts, up to the first later than `until`; at most `CHUNK`."""
        batch: list[e.Event] = []
        while len(batch) < CHUNK and (found := self._peek()) is not None and found[1].at <= until:
            batch.append(self._pass(found))
        return batch

    def _peek(self) -> tuple[Place, e.Event] | None:
        """The next fact, None at the end."""
        if self._next is None and not self._over:
            try:
                self._next = next(self._coming, None)
            except UserError as error:  # the disk
                self._fail(error.message)
            self._over = self._next is None
        return self._next

    def _pass(self, found: tuple[Place, e.Event]) -> e.Event:
        self._next = None
        self._place, event = found
        self._facts += 1
        self._moment = max(self._moment, event.at)
        if self._facts - self._marks[-1][0] >= MARK:
            self._marks.append((self._facts, self._place, self._moment))
        return event

    def _hand(self, batch: Sequence[e.Event]) -> None:
        """Emits, and tells when that was the end."""
        try:
            self._emit(batch)
        except Exception as error:  # noqa: BLE001  an odd value in the file is no fault of the program's
            self._fail(f"what stands before line {self._place.line} cannot be shown: {error!r:.120}")
        if self._peek() is None:
            self.finished.set()

    def _fail(self, why: str) -> None:
        self._over, self._next = True, None
        self._emit([e.Phase(at=self._moment, name="stopping", done=True, detail=why)])

    def _return_to(self, facts: int) -> None:
        """Goes on after so many facts from the beginning."""
        k = bisect_right(self._marks, facts, key=lambda mark: mark[0]) - 1
        self._facts, self._place, self._moment = self._marks[k]
        self._coming = self.recording.read(self._place, self._moment)
        self._next, self._over = None, False
        self.finished.clear()
        while self._facts < facts and (found := self._peek()) is not None:
            self._pass(found)

    def _set_clock(self, at: float) -> None:
        self._origin = (time.monotonic(), at)


def _nowhere(_: Sequence[e.Event]) -> None:
    """Before the start nobody listens."""
