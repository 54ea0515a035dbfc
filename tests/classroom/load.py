"""Thirty scripted learners at once: `python -m tests.classroom.load [--learners 30] [--work 90]`.

Everybody clicks their link within the same minute, goes into the first lesson, and then opens and closes the
help, a whole screen, every few seconds, through a websocket as a browser's. Measured are the time from the
click to the first screen, that from a key to the screen, and the memory of each seat. The learners take their
own share of the processors, which is told, too. `test_load.py` is a short form of this.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hatlab.classroom.course import Course
from hatlab.classroom.running import hub_process, seat_process
from tests.classroom.client import Learner
from tests.classroom.running_class import new_course, running

FIRST_SCREEN, HELP = b"Enter", b"Esc close"


@dataclass
class Figures:
    """What was measured of all learners, in seconds."""

    first_screens: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    received: int = 0


async def learn(
    link: str, click_at: float, work: float, figures: Figures, everybody: asyncio.Barrier
) -> None:
    """Be one learner."""
    chance, learner = random.Random(link), Learner(link)
    await asyncio.sleep(click_at)
    try:
        began = time.monotonic()
        await learner.open_page()
        await learner.connect()
        await learner.sees(FIRST_SCREEN)
        figures.first_screens.append(time.monotonic() - began)
        await learner.type_keys(b"\r")
    except (AssertionError, OSError, TimeoutError) as error:
        figures.failures.append(f"{type(error).__name__}: {error}")
    await everybody.wait()
    until = time.monotonic() + work
    try:
        while time.monotonic() < until and not figures.failures:
            await asyncio.sleep(chance.uniform(2, 6))
            learner.output, pressed = b"", time.monotonic()
            await learner.type_keys(b"?")
            await learner.sees(HELP)
            figures.keys.append(time.monotonic() - pressed)
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            await learner.type_keys(b"\x1b")
    finally:
        await everybody.wait()  # memory is looked at while all are here
        await everybody.wait()
        figures.received += learner.bytes
        await learner.close()


async def run_class(course: Course, links: Sequence[str], minute: float, work: float) -> Figures:
    """Let everybody learn; print the figures."""
    figures, everybody = Figures(), asyncio.Barrier(len(links) + 1)
    chance = random.Random(1)
    tasks = [
        asyncio.create_task(learn(link, chance.uniform(0, minute), work, figures, everybody))
        for link in links
    ]
    await everybody.wait()
    _print_times("from the click to the first screen", figures.first_screens)
    processors = os.times(), _busy_seconds(), time.monotonic()
    used = _used_by_seats(course)
    await everybody.wait()
    _print_times("from a key to the screen", figures.keys)
    _print_processors(*processors)
    _print_seats(used, _used_by_seats(course), time.monotonic() - processors[2])
    _print_memory(course)
    await everybody.wait()
    await asyncio.gather(*tasks)
    print(f"sent to each learner: {figures.received / len(links) / 1000:.0f} kB")
    print(f"failures: {len(figures.failures)} {figures.failures[:3]}")
    return figures


def _print_times(what: str, times: Sequence[float]) -> None:
    if len(times) < 2:
        print(f"{what}: {times}")
        return
    parts = statistics.quantiles(times, n=100, method="inclusive")
    print(
        f"{what}: 50 % {parts[49] * 1000:.0f} ms, 90 % {parts[89] * 1000:.0f} ms, "
        f"99 % {parts[98] * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms ({len(times)} times)"
    )


def _busy_seconds() -> float:
    """Return how long the machine's processors have been busy, all together."""
    user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    return sum(map(int, (user, nice, system, *rest[:2]))) / os.sysconf("SC_CLK_TCK")


def _print_processors(own: os.times_result, busy: float, began: float) -> None:
    passed, now = time.monotonic() - began, os.times()
    learners = (now.user + now.system - own.user - own.system) / passed
    print(
        f"processors at work: {(_busy_seconds() - busy) / passed:.2f} of {os.cpu_count()}, "
        f"of which the learners themselves {learners:.2f}"
    )


def _seat_processes(course: Course) -> list[list[int]]:
    """Return the processes of each seat: its server, and hatlab, whose parent that is."""
    servers = [seat_process(folder).pid for folder in (course.state / "seats").iterdir()]
    servers = [pid for pid in servers if pid]  # others have ended
    return [[pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())] for pid in servers]


def _used_by_seats(course: Course) -> list[list[float]]:
    """Return the seconds of processor time that each process of each seat has used."""
    return [[_processor_time(pid) for pid in seat] for seat in _seat_processes(course)]


def _processor_time(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _print_seats(before: list[list[float]], after: list[list[float]], passed: float) -> None:
    shares = [
        [100 * (end - begin) / passed for begin, end in zip(*seat, strict=True)]
        for seat in zip(before, after, strict=True)
    ]
    whole = [sum(seat) for seat in shares]
    print(
        f"processor of a seat: {statistics.mean(whole):.1f} % of a core, "
        f"{min(whole):.1f} to {max(whole):.1f} (its server {statistics.mean(seat[0] for seat in shares):.1f})"
    )


def _memory(pid: int) -> tuple[float, float]:
    """Return the resident and the proportional set of a process, MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = {line.split()[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
    return found["Rss:"] / 1024, found["Pss:"] / 1024


def _print_memory(course: Course) -> None:
    """Print what a seat takes: its server, and hatlab, whose parent that is."""
    seats = [[_memory(pid) for pid in seat] for seat in _seat_processes(course)]
    for kind, which in (("resident", 0), ("proportional", 1)):
        servers = statistics.mean(seat[0][which] for seat in seats)
        whole = [sum(part[which] for part in seat) for seat in seats]
        print(
            f"memory of a seat, {kind}: {statistics.mean(whole):.0f} MB, at most {max(whole):.0f} MB "
            f"(its server {servers:.0f} MB)"
        )
    print(f"memory of the hub: {_memory(hub_process(course).pid)[0]:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--minute", type=float, default=60, help="seconds within which all click")
    parser.add_argument("--work", type=float, default=90, help="seconds at work")
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        course = new_course(Path(folder), args.learners)
        with running(course) as links:
            students = [link for name, link in links.items() if name != "teacher"]
            asyncio.run(run_class(course, students, args.minute, args.work))


if __name__ == "__main__":
    main()
