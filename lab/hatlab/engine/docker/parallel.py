"""Work on daemon threads: work that never ends, as an engine hangs, must not keep the program from ending."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_WAIT_SLICE = 0.25
"""Seconds that is waited at a stretch: a wait without a limit may not hear Ctrl-C."""


def on_daemon_thread(work: Callable[[], R], name: str) -> Future[R]:
    """Begin work on a thread of its own; return what will hold its outcome."""
    future: Future[R] = Future()
    threading.Thread(target=_keep_outcome, args=(work, future), name=name, daemon=True).start()
    return future


def in_parallel(work: Callable[[T], R], items: Iterable[T], at_once: int = 100) -> list[R]:
    """Run `work` on every item, at most `at_once` together; raise the first failure when all have ended."""
    jobs = [(partial(work, item), Future[R]()) for item in items]
    futures = [future for _, future in jobs]
    todo = deque(jobs)

    def run() -> None:
        with suppress(IndexError):  # nothing is left to do
            while True:
                _keep_outcome(*todo.popleft())

    for _ in range(min(at_once, len(jobs))):
        threading.Thread(target=run, name="parallel", daemon=True).start()
    await_end(*futures)
    return [future.result() for future in futures]


def await_end(*futures: Future[Any]) -> None:
    """Wait until all work has ended, however it did; hears Ctrl-C."""
    while wait(futures, _WAIT_SLICE).not_done:
        pass


def _keep_outcome(work: Callable[[], R], future: Future[R]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  for the thread that waits
        future.set_exception(error)
