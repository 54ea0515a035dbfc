"""The page of a ten-minute run: its size, how long its making takes, how soon a browser shows it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hatlab.export.html import write
from hatlab.state.steps import derive_steps
from hatlab.topology.library import load_topology
from tests.support.browser import CHROMIUM, running_browser
from tests.support.simulated_lab import SimLab

MINUTES = 10
FAULTS = (
    *("kill mysqld db1", "start mysqld db1", "cut heartbeat", "heal heartbeat", "stop keepalived db1"),
    *("start keepalived db1", "power off db1", "power on db1", "freeze mysqld db1", "thaw mysqld db1"),
)
TOPOLOGIES = ("two-node", "three-node", "subsecond")
OPENINGS = 7
IS_SHOWN = "document.documentElement.classList.contains('has-player')"


def make_page(path: Path, topology: str, minutes: float = MINUTES) -> float:
    """Write the page of a run with a fault or a repair every half minute; return the seconds it took."""
    lab = SimLab(load_topology(topology))
    lab.run(10)
    while lab.now < minutes * 60:
        lab.do(FAULTS[int(lab.now // 30) % len(FAULTS)], wait=30)
    began = time.perf_counter()
    with path.open("wb") as out:
        write(out, derive_steps(lab.events))
    return time.perf_counter() - began


def opening_times(path: Path) -> list[float]:
    """Return the seconds from asking for the page until the player shows its first moment."""
    took = []
    with running_browser() as browser:
        for _ in range(OPENINGS):
            page = browser.new_page()
            began = time.perf_counter()
            page.open(path, ready=IS_SHOWN)
            took.append(time.perf_counter() - began)
            page.close()
    return took


def rows() -> Iterator[str]:
    """Table rows: what, and what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        for topology in TOPOLOGIES:
            path = Path(folder) / f"{topology}.html"
            made = make_page(path, topology)
            row = f"{path.stat().st_size / 1024:.0f} kB, made in {made:.1f} s"
            if CHROMIUM is not None:
                took = opening_times(path)
                row += f", shown in {statistics.median(took):.2f} s ({min(took):.2f} to {max(took):.2f})"
            yield f"| `export --to html` of {MINUTES} min of {topology} | {row} |"
