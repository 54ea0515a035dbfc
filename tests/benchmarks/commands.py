"""Whole commands from outside: help, start to the first answer over the virtual address, reset, down."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

HATLAB = str(Path(sys.executable).with_name("hatlab"))
DEADLINE = 90.0


def median_of(runs: int, measure: Callable[[], float]) -> str:
    """`median (least to most)` seconds of some runs, of several after a warm-up."""
    if runs > 1:
        measure()
    found = [measure() for _ in range(runs)]
    return f"{statistics.median(found):.3f} s ({min(found):.3f} to {max(found):.3f}, {runs} runs)"


def seconds(*command: str) -> float:
    """How long a command takes from outside."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


@contextmanager
def running(topology: str = "two-node") -> Iterator[tuple[float, Iterator[dict[str, Any]]]]:
    """A lab with JSON events: when its command was given, and the events as they come."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [HATLAB, "start", topology, "--engine", "docker", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout
    try:
        yield began, (json.loads(line) for line in lines)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()
        lines.close()


def until(events: Iterator[dict[str, Any]], *wanted: dict[str, object]) -> list[float]:
    """The wall-clock moments at which an event like each of these first came, in whatever order."""
    give_up = time.perf_counter() + DEADLINE
    seen: dict[int, float] = {}
    for event in events:
        for k, fields in enumerate(wanted):
            if k not in seen and all(event.get(key) == value for key, value in fields.items()):
                seen[k] = time.perf_counter()
        if len(seen) == len(wanted):
            return [seen[k] for k in range(len(wanted))]
        if time.perf_counter() > give_up:
            break
    raise TimeoutError(f"not all of {wanted} came in {DEADLINE:.0f} s")


def life() -> dict[str, float]:
    """Seconds of one lab's life: `answer`, `reset`, `down`."""
    with running() as (began, events):
        good = {"kind": "probe", "ok": True}
        answer = until(events, good, {"kind": "phase", "name": "ready", "done": True})[0] - began
        begun = time.perf_counter()
        subprocess.run([HATLAB, "do", "reset"], stdout=subprocess.DEVNULL, check=True)
        reset = time.perf_counter() - begun
        down = seconds(HATLAB, "down")
    return {"answer": answer, "reset": reset, "down": down}


def help_times(*others: str) -> list[str]:
    """`hatlab --help`, and of other programs given as paths, in turn in the same run."""
    return [
        f"| `{Path(program).name} --help` | {median_of(9, lambda p=program: seconds(p, '--help'))} |"  # type: ignore[misc]
        for program in (HATLAB, *others)
    ]


def lives(runs: int = 3) -> list[str]:
    """Table rows of `life`, medians of some runs."""
    found = [life() for _ in range(runs)]
    titles = {
        "answer": "command to first good query over the VIP",
        "reset": "`hatlab do reset`",
        "down": "`hatlab down`",
    }
    return [
        f"| {title} | {statistics.median(r[key] for r in found):.2f} s "
        f"({min(r[key] for r in found):.2f} to {max(r[key] for r in found):.2f}, {runs} runs) |"
        for key, title in titles.items()
    ]
