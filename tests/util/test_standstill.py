"""A process that stood still notices it."""

from __future__ import annotations

from hatlab.util.standstill import LONGEST_ROUND, StandstillDetector


def test_only_a_round_that_is_too_long_is_a_standstill() -> None:
    now = 100.0
    detector = StandstillDetector(lambda: now)
    seen = []
    for seconds in (0.0, 1.0, LONGEST_ROUND, LONGEST_ROUND + 0.1, 1.0, 600.0):
        now += seconds
        seen.append(detector.stood_still())
    assert seen == [False, False, False, True, False, True]
