"""Runs the same work on many items at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Iterable[T], at_once: int = 100) -> list[R]:
    """Run `work` on every item, at most `at_once` together; raise the first failure when all have ended."""
    todo = list(items)
    with ThreadPoolExecutor(max(1, min(at_once, len(todo)))) as pool:
        futures = [pool.submit(work, item) for item in todo]
    return [future.result() for future in futures]
