"""Writes docs/parity.md: python -m tests.parity.report [--docker [NUMBER …]]

Plays every scenario on the simulator and, with --docker, all or some on real keepalived. Without it, what an
earlier run with --docker measured (tests/parity/measured/docker.json) stands in the real column.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.topology.library import load_topology
from tests.differential import report as differential
from tests.parity import walk
from tests.parity.measure import measure, problems
from tests.parity.play import PlayedRun, on_docker, on_simulator
from tests.parity.scenarios import SCENARIOS, TOLERANCE, Move, Scenario
from tests.parity.test_timelines import STORIES, WITHIN
from tests.parity.test_walk import WITHIN as WALK_WITHIN
from tests.parity.timeline import IGNORED, differing_lines, distances, play, read_measured

ROOT = Path(__file__).parents[2]
REAL = Path(__file__).parent / "measured" / "docker.json"
MEANS = {
    "heard": "after the last advert it accepted",
    "zero": "after priority 0",
    "start": "after it became Backup",
    "wire": "after its peer's frame",
    "act": "after the action",
    "process": "after its keepalived started",
}


def measurements(scenario: Scenario, played: PlayedRun) -> dict[str, Any]:
    """Return what one run measured, as JSON keeps it."""
    return {
        "seconds": [round(m.seconds, 4) for m in measure(scenario, played.events)],
        "problems": problems(scenario, played.events, played.owners),
    }


def run_docker(known: dict[str, Any], numbers: list[str]) -> dict[str, Any]:
    """Play scenarios of these numbers (all, if none is given) on containers, and keep what was measured."""
    results = dict(known)
    for scenario in (s for s in SCENARIOS if s.number in numbers or not numbers):
        results[scenario.slug] = measurements(scenario, on_docker(scenario))
        sys.stderr.write(f"{scenario.slug}: {results[scenario.slug]}\n")
    REAL.write_text(json.dumps(results, indent=1) + "\n")
    return results


def scenario_rows(real: dict[str, Any]) -> Iterator[str]:
    """Yield one row for each transition of each scenario."""
    for scenario in SCENARIOS:
        simulated = [measurements(scenario, on_simulator(scenario, seed)) for seed in range(3)]
        known = real.get(scenario.slug, {})
        for k, move in enumerate(scenario.moves):
            ours = median(run["seconds"][k] for run in simulated)
            theirs = known["seconds"][k] if len(known.get("seconds", ())) > k else None
            yield _row(scenario, move, ours, theirs, bool(known.get("problems")))


def _row(scenario: Scenario, move: Move, ours: float, theirs: float | None, wrong: bool) -> str:
    right = f"{move.seconds:.3f}" + (f" to {move.seconds + move.spread:.3f}" if move.spread else "")
    real = "–" if theirs is None else f"{theirs:.3f}"
    off = "–" if theirs is None else f"{abs(ours - theirs) * 1000:.0f} ms"
    if move.spread:
        off = "by chance"
    name = scenario.title + (" **differs**" if wrong else "")
    return f"| {name} | {move.node} {move.to} {MEANS[move.since]} | {right} | {real} | {ours:.3f} | {off} |"


def timeline_rows() -> Iterator[str]:
    """Yield one row for each measured timeline."""
    for story in STORIES:
        measured, acts = read_measured(story.file)
        starts = {name: next(m.at for m in measured if m.node == name) for name in story.first}
        simulated = play(story, starts, acts, measured[-1].at + WITHIN / 2)
        lines = sum(not IGNORED.search(entry.what) for entry in measured)
        other = sum(line.startswith("real") for line in differing_lines(measured, simulated, WITHIN))
        off = distances(measured, simulated, WITHIN)
        far = f"{median(off) * 1000:.1f} | {max(off) * 1000:.1f}"
        yield f"| {story.file} | {lines} | {lines - other} | {far} |"


def walk_summary() -> str:
    """Say how the lines of the long walk compare."""
    engine = SimulatorEngine("two-node", load_topology("two-node"), paced=False)
    simulated = walk.walk(engine, lambda at: engine.run_until(max(at, engine.now())))
    real = walk.read_recorded()
    missing = walk.differing_lines(real, simulated, WALK_WITHIN)
    agree = len(real) - sum(line.startswith("real") for line in missing)
    return f"{agree} of {len(real)} lines agree; the simulator wrote {len(simulated)}"


def main() -> str:
    """Write the page, and return it."""
    known = json.loads(REAL.read_text()) if REAL.exists() else {}
    real = run_docker(known, sys.argv[2:]) if sys.argv[1:2] == ["--docker"] else known
    page = TEXT.format(
        walk=walk_summary(),
        steps=len(walk.STEPS),
        walk_ms=WALK_WITHIN * 1000,
        rows="\n".join(scenario_rows(real)),
        timelines="\n".join(timeline_rows()),
        ms=TOLERANCE * 1000,
        differential=differential.written_section(),
    )
    (ROOT / "docs" / "parity.md").write_text(page)
    return page


TEXT = """# Parity: the simulator against real keepalived

Made by `python -m tests.parity.report --docker` from runs of both engines; do not edit it by hand. *Right*
is what the protocol's arithmetic and keepalived 2.3.4 give, *real* was measured on containers, *simulated* is
the median of three seeds. A time counts as equal within {ms:.0f} ms; where it depends on when a check happens
to run, both must lie in the range.

## Scenarios

| scenario | what happens | right (s) | real (s) | simulated (s) | difference |
|---|---|---|---|---|---|
{rows}

## Line by line

Timelines of two real containers, recorded line by line (`tests/parity/measured`): each line of keepalived's
log and each frame, and the same story on the simulator. A line agrees if the simulator has the same one
within {ms:.0f} ms. The lines that do not agree are those where two timers end in the same millisecond:
chance decides which of two Masters speaks first.

| timeline | lines | agree | median distance (ms) | greatest (ms) |
|---|---|---|---|---|
{timelines}

## A long walk

{steps} actions on one lab of MySQL and keepalived (`tests/parity/walk.py`): links, an address deleted by
hand, a frozen mysqld, settings, reloads, kills and starts. Every line of keepalived's log, every change of a
state, an address, a process or a link, within {walk_ms:.0f} ms: {walk}.

## Random configurations and faults

Made by `python -m tests.differential --seeds 1-2000 --report`, which writes its table here. Each seed is
two to four nodes with random configurations, one to three virtual routers and a random script of faults,
edits and reloads, 20 s long. Real keepalived runs it in network namespaces, many at once in one container,
without mysqld; the simulator runs the same files. Compared are the states that the notify FIFO tells, every
advert with all its fields, announcements, addresses, and keepalived's log lines about VRRP; times may
differ by 0.15 s, adverts by 0.2 s. A seed that differs is played again, twice: only what differs each time
counts. `--shrink` makes a disagreement smaller and keeps it in `tests/differential/cases`, with what real
keepalived did: the simulator is tested against each of these files, and against fifty seeds on real
keepalived (`tests/differential`).

{differential}
"""

if __name__ == "__main__":
    main()
