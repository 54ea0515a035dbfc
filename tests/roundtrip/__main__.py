"""Every parity scenario and field case, imported from logs and captures alone: the table of docs/import.md.

python -m tests.roundtrip [--kept FOLDER] [--docker] [--misses] [NAME …]

With --docker everything is played on real keepalived, one lab at a time, while tcpdump captures on every
node; --kept names the folder where these runs are, so that they are played once (half an hour). NAMEs are
beginnings of titles.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from tests.incident.reproduce.honest import stories, verdict_on
from tests.roundtrip.judge import BROUGHT, round_trip
from tests.roundtrip.kept import keep_runs, read_kept


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.roundtrip", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--docker", action="store_true")
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args()
    names = tuple(args.names)
    with tempfile.TemporaryDirectory() as folder:
        kept = args.kept or Path(folder) / "kept"
        if args.docker:
            kept.mkdir(parents=True, exist_ok=True)
            keep_runs(kept, names)
        told = [*read_kept(kept, names)] if args.docker or args.kept else [*stories(Path(folder))]
        told = [story for story in told if not names or story.name.startswith(names)]
        _write("| brought | same transitions | same owners | causes: same, general, other | faults |")
        _write("|---|---|---|---|---|")
        for kind, brought in enumerate(BROUGHT):
            states = owners = right = 0
            causes = [0, 0, 0]
            misses = []
            for number, story in enumerate(told):
                try:
                    trip = round_trip(story, brought, Path(folder) / f"{kind}-{number}")
                except Exception as error:  # noqa: BLE001  a campaign goes on, and tells it
                    misses.append(f"    {story.name}: {type(error).__name__}: {str(error)[:150]}")
                    continue
                states += trip.same("state")
                owners += trip.same("owners")
                judged = verdict_on(story, trip.reproduction, changes_files=True)
                good = judged.right or judged.among or judged.traceless
                right += good
                causes = [a + b for a, b in zip(causes, trip.causes, strict=True)]
                if not (trip.same("state") and trip.same("owners") and good):
                    got = "; ".join(fault.words for fault in trip.reproduction.best.faults)
                    misses.append(
                        f"    {story.name}: states {trip.same('state')} owners {trip.same('owners')} "
                        f"{'; '.join(story.acts)[:80]!r} → {got!r}"
                    )
            count = len(told)
            shares = ", ".join(map(str, causes))
            _write(f"| {brought.name} | {states} of {count} | {owners} | {shares} | {right} |")
            for miss in misses if args.misses else ():
                _write(miss)


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
