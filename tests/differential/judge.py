"""Decides whether a real outcome is one that the simulator can have, too."""

from __future__ import annotations

from random import Random

from tests.differential.case import Case
from tests.differential.compare import TOLERANCE, Difference, compare
from tests.differential.outcome import Outcome
from tests.differential.simulated import simulate

VARIANTS = 8
"""Plays on the simulator until one agrees: where two timers end together, chance decides what follows."""
JITTER = 0.012
"""Seconds by which a step may come earlier or later in all but the first."""


def differences(case: Case, real: Outcome) -> list[Difference]:
    """Return in what the simulator's nearest play differs from real keepalived; empty if one agrees."""
    timed = case.with_times(list(real.done))
    random, nearest = Random(0), list[Difference]()
    for variant in range(VARIANTS):
        played = timed
        if variant:
            times = [step.at + random.uniform(-JITTER, JITTER) for step in timed.steps]
            played = timed.with_times(times)
        found = compare(real, simulate(played, variant), case.length)
        if not found:
            return []
        if not nearest or _rank(found) < _rank(nearest):
            nearest = found
    return nearest


def _rank(found: list[Difference]) -> list[int]:
    """Few differences of the most telling kinds are near."""
    return [sum(difference.kind == kind for difference in found) for kind in TOLERANCE]
