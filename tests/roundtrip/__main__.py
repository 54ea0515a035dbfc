"""Every parity scenario and field case, imported from logs and captures alone: the table of docs/import.md.

python -m tests.roundtrip [--docker] [--misses] [NAME …]

With --docker the scenarios run on real keepalived; NAMEs are beginnings of titles.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.incident.reproduce.honest import Story, stories, verdict_on
from tests.parity.play import on_docker
from tests.parity.scenarios import SCENARIOS
from tests.roundtrip.judge import BROUGHT, round_trip


def main() -> None:
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as folder:
        told = [s for s in _stories(Path(folder)) if not names or s.name.startswith(tuple(names))]
        _write("| brought | same transitions | same owners | causes: same, general, other | faults |")
        _write("|---|---|---|---|---|")
        for kind, brought in enumerate(BROUGHT):
            states = owners = right = 0
            causes = [0, 0, 0]
            misses = []
            for number, story in enumerate(told):
                try:
                    trip = round_trip(story.events, brought, Path(folder) / f"{kind}-{number}")
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
            for miss in misses if "--misses" in sys.argv else ():
                _write(miss)


def _stories(folder: Path) -> Iterator[Story]:
    if "--docker" not in sys.argv:
        yield from stories(folder)
        return
    names = tuple(word for word in sys.argv[1:] if not word.startswith("--"))
    for scenario in SCENARIOS:
        if not names or scenario.title.startswith(names):
            acts = tuple(line for _, line in scenario.acts)
            yield Story(scenario.title, acts, on_docker(scenario).events)


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
