"""Kills parts of a class at random moments and looks at what is left: `python -m tests.kills.seats`.

Two seats are opened; then the hub, the proxy, the board, a seat's server or hatlab is killed. In the end
the class is stopped: no process of it may be left.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from hatlab.classroom.links import make_links
from hatlab.classroom.running import start_class, stop_class
from tests.classroom.client import Learner
from tests.classroom.running_class import new_course, processes_of

ENDS_WITHIN = 30.0
"""Seconds within which all processes of a stopped class have ended."""


async def _open_seats(links: dict[str, str], seconds: float) -> list[Learner]:
    learners = [Learner(url) for name, url in links.items() if name != "teacher"]
    for learner in learners:
        with suppress(Exception):  # whatever a kill leads to, the end is what counts
            await asyncio.wait_for(learner.open_page(), 30)
            await learner.connect()
    await asyncio.sleep(seconds)
    return learners


async def _trial(rng: random.Random, folder: Path, engine: str) -> list[str]:
    course = new_course(folder, 2, engine=f'"{engine}"')
    start_class(course)
    learners = await _open_seats({link.name: link.url for link in make_links(course)}, rng.uniform(0, 8))
    killed = []
    try:
        for _ in range(rng.randint(1, 3)):
            number = rng.choice(processes_of(course) or [0])
            if number:
                killed.append(_name(number))
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
                await asyncio.sleep(rng.uniform(0, 2))
    finally:
        for learner in learners:
            with suppress(Exception):
                await learner.close()
        await asyncio.to_thread(stop_class, course, lambda _text: None)
    sys.stdout.write(f"  killed: {', '.join(killed)}\n")
    deadline = time.monotonic() + ENDS_WITHIN
    while (left := processes_of(course)) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return [f"{_name(number)} still runs" for number in left]


def _name(number: int) -> str:
    try:
        words = (Path("/proc") / str(number) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return f"{number}"
    return " ".join(os.fsdecode(word)[-40:] for word in words[:5]).strip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills.seats", description=__doc__)
    parser.add_argument("--count", type=int, default=8, metavar="N", help="classes (default: 8)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is drawn (default: 1)")
    parser.add_argument("--engine", choices=["sim", "docker"], default="sim", help="of the seats")
    options = parser.parse_args()
    failures = 0
    for number in range(1, options.count + 1):
        rng = random.Random(f"{options.seed}-{number}")
        with tempfile.TemporaryDirectory(prefix="hlc") as folder:
            problems = asyncio.run(_trial(rng, Path(folder), options.engine))
        failures += bool(problems)
        sys.stdout.write(f"#{number}: {'; '.join(problems) or 'ok'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{options.count} classes, {failures} failures\n")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
