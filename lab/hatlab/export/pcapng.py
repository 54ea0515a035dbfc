"""The captured frames as pcapng, each with the side on which it was seen.

One interface a node and network; a transition, an action, a condition or an outage is a comment on the
first frame behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from hatlab import events as e
from hatlab.capture_files.write import PcapngWriter
from hatlab.export.cast import unix_start
from hatlab.export.frames import Frame, about_capture, comment_of, frame_of
from hatlab.export.time_order import TimeOrder
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
    for thing in _in_order(events):
        if isinstance(thing, str):
            comments.append(thing)
            continue
        if held is not None:
            held[0].write(writer, began_ns, held[1])
        held, comments = (thing, comments), []
    if held is None:
        writer.add_interface("lab", "no frames were recorded", comments)
    else:
        held[0].write(writer, began_ns, [*held[1], *comments])


def _in_order(events: Iterable[e.Event]) -> Iterator[Frame | str]:
    """Yield frames and comments in the order of their times."""
    order = TimeOrder[Frame | str](REORDER_WINDOW)
    for event in events:
        if thing := frame_of(event) or comment_of(event):
            yield from order.add(event.at, thing)
    yield from order.release()
