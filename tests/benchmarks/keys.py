"""From a key to its effect on the screen, in the app over a running simulated lab, in a pseudo-terminal.

`python -m tests.benchmarks.keys FILE` is the measured process itself; `measure` starts it and presses keys.
"""

from __future__ import annotations

import inspect
import json
import os
import pty
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from hatlab.util.collection import pause_collection
from tests.benchmarks.terminal import APPEARS, read_until_it_ends, set_size

ROWS, COLUMNS = 35, 120
PAUSE = 0.1
"""Seconds between the effect of a key and the next key: fast typing."""
ROUND = (
    *("1", "[", "[", "]", "+", "-", " ", "\x1b"),
    *(
        "2",
        "\x1b[A",
        "\x1b[A",
        "\r",
        "\x1b[B",
        "\t",
        "\x1b",
        "f",
        "v",
        "r",
        "r",
        "p",
        "\r",
        "/",
        "\x7f",
        "\x1b",
    ),
    *("3", "\x1b[A", "\x1b[5~", "\x1b[6~", " "),
    *("m", "m", "\r", "\x1b[B", "\x1b[B", "\x1b", "a", "c", "u", "t", "\x7f", "\x1b"),
    *(":", "k", "i", "l", "l", " ", "m", "\x7f", "\x1b", "?", "2", "\x1b", "w", "\x1b[B", "\x1b"),
    *("e", "\x1b[B", "#", " ", "x", "\x7f", "\x7f", "\x7f", "\x1b"),
)
"""What is pressed: a walk through the panes, dialogs and the editor, which leaves the lab as it is."""


def measure(rounds: int = 12, keys: Sequence[str] = ROUND, pause: float = PAUSE) -> dict[str, Any]:
    """Press the keys of some rounds and return the delays' figures, ms."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        effects, told = os.pipe()
        os.set_inheritable(told, True)
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [sys.executable, "-m", __name__, str(out), str(told)])
        os.close(told)
        set_size(terminal, COLUMNS, ROWS)
        if not read_until_it_ends(terminal).wait(APPEARS):
            raise RuntimeError("the app did not show a lab")
        time.sleep(20 * pause)
        for _ in range(rounds):
            for key in keys:
                os.write(terminal, key.encode())
                if not select.select([effects], [], [], APPEARS)[0]:
                    raise RuntimeError(f"the key {key!r} had no effect")
                os.read(effects, 4096)  # the app tells that it has had its effect
                time.sleep(pause)
        os.write(terminal, b"\x11")  # Ctrl+Q leaves
        os.waitpid(pid, 0)
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def rows(rounds: int = 12, keys: Sequence[str] = ROUND, pause: float = PAUSE) -> list[str]:
    """Table rows of `measure`."""
    found = measure(rounds, keys, pause)
    return [
        f"| key pressed → its effect on the screen, lab running, {COLUMNS}x{ROWS} | ≤ 100 ms (99 %) | "
        f"median {found['median']:.0f} ms, 99 % {found['p99']:.0f} ms, most {found['most']:.0f} ms "
        f"({found['keys']} keys); processor time of the app meanwhile: median {found['cpu_median']:.0f} ms, "
        f"99 % {found['cpu_p99']:.0f} ms |"
    ]


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _run(out: Path, told: int) -> None:
    pause_collection()  # as `hatlab.tui.run` does
    from textual import events

    from hatlab.engine.simulator.engine import SimulatorEngine
    from hatlab.session import Session
    from hatlab.topology.library import load_topology
    from hatlab.tui.app.app import LabApp
    from hatlab.tui.app.key_order import KeyPassed

    delays: list[float] = []
    costs: list[float] = []

    class MeasuredApp(LabApp):
        _spent = 0.0
        """Processor time, s, when the key came."""
        _noted: events.Key | events.Paste | None = None
        """The last key whose effect was noted; the wait for letters before another key is not one."""
        CSS_PATH: ClassVar = [Path(inspect.getfile(LabApp)).with_name(str(name)) for name in LabApp.CSS_PATH]

        async def on_event(self, event: events.Event) -> None:
            is_new = isinstance(event, events.Key) and not event.is_forwarded
            waiting = self.keys_waiting
            if is_new and not waiting:
                self._spent = time.process_time()
            await super().on_event(event)
            if is_new and not waiting and not self.keys_waiting and self.focused is not None:
                self.focused.call_after_refresh(self._note, event.time)  # typed into a field

        async def _end_wait(self, awaited: KeyPassed) -> None:
            key = self._handed_out
            if awaited is self._awaited and key is not None and key is not self._noted:
                self._noted = key
                self._note(key.time)
            await super()._end_wait(awaited)

        def _note(self, pressed: float) -> None:
            if self.state.ready:
                delays.append(1000 * (time.monotonic() - pressed))
                costs.append(1000 * (time.process_time() - self._spent))
                os.write(told, b".")

    engine = SimulatorEngine("two-node", load_topology("two-node"), reason="measured")
    session = Session(engine)
    app = MeasuredApp(session)
    try:
        app.run()
    finally:
        session.stop()
    figures = {
        "keys": len(delays),
        "median": statistics.median(delays),
        "p99": _share(delays, 0.99),
        "most": max(delays),
        "cpu_median": statistics.median(costs),
        "cpu_p99": _share(costs, 0.99),
    }
    out.write_text(json.dumps(figures))


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]))
