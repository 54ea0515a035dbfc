"""The command: python -m tests.differential --seeds 1-2000 --parallel 40."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from hatlab.errors import LabError
from tests.differential.campaign import Result, play_seeds, shrink_all
from tests.differential.kept import FOLDER, write_case
from tests.differential.real import RealKeepalived, RealRunFailed
from tests.differential.report import summary, write_report


def main(arguments: list[str] | None = None) -> int:
    """Run the bench; return 1 if a disagreement is not understood."""
    options = _parser().parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    with ExitStack() as stack:
        keepalived = stack.enter_context(RealKeepalived(options.parallel, options.outcomes))
        results = []
        for result in play_seeds(seeds, keepalived):
            results.append(result)
            _print(result, options.json)
        if options.shrink:
            differing = [result for result in results if result.verdict == "differ"]
            shrink_all(differing, keepalived, lambda result: _keep(result, options.json))
    if options.report:
        write_report(results)
    print(summary(results), file=sys.stderr)  # noqa: T201
    return int(any(result.verdict == "differ" for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential",
        description="Random configurations and faults on real keepalived and on the simulator.",
    )
    parser.add_argument("--seeds", default="1-50", metavar="A-B", help="seeds to play (default: 1-50)")
    parser.add_argument("--parallel", type=int, default=40, metavar="N", help="labs at once (default: 40)")
    parser.add_argument("--shrink", action="store_true", help="shrink disagreements and keep them as tests")
    parser.add_argument("--json", action="store_true", help="one JSON object a seed")
    parser.add_argument("--report", action="store_true", help="write the table of docs/parity.md")
    parser.add_argument(
        "--outcomes", type=Path, metavar="DIR", help="keep what real keepalived did, and use it again"
    )
    return parser


def _print(result: Result, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result.to_data()), flush=True)  # noqa: T201
    elif result.found:
        head = f"seed {result.seed}: {result.verdict} {result.reason}".rstrip()
        print(head, *(f"  {difference}" for difference in result.found[:12]), sep="\n", flush=True)  # noqa: T201


def _keep(result: Result, as_json: bool) -> None:
    """Write a shrunk disagreement into a file of its own."""
    file = FOLDER / f"seed-{result.seed}.yaml"
    write_case(file, result.case, result.outcome, [f"seed {result.seed}, shrunk"])
    _print(result, as_json)
    print(f"kept in {file}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LabError, RealRunFailed) as error:
        sys.exit(str(error))
