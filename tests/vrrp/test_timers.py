from __future__ import annotations

import pytest

from hatlab.vrrp.timers import master_down_interval, skew_time


@pytest.mark.parametrize(
    ("version", "priority", "interval", "seconds"),
    [
        (2, 150, 1, 3.4140625),
        (2, 100, 1, 3.609375),
        (2, 100, 2, 6.609375),  # version 2's skew does not grow with the interval
        (3, 100, 2, 7.21875),
        (3, 100, 0.1, 0.3609375),
        (2, 255, 1, 3.00390625),
    ],
)
def test_master_down_interval(version: int, priority: int, interval: float, seconds: float) -> None:
    assert master_down_interval(version, priority, interval) == pytest.approx(seconds)


def test_the_higher_priority_waits_less() -> None:
    for version in (2, 3):
        skews = [skew_time(version, priority, 1.0) for priority in range(256)]
        assert skews == sorted(skews, reverse=True)
        assert skews[255] > 0
