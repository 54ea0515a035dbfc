"""The frames of a running lab as a capture file that grows: what `hatlab capture` does.

A thread takes events from the lab's control socket, the main thread writes. What its reader is too
slow for is dropped and counted, so nobody waits for it: neither the lab, nor this program's memory.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import IO, Any

from hatlab import events as e
from hatlab.capture_files.write import PcapngWriter
from hatlab.describe.times import format_moment
from hatlab.errors import LabError
from hatlab.export.frames import COMMENTED, Frame, about_capture, comment_of, frame_of
from hatlab.export.time_order import TimeOrder
from hatlab.util.text import plural

MOST_WAITING = 10_000
"""Frames and comments that wait to be written at most."""
MOST_COMMENTS = 500
"""Comments on one frame at most; the oldest are given up."""
KINDS = tuple(kind.kind for kind in (e.Advert, e.Arp, *COMMENTED))
"""Kinds of events that a capture is made of."""
_REORDER_WINDOW = 0.05
"""Seconds by which nodes' frames may come out of order; a frame is written that late at most."""


class FrameFeed:
    """Frames and comments from a lab, taken on a thread of its own; some wait until they are written.

    Args:
        replies: of the lab to a request for its events, behind the first one; read to their end.
        wants: tells which frames are wanted.
    """

    def __init__(self, replies: Iterator[dict[str, Any]], wants: Callable[[Frame], bool]) -> None:
        self.seen: dict[str, int] = {}
        """Interface → wanted frames that crossed it."""
        self.dropped: dict[str, int] = {}
        """Interface → frames that were given up, for they came faster than they were written."""
        self.missed = 0
        """Events that the lab had forgotten before they were taken."""
        self.ended = False
        """True once the lab says no more."""
        self.error: LabError | None = None
        """Why it says no more, if it did not end."""
        self._replies = replies
        self._wants = wants
        self._waiting: deque[tuple[float, Frame | str]] = deque()
        self._missing = 0
        """Frames given up since the last one that waits."""
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="capture", daemon=True).start()

    def take(self, timeout: float) -> list[tuple[float, Frame | str]]:
        """Return the frames and comments since the last call with their times; wait for the first one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.ended, timeout)
            taken = list(self._waiting)
            self._waiting.clear()
        return taken

    def _run(self) -> None:
        try:
            for reply in self._replies:
                if "event" in reply:
                    self._add_event(e.from_dict(reply["event"]))
                elif "rewound" in reply:
                    moment = float(reply["rewound"])
                    self._add(moment, f"the lab went back in time to {format_moment(moment, 3)}")
        except (LabError, OSError, ValueError):  # killed, perhaps in the middle of a line
            self.error = LabError("the lab says nothing more, so the capture ends here", "hatlab status")
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _add_event(self, event: e.Event) -> None:
        if isinstance(event, e.Dropped) and event.where == "reader":
            self.missed += event.count
        frame = frame_of(event)
        if frame is None:
            if text := comment_of(event):
                self._add(event.at, text)
        elif self._wants(frame):
            self.seen[frame.interface] = self.seen.get(frame.interface, 0) + 1
            if not self._add(event.at, frame):
                self.dropped[frame.interface] = self.dropped.get(frame.interface, 0) + 1
                self._missing += 1

    def _add(self, at: float, item: Frame | str) -> bool:
        """Let something wait to be written, if there is room."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                return False
            if self._missing:
                self._waiting.append((at, _missing_frames(self._missing)))
                self._missing = 0
            self._waiting.append((at, item))
            self._changed.notify_all()
        return True


def _missing_frames(count: int) -> str:
    return plural(
        count,
        "{count} frame is missing here: the reader of this capture was too slow",
        "{count} frames are missing here: the reader of this capture was too slow",
    )


class LiveCapture:
    """Writes what a feed brings, each frame as soon as none before it can come.

    Args:
        out: where to.
        lab: the lab's first event.
        began_ns: when its second 0 was, ns since 1970.
        feed: its frames.
        most: frames that are written at most.
    """

    def __init__(self, out: IO[bytes], lab: e.Lab, began_ns: int, feed: FrameFeed, most: float = inf) -> None:
        self.count = 0
        """Frames written so far."""
        self._out = out
        self._began_ns = began_ns
        self._feed = feed
        self._most = most
        self._order = TimeOrder[Frame | str](_REORDER_WINDOW)
        self._comments: deque[str] = deque(maxlen=MOST_COMMENTS)
        """For the next frame."""
        self._writer = PcapngWriter(out, about_capture(lab))
        out.flush()

    def run(self, until: float, check: Callable[[], None]) -> None:
        """Write until the lab ends, there are enough frames, or it is `until` by the monotonic clock.

        Args:
            check: called now and then, also when there is nothing to write; what it raises ends the capture.

        Raises:
            OSError: of `out`.
        """
        while self.count < self._most and (left := until - time.monotonic()) > 0:
            ended = self._feed.ended
            taken = self._feed.take(min(left, _REORDER_WINDOW))
            for at, item in taken:
                self._write(self._order.add(at, item))
            if not taken:
                self._write(self._order.release())
                if ended:
                    return
            check()

    def finish(self) -> None:
        """Write what was held back, how many frames there were, and what was to be said about the next one.

        Raises:
            OSError: of `out`.
        """
        self._write(self._order.release())
        self._writer.write_statistics(time.time_ns(), self._feed.seen, self._feed.dropped, self._comments)
        self._out.flush()

    def _write(self, items: Iterable[Frame | str]) -> None:
        for item in items:
            if isinstance(item, str):
                self._comments.append(item)
            elif self.count < self._most:
                item.write(self._writer, self._began_ns, self._comments)
                self._comments.clear()
                self._out.flush()
                self.count += 1
