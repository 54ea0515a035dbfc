"""Reproduces every parity scenario and field case from its effects alone: the table of docs/import.md.

python -m tests.incident.reproduce [--misses]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.incident.reproduce.honest import SHOWN, judge, stories


def main() -> None:
    misses = "--misses" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        all_stories = list(stories(Path(folder)))
    _write("| shown | right faults | among equals | left no trace | same course | mean agreement |")
    _write("|---|---|---|---|---|---|")
    for shown in SHOWN:
        judgements = [judge(story, shown) for story in all_stories]
        count = len(judgements)
        right = sum(j.right for j in judgements)
        among = sum(j.among and not j.right for j in judgements)
        traceless = sum(j.traceless for j in judgements)
        same = sum(j.found.best.comparison.same for j in judgements)
        mean = sum(j.agreement for j in judgements) / count
        name = shown.__name__.replace("_", " ")
        _write(f"| {name} | {right} of {count} | {among} | {traceless} | {same} | {mean:.1%} |")
        for j in judgements if misses else ():
            if not (j.right or j.among or j.traceless) or j.agreement < 0.95:
                done = "; ".join(j.story.acts) or "nothing"
                got = "; ".join(fault.words for fault in j.found.best.faults) or "nothing"
                _write(f"    {j.agreement:6.1%} {j.story.name}: {done[:110]!r} → {got[:200]}")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
