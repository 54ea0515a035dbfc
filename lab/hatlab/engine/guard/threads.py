"""What has ended a thread of an engine's own: the lab would stand still, below a traceback."""

from __future__ import annotations

import threading
from contextlib import suppress
from traceback import walk_tb
from types import FrameType
from typing import Protocol


class Watched(Protocol):
    """An engine that has threads."""

    def is_in(self, frame: FrameType) -> bool:
        """Return True if it is the engine's code that runs in a frame."""

    def fail_in_thread(self, error: BaseException) -> None:
        """Hear what has ended a thread."""


_watched: list[Watched] = []
_hook_before = threading.excepthook
_lock = threading.Lock()


def watch_threads(engine: Watched) -> None:
    """Tell an engine from now on of what ends one of its threads."""
    global _hook_before
    with _lock:
        _watched.append(engine)
        if threading.excepthook is not _tell_whose_it_is:
            _hook_before, threading.excepthook = threading.excepthook, _tell_whose_it_is


def leave_threads(engine: Watched) -> None:
    """Tell it no more; safe to call again."""
    with _lock, suppress(ValueError):
        _watched.remove(engine)
        if not _watched and threading.excepthook is _tell_whose_it_is:
            threading.excepthook = _hook_before


def _tell_whose_it_is(args: threading.ExceptHookArgs) -> None:
    """Tell the engine whose code is in the traceback; without one it is somebody else's error."""
    frames = [frame for frame, _ in walk_tb(args.exc_traceback)]
    for engine in _watched:
        if args.exc_value is not None and any(map(engine.is_in, frames)):
            engine.fail_in_thread(args.exc_value)
            return
    _hook_before(args)
