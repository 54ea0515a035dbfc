"""Runs the same work on many items at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_WAIT_SLICE = 0.25
"""Seconds that is waited at a stretch: a wait without a limit may not hear Ctrl-C."""


def in_parallel(work: Callable[[T], R], items: Iterable[T], at_once: int = 100) -> list[R]:
    """Run `work` on every item, at most `at_once` together; raise the first failure when all have ended.

    The threads are daemons, as work that never ends must not keep the program from ending.
    """
    jobs = [(item, Future[R]()) for item in items]
    futures = [future for _, future in jobs]
    todo = deque(jobs)

    def run() -> None:
        with suppress(IndexError):  # nothing is left to do
            while True:
                item, future = todo.popleft()
                try:
                    future.set_result(work(item))
                except BaseException as error:  # noqa: BLE001  for the thread that waits
                    future.set_exception(error)

    for _ in range(min(at_once, len(jobs))):
        threading.Thread(target=run, name="parallel", daemon=True).start()
    while wait(futures, _WAIT_SLICE).not_done:
        pass
    return [future.result() for future in futures]
