"""The app over a real lab, in a pseudo-terminal of 140x45: delays from the wire, and what it costs at rest.

`python -m tests.benchmarks.screen FILE SECONDS` is the measured process itself; `measure` starts it.
"""

from __future__ import annotations

import inspect
import json
import os
import pty
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from hatlab import events as e
from tests.benchmarks.terminal import read_until_it_ends, set_size

ROWS, COLUMNS = 45, 140


def measure(seconds: float = 40.0) -> dict[str, Any]:
    """Runs the app that long after ready and returns its figures."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [sys.executable, "-m", __name__, str(out), str(seconds)])
        set_size(terminal, COLUMNS, ROWS)
        read_until_it_ends(terminal)
        os.waitpid(pid, 0)
        if not out.exists():
            raise RuntimeError("the app measured nothing: does `hatlab start` work here?")
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def rows(seconds: float = 40.0) -> list[str]:
    """Table rows of `measure`."""
    found = measure(seconds)
    return [
        f"| frame captured → event folded, UI running | median {found['folded_median']:.2f} ms, "
        f"99th percentile {found['folded_p99']:.1f} ms ({found['frames']} frames) |",
        f"| frame captured → on the screen | median {found['shown_median']:.0f} ms, "
        f"99th percentile {found['shown_p99']:.0f} ms |",
        f"| the app at rest | {found['cpu']:.1f} % of a core, {found['memory']:.0f} MB |",
    ]


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _run(out: Path, seconds: float) -> None:
    from hatlab.engine.docker.engine import DockerEngine
    from hatlab.session import Batch, Session
    from hatlab.topology.library import load_topology
    from hatlab.tui.app.app import LabApp

    folded: list[float] = []
    shown: list[float] = []

    class MeasuredSession(Session):
        def emit(self, events: Sequence[e.Event]) -> None:
            super().emit(events)
            now = self.engine.now()
            if self.state.ready:
                folded.extend(now - event.at for event in events if isinstance(event, e.Advert))

    class MeasuredApp(LabApp):
        CSS_PATH: ClassVar = [Path(inspect.getfile(LabApp)).with_name(str(name)) for name in LabApp.CSS_PATH]

        async def _show_batch(self, batch: Batch) -> None:
            await super()._show_batch(batch)
            frames = [event.at for event in batch.events if isinstance(event, e.Advert)]
            if frames and batch.state.ready:
                self.screen.call_after_refresh(self._shown, frames)

        def _shown(self, frames: list[float]) -> None:
            now = self.session.engine.now()
            shown.extend(now - at for at in frames)

    session = MeasuredSession(DockerEngine("two-node", load_topology("two-node")))
    app = MeasuredApp(session)
    figures: dict[str, float] = {}

    def watch() -> None:
        session.wait_for(lambda state: state.ready, 60)
        time.sleep(min(3, seconds))
        folded.clear()
        shown.clear()
        before, began = time.process_time(), time.monotonic()
        time.sleep(seconds)
        figures["cpu"] = 100 * (time.process_time() - before) / (time.monotonic() - began)
        app.call_from_thread(app.exit, 0)

    threading.Thread(target=watch, daemon=True).start()
    try:
        app.run()
    finally:
        session.stop()
    if session.error is not None:
        raise session.error
    figures |= {
        "frames": len(folded),
        "folded_median": 1000 * statistics.median(folded),
        "folded_p99": 1000 * _percentile(folded, 0.99),
        "shown_median": 1000 * statistics.median(shown),
        "shown_p99": 1000 * _percentile(shown, 0.99),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    out.write_text(json.dumps(figures))


if __name__ == "__main__":
    _run(Path(sys.argv[1]), float(sys.argv[2]))
