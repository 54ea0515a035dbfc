"""What a process holds: memory, descriptors, threads; and whether that grew."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MAY_GROW = 1.05
"""Memory at the end, as a multiple of that at the beginning."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds at a moment."""

    memory: float
    """MB in RAM."""
    descriptors: int
    threads: int


def footprint_of(pid: int) -> Footprint:
    """Return what a process holds now (Linux)."""
    place = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (place / "status").read_text().splitlines() if line.count(":") == 1
    )
    return Footprint(
        memory=int(status["VmRSS"].split()[0]) / 1000,
        descriptors=len(list((place / "fd").iterdir())),
        threads=int(status["Threads"]),
    )


def typical(samples: list[Footprint]) -> Footprint:
    """Return the median of each figure."""
    return Footprint(
        median(s.memory for s in samples),
        int(median(s.descriptors for s in samples)),
        int(median(s.threads for s in samples)),
    )


def split_in_tenths(samples: list[Footprint]) -> list[list[Footprint]]:
    """Return the samples in ten parts, without those that would be empty."""
    bounds = [len(samples) * k // 10 for k in range(11)]
    return [samples[a:b] for a, b in itertools.pairwise(bounds) if a < b]


def growth_of(samples: list[Footprint]) -> tuple[Footprint, Footprint, list[str]]:
    """Return what a process held in the first and the last tenth of the time, and what it holds on to."""
    tenth = max(1, len(samples) // 10)
    first, last = typical(samples[:tenth]), typical(samples[-tenth:])
    problems = []
    if last.memory > MAY_GROW * first.memory:
        problems.append(f"memory grew from {first.memory:.0f} MB to {last.memory:.0f} MB")
    if last.descriptors > first.descriptors:
        problems.append(f"{last.descriptors - first.descriptors} descriptors were not closed")
    if last.threads > first.threads:
        problems.append(f"{last.threads - first.threads} threads did not end")
    return first, last, problems
