"""The captured frames as pcapng, each with the side on which it was seen.

One interface a node and network; a transition, an action, a condition or an outage is a comment on the
first frame behind it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from math import inf
from typing import IO

from hatlab import events as e
from hatlab.capture_files.write import PcapngWriter
from hatlab.export.cast import unix_start
from hatlab.export.frames import Frame, about_capture, comment_of, frame_of
from hatlab.state.steps import Step

REORDER_WINDOW = 1.0
"""Seconds by which nodes' frames may come out of order; a capture reads better in order."""


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    events = (event for event, _, _ in steps)
    lab = next((event for event in events if isinstance(event, e.Lab)), None)
    if lab is None:
        return
    writer = PcapngWriter(out, about_capture(lab))
    began_ns = round((unix_start(lab) or 0.0) * 1e9)
    held: tuple[Frame, list[str]] | None = None
    """The last frame: what happens behind it, and before the end, is said about it, too."""
    comments: list[str] = []
    for frame, comment in _in_order(events):
        if frame is None:
            comments.append(comment)
            continue
        if held is not None:
            held[0].write(writer, began_ns, held[1])
        held, comments = (frame, comments), []
    if held is None:
        writer.add_interface("lab", "no frames were recorded", comments)
    else:
        held[0].write(writer, began_ns, [*held[1], *comments])


def _in_order(events: Iterable[e.Event]) -> Iterator[tuple[Frame | None, str]]:
    """Yield frames and comments, either of them at a time, in the order of their times."""
    waiting: list[tuple[float, int, Frame | None, str]] = []
    for number, event in enumerate(events):
        frame, comment = frame_of(event), comment_of(event)
        if frame is not None or comment:
            heapq.heappush(waiting, (event.at, number, frame, comment))
            yield from _release(waiting, event.at - REORDER_WINDOW)
    yield from _release(waiting, inf)


def _release(
    waiting: list[tuple[float, int, Frame | None, str]], until: float
) -> Iterator[tuple[Frame | None, str]]:
    while waiting and waiting[0][0] <= until:
        _, _, frame, comment = heapq.heappop(waiting)
        yield frame, comment
