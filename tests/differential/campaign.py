"""Plays many seeds on both sides, and decides of each whether the sides agree."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.differential.case import Case
from tests.differential.compare import Difference
from tests.differential.generate import case_of
from tests.differential.judge import differences
from tests.differential.known import reason_for
from tests.differential.outcome import Outcome
from tests.differential.real import RealKeepalived
from tests.differential.shrink import shrink

AGAIN = 2
"""Times that a disagreement is played again: it counts only if real keepalived differs each time."""
PROGRESS = 50
"""Seeds between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a seed."""

    seed: int
    case: Case
    outcome: Outcome
    found: list[Difference] = field(default_factory=list)
    """Empty if the sides agree."""
    reason: str = ""
    """Why a disagreement is understood; empty if it is not."""

    @property
    def verdict(self) -> str:
        """`agree`, `known` or `differ`."""
        return "known" if self.reason else "differ" if self.found else "agree"

    def to_data(self) -> dict[str, Any]:
        """Return plain data, as --json prints it."""
        return {
            "seed": self.seed,
            "verdict": self.verdict,
            "reason": self.reason,
            "differences": [str(difference) for difference in self.found],
        }


def play_seeds(seeds: Iterable[int], keepalived: RealKeepalived) -> Iterator[Result]:
    """Play seeds, some at once; yield each result once it is certain: those that agree come first."""
    cases = {seed: case_of(seed) for seed in seeds}
    doubtful = []
    played = {seed: keepalived.play(case) for seed, case in cases.items()}
    for number, (seed, future) in enumerate(played.items(), 1):
        result = _judge(seed, cases[seed], future.result())
        if result.verdict == "differ":
            doubtful.append(result)
        else:
            yield result
        if number % PROGRESS == 0:
            print(f"{number} of {len(cases)} seeds, {len(doubtful)} to be played again", file=sys.stderr)  # noqa: T201
    for _ in range(AGAIN):
        again = [(result, keepalived.play(result.case, again=True)) for result in doubtful]
        repeated = [_judge(result.seed, result.case, future.result()) for result, future in again]
        yield from (result for result in repeated if result.verdict != "differ")
        doubtful = [result for result in repeated if result.verdict == "differ"]
    yield from doubtful


def _judge(seed: int, case: Case, outcome: Outcome) -> Result:
    found = differences(case, outcome)
    return Result(seed, case, outcome, found, reason_for(case, outcome, found) if found else "")


def shrink_all(results: Iterable[Result], keepalived: RealKeepalived, take: Callable[[Result], None]) -> None:
    """Shrink disagreements, some at once, and hand each on as it is done."""

    def shrink_one(result: Result) -> None:
        small, outcome = shrink(result.case, result.found, keepalived)
        found = differences(small, outcome)
        take(Result(result.seed, small, outcome, found, reason_for(small, outcome, found)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(shrink_one, results))
