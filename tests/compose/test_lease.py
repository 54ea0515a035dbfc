"""The lease: it ends without hatlab, and outlives a machine that stood still."""

from __future__ import annotations

import time
from collections.abc import Iterable

from compose.agent.lease import Lease

SECONDS = 60.0


def _moments(first: float, last: float, every: float) -> Iterable[float]:
    return (first + every * k for k in range(int((last - first) / every)))


def test_it_expires_though_the_agent_looks_all_the_time() -> None:
    lease, began = Lease(SECONDS), time.monotonic()
    assert all(lease.holds(moment) for moment in _moments(began, began + SECONDS - 1, 0.5))
    assert not lease.holds(began + SECONDS + 1)


def test_it_holds_after_the_machine_stood_still_for_ten_minutes() -> None:
    lease, began = Lease(SECONDS), time.monotonic()
    assert lease.holds(began + 1)
    assert lease.holds(began + 601)
    awake = began + 601
    assert all(lease.holds(moment) for moment in _moments(awake, awake + SECONDS - 10, 0.5))
    assert not all(lease.holds(moment) for moment in _moments(awake, awake + SECONDS + 10, 0.5))


def test_without_a_limit_it_never_expires() -> None:
    lease = Lease(0)
    assert lease.holds(time.monotonic() + 1e6)
