"""Work on every core: the same thing done with many, each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_MOST_PROCESSES = 8


def make_pool(*, worthwhile: bool) -> Executor:
    """Return a pool of one process a core; of this process alone where others are not worth their start."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    cores = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if cores == 1 or not worthwhile:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(cores, mp_context=get_context("spawn"))


def results_in_order(pool: Executor, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield what becomes of each; Ctrl-C, or a failure, leaves the rest undone."""
    from hatlab.commands.support.lifecycle import result_interruptibly

    futures = [pool.submit(work, item) for item in items]
    try:
        for future in futures:
            yield result_interruptibly(future)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
