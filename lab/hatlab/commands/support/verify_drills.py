"""Verifies drills, on simulated labs or on real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from hatlab.actions import Action
from hatlab.commands.support.processes import make_pool
from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.drills.model import Drill, Level
    from hatlab.drills.verify import DrillResult

MOST_SEEDS = 100_000
_FEW = 8
"""Drills that are not worth the start of other processes."""


def parse_seeds(text: str) -> range:
    """Return the seeds that `7` or `0-29` says.

    Raises:
        UserError: it says no seeds.
    """
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise UserError(f"{text!r} is no range of seeds", "as in: 7 or 0-29")
    seeds = range(int(first), int(last or first) + 1)
    if not 0 < len(seeds) <= MOST_SEEDS:
        raise UserError(f"{text!r} is no range of seeds", f"from low to high, at most {MOST_SEEDS:,}")
    return seeds


def verify_drills(
    seeds: Sequence[int],
    engine: str,
    *,
    level: Level | None = None,
    topology: str | None = None,
    context: str | None = None,
) -> Iterator[DrillResult]:
    """Yield the result of each seed.

    Args:
        seeds: of the drills.
        engine: `sim`, where several are verified at once, or `docker`, where those of one topology are
            verified one after the other on one lab.
        level: of every drill; drawn by seed if left out.
        topology: of every drill; drawn by seed if left out.
        context: a Docker context, None for the current one.
    """
    if engine == "sim":
        yield from _verify_all_simulated(seeds, level, topology)
        return
    from hatlab.commands.support.engine_choice import prepare_docker
    from hatlab.drills.generate import make_drill

    prepare_docker(context)
    drills = [make_drill(seed, level, topology) for seed in seeds]
    for name in dict.fromkeys(drill.topology for drill in drills):
        yield from _verify_on_docker([drill for drill in drills if drill.topology == name], context)


def _verify_all_simulated(
    seeds: Sequence[int], level: Level | None, topology: str | None
) -> Iterator[DrillResult]:
    with make_pool(worthwhile=len(seeds) > _FEW) as pool:
        yield from pool.map(partial(verify_simulated, level=level, topology=topology), seeds, chunksize=4)


def verify_simulated(seed: int, level: Level | None = None, topology: str | None = None) -> DrillResult:
    """Verify the drill of a seed on the simulator."""
    from hatlab.drills.generate import make_drill

    return verify_drill_simulated(make_drill(seed, level, topology))


def verify_drill_simulated(drill: Drill) -> DrillResult:
    """Verify a drill on the simulator."""
    from hatlab.drills.verify import verify_drill
    from hatlab.engine.simulator.engine import SimulatorEngine
    from hatlab.session import Session

    engine = SimulatorEngine(drill.topology, drill.spec, seed=drill.seed, paced=False)
    session = Session(engine)
    try:
        session.start()
        return verify_drill(drill, session, engine.run_line)
    finally:
        session.stop()


def _verify_on_docker(drills: Sequence[Drill], context: str | None) -> Iterator[DrillResult]:
    from hatlab.drills.model import Kind
    from hatlab.drills.verify import verify_drill
    from hatlab.engine.docker.engine import DockerEngine
    from hatlab.session import Session

    engine = DockerEngine(drills[0].topology, drills[0].spec, context=context)
    session = Session(engine)
    try:
        session.start()
        for drill in drills:
            result = verify_drill(drill, session, engine.run_line)
            yield result
            if not result.ok or Kind.REPLICATION in drill.kinds:  # else the cure leaves all as it was
                session.act(Action("reset"))
    finally:
        session.stop()


def format_drill_result(result: DrillResult) -> str:
    """Return a drill's result as lines."""
    verdict = "✔" if result.ok else "✖"
    what = ", ".join(result.causes)
    lines = [
        f"{verdict} drill {result.seed:<6} level {result.level}  {result.topology:<14} {result.engine:<6} "
        f"{what}  ({result.seconds:.1f} s)"
    ]
    return "\n".join([*lines, *(f"    {problem}" for problem in result.problems)]) + "\n"
