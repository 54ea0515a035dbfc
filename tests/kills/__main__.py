"""The command: python -m tests.kills --count 200 --seed 1."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from contextlib import closing
from dataclasses import asdict

from hatlab.engine.docker.connection import connect
from tests.kills.plan import STAGES, draw_plans
from tests.kills.trial import Outcome, play


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was left."""
    options = _parser().parse_args(arguments)
    outcomes = []
    with closing(connect()) as client:
        for plan in draw_plans(options.count, options.seed, tuple(options.stages.split(","))):
            if plan.number < options.first:
                continue
            outcome = play(plan, client)
            outcomes.append(outcome)
            _print(outcome, options.json)
    print(summary(outcomes), file=sys.stderr)  # noqa: T201
    return int(any(outcome.problems for outcome in outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.kills",
        description="Kills hatlab at random moments and looks at what is left on the Docker engine.",
    )
    parser.add_argument("--count", type=int, default=20, metavar="N", help="kills (default: 20)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is drawn (default: 1)")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="begin with this one (default: 1)")
    parser.add_argument("--stages", default=",".join(STAGES), metavar="A,B", help="only these stages")
    parser.add_argument("--json", action="store_true", help="one JSON object a kill")
    return parser


def _print(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(outcome)), flush=True)  # noqa: T201
        return
    word = "FAILED" if outcome.problems else "ok"
    print(f"{word:6} {outcome.plan} ({outcome.left_by_kill} left by it, {outcome.seconds:.1f} s)", flush=True)  # noqa: T201
    for problem in outcome.problems:
        print(f"       {problem}", flush=True)  # noqa: T201


def summary(outcomes: list[Outcome]) -> str:
    """The figures of a campaign."""
    failed = [outcome for outcome in outcomes if outcome.problems]
    stages = Counter(outcome.plan.stage for outcome in outcomes)
    signals = Counter(outcome.plan.signal for outcome in outcomes)
    screens = sum(outcome.plan.on_screen for outcome in outcomes)
    objects = sum(outcome.left_by_kill for outcome in outcomes)
    return (
        f"{len(outcomes)} kills, {len(failed)} failures; {screens} on the screen; "
        f"{', '.join(f'{name} {count}' for name, count in stages.items())}; "
        f"{', '.join(f'{name} {count}' for name, count in signals.items())}; "
        f"{objects} objects left by kills, all removed unless a failure says so"
    )


if __name__ == "__main__":
    sys.exit(main())
