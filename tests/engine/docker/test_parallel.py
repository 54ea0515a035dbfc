from __future__ import annotations

import threading

import pytest

from hatlab.engine.docker.parallel import in_parallel


def test_at_most_so_many_run_together() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    full = threading.Barrier(3, timeout=10)

    def work(item: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait()  # three are there at the same time, or this breaks
        with lock:
            under_way -= 1
        return item * 2

    assert in_parallel(work, range(9), at_once=3) == [item * 2 for item in range(9)]
    assert most == 3


def test_by_default_all_run_together_and_the_first_failure_is_raised() -> None:
    full = threading.Barrier(17, timeout=10)

    def work(item: int) -> None:
        full.wait()
        if item in (3, 5):
            raise ValueError(item)

    with pytest.raises(ValueError, match="3"):
        in_parallel(work, range(17))


def test_no_items_give_no_results() -> None:
    assert in_parallel(str, []) == []
