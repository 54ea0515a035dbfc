"""Plays many seeds on both sides, and decides of each whether the sides agree."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
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
AT_ONCE = 25
"""Outcomes that are judged at the same time."""


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
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for number, result in enumerate(_judged(cases, keepalived, pool), 1):
            if result.verdict == "differ":
                doubtful.append(result)
            else:
                yield result
            if number % PROGRESS == 0:
                left = f"{len(doubtful)} to be played again"
                print(f"{number} of {len(cases)} seeds, {left}", file=sys.stderr)  # noqa: T201
        for _ in range(AGAIN):
            again = {result.seed: result.case for result in doubtful}
            repeated = list(_judged(again, keepalived, pool, again=True))
            yield from (result for result in repeated if result.verdict != "differ")
            doubtful = [result for result in repeated if result.verdict == "differ"]
    yield from doubtful


def _judged(
    cases: dict[int, Case], keepalived: RealKeepalived, pool: Executor, *, again: bool = False
) -> Iterator[Result]:
    """Play cases and yield what becomes of each, in their order."""
    played = [(seed, case, keepalived.play(case, again=again)) for seed, case in cases.items()]
    for first in range(0, len(played), AT_ONCE):
        batch = played[first : first + AT_ONCE]
        judged = [pool.submit(_judge, seed, case, future.result()) for seed, case, future in batch]
        yield from (future.result() for future in judged)


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
