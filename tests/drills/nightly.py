"""Verifies many drills on the simulator: `python -m tests.drills.nightly [SEEDS]`, a thousand without."""

from __future__ import annotations

import sys
import time
from collections import Counter

from hatlab.commands.support.verify_drills import format_drill_result, parse_seeds, verify_drills


def main(seeds: str = "0-999") -> int:
    """Print each drill that does not hold, and how many of which kind did; return the exit code."""
    began, failed, kinds = time.monotonic(), 0, Counter[str]()
    for result in verify_drills(parse_seeds(seeds), "sim"):
        kinds.update(result.causes)
        if not result.ok:
            failed += 1
            sys.stdout.write(format_drill_result(result))
            sys.stdout.flush()
    count = len(parse_seeds(seeds))
    sys.stdout.write(", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())) + "\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{count - failed} of {count} hold, {len(kinds)} kinds, {seconds:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
