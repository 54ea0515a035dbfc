"""How many points a drill is worth: docs/drills.md tells learners the same."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.lessons.play.drill_runner import DrillResult
from hatlab.util.text import plural

FULL, LEAST = 100, 10
"""Points of a drill that is solved at once; and of one that is solved at all."""
TIME = 40
"""Points that the time costs at most, when all of it is used."""
WRONG_NAME = 10
OUTAGE_SECOND = 1
DAEMON = 5
ROW, MOST_ROWS = 1, 20
"""Points that a lost row costs, and that all of them cost at most."""


def score(result: DrillResult) -> int:
    """Return the points of a drill, 0 if it was given up."""
    if not result.solved:
        return 0
    return max(LEAST, FULL - sum(points for points, _ in costs(result)))


def costs(result: DrillResult) -> Iterator[tuple[int, str]]:
    """Yield what cost points: how many, and what for, in a few words."""
    harm, wrong = result.harm, len(result.wrong)
    if time := round(TIME * min(1.0, result.seconds / result.limit)):
        yield time, "time" if result.in_time else "time: more than the drill allows"
    if wrong:
        yield WRONG_NAME * wrong, plural(wrong, "{count} wrong name", "{count} wrong names")
    if outage := round(OUTAGE_SECOND * harm.counted_outage):
        yield outage, f"{harm.outage:.1f} s of outage for clients, by what you did; the first 3 s are free"
    for daemon in dict.fromkeys(harm.daemons):
        times = harm.daemons.count(daemon)
        what = plural(
            times,
            "{daemon}: healthy, and you stopped it",
            "{daemon}: healthy, and you stopped it {count} times",
            daemon=daemon,
        )
        yield DAEMON * times, what
    if harm.rows:
        lost = plural(harm.rows, "{count} acknowledged row is lost", "{count} acknowledged rows are lost")
        yield min(MOST_ROWS, ROW * harm.rows), lost
