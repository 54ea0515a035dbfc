"""Sixteen servers with mysqld on each: start, memory and end on Docker; the simulator's first screen.

The lab has a state folder of its own, so other labs of this machine are left alone.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.commands import HATLAB, running, seconds, until
from tests.benchmarks.first_screen import first_screen
from tests.benchmarks.resting import measure
from tests.support.topologies import many, write

NAME = "sixteen"


def life(path: Path) -> dict[str, float]:
    """One lab's life: seconds to healthy, megabytes of all its containers, seconds of `hatlab down`."""
    with running(topology=str(path)) as (began, events):
        healthy = until(events, {"kind": "phase", "name": "ready", "done": True})[0] - began
        time.sleep(5)  # the start's own memory is freed, keepalived's second round of ARPs is over
        used = sum(_megabytes())
        down = seconds(HATLAB, "down", "--lab", NAME)
    return {"healthy": healthy, "memory": used, "down": down}


def _megabytes() -> Iterator[float]:
    """Memory of each container of the lab, without the page cache that can be given back."""
    from docker import DockerClient

    client = DockerClient.from_env()
    for container in client.containers.list(filters={"label": f"hatlab.topology={NAME}"}):
        told: Any = container.stats(stream=False, one_shot=True)
        memory = told["memory_stats"]
        cache = memory["stats"].get("inactive_file", memory["stats"].get("total_inactive_file", 0))
        yield (memory["usage"] - cache) / 2**20
    client.close()


def rows(runs: int = 3) -> Iterator[str]:
    """Markdown table rows."""
    from hatlab.engine.simulator.engine import SimulatorEngine

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        path = write(many(16), Path(folder) / f"{NAME}.yaml")
        first = [first_screen("start", str(path))[0] for _ in range(runs)]
        yield f"| 16 nodes, simulator: command to the first full screen | {_spread(first)} s |"
        for columns, lines in ((80, 24), (140, 45)):
            share, memory = measure(15, columns, lines, lambda: SimulatorEngine(NAME, many(16)))
            yield (
                f"| 16 nodes, simulator and app at rest, {columns}x{lines} | "
                f"{share:.1f} % of a core, {memory:.0f} MB |"
            )
        found = [life(path) for _ in range(runs)]
    yield f"| 16 nodes, Docker: command to healthy | {_spread([f['healthy'] for f in found])} s |"
    yield f"| 16 nodes, Docker: `hatlab down` | {_spread([f['down'] for f in found])} s |"
    yield f"| 16 nodes, Docker: memory of all containers | {_spread([f['memory'] for f in found])} MB |"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f}, {len(values)} runs)"
