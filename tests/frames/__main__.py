"""The command: python -m tests.frames --count 10000000."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.frames.damage import damaged_frames
from tests.frames.readers import read_frames

SHARE = 50_000
"""Frames of one seed."""


def main() -> int:
    """Run the campaign; return 1 if any frame was read wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.frames", description="Gives damaged frames to all readers."
    )
    parser.add_argument("--count", type=int, default=100_000, metavar="N", help="frames (default: 100,000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the first share (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default: 2)")
    parser.add_argument(
        "--dissect-every", type=int, default=50, metavar="N", help="of N frames, one is dissected"
    )
    options = parser.parse_args()
    began, seeds = time.monotonic(), range(options.seed, options.seed - (-options.count // SHARE))
    left, problems = options.count, list[str]()
    with ProcessPoolExecutor(options.jobs) as pool:
        shares = []
        for seed in seeds:
            shares.append(pool.submit(read_share, seed, min(SHARE, left), options.dissect_every))
            left -= SHARE
        for share in shares:
            problems += share.result()
    for problem in problems[:20]:
        print(problem)  # noqa: T201
    dissected = options.count // options.dissect_every
    seconds = time.monotonic() - began
    print(f"{options.count} frames, {dissected} of them dissected: {len(problems)} failures, {seconds:.0f} s")  # noqa: T201
    return int(bool(problems))


def read_share(seed: int, count: int, dissect_every: int) -> list[str]:
    """Read the frames of one seed; return what is wrong."""
    return read_frames(damaged_frames(seed, count), dissect_every)


if __name__ == "__main__":
    sys.exit(main())
