"""The command: python -m tests.soak --minutes 60."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hatlab.control import list_running_labs, request_result
from hatlab.errors import LabError
from tests.kills.process import HatlabProcess
from tests.kills.trial import sockets_of
from tests.soak.footprint import Footprint, footprint_of, growth_of, split_in_tenths, typical
from tests.soak.small import FAULTS, KEPT, ROWS

KINDS = ("headless sim", "screen sim", "headless docker")
WARM_UP = 0.15
"""The share of the time after which a lab has seen everything once, and its history is full."""
_PROGRAM = f"""
import sys
from hatlab import session
from hatlab.cli import main
from hatlab.engine.simulator import engine, history, world
session.Session.__init__.__kwdefaults__["keep"] = {KEPT}
history.MAX_COPIES = 16
world.JOURNAL_LENGTH = {ROWS}
speed = float(sys.argv.pop(1))
start = engine.SimulatorEngine.start
def start_fast(lab, emit):
    start(lab, emit)
    lab.speed = speed
engine.SimulatorEngine.start = start_fast
if "--headless" not in sys.argv:
    from hatlab.tui.log import model, pane
    from hatlab.views.packets import model as packets
    model.LogModel.__init__.__defaults__ = ({ROWS},)
    pane.LogPane.LINES = {ROWS}
    packets.PacketsModel.__init__.__defaults__ = ({ROWS},)
sys.exit(main())
"""
_KEYS = b"\t\t1234?\x1b\x1b[A\x1b[A\x1b[B\r\x1b/db\x1b  "
"""The panes, help, a row that is opened and closed, a search, time held and let go."""
EVERY = 10.0
"""Seconds between two actions."""


@dataclass
class Soak:
    """A lab in a process of its own that runs for long."""

    kind: str
    minutes: float
    seed: int
    speed: float
    """Of a simulated lab: its seconds in one of ours."""
    samples: list[Footprint] = field(default_factory=list)
    actions: int = 0
    problems: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Break and repair the lab until the time is over, and look at what it holds."""
        front, engine = self.kind.split()
        with tempfile.TemporaryDirectory(prefix="hls") as name:
            state = Path(name)
            argv = ["start", "two-node", "--engine", engine, *(["--headless"] if front == "headless" else [])]
            lab = HatlabProcess(state, front == "screen", str(self.speed), *argv, program=_PROGRAM)
            try:
                self._live(lab, state)
                lab.end("TERM")
                if not lab.wait(60):
                    self.problems.append("it did not end within 60 s")
            except Exception as error:  # noqa: BLE001 - what stops a soak is its result
                self.problems.append(f"{type(error).__name__}: {error}")
            finally:
                lab.close()

    def _live(self, lab: HatlabProcess, state: Path) -> None:
        began, chance = time.monotonic(), random.Random(self.seed)
        end = began + 60 * self.minutes
        while time.monotonic() < end:
            if not lab.runs:
                self.problems.append(f"it ended after {time.monotonic() - began:.0f} s")
                return
            for words in (chance.choice(FAULTS), "reset"):
                self._act(state, words)
                for key in _KEYS:
                    lab.press(bytes([key]))
                    time.sleep(EVERY / len(_KEYS) / 2)
            if time.monotonic() - began > WARM_UP * 60 * self.minutes:
                self.samples.append(footprint_of(lab.pid))

    def _act(self, state: Path, words: str) -> None:
        with suppress(LabError, OSError, IndexError):  # an action may fail: a node is off, time is held
            lab = list_running_labs(sockets_of(state))[0]
            request_result(lab.path, {"ask": "do", "words": words.split()})
            self.actions += 1

    @property
    def summary(self) -> str:
        """The figures in one line."""
        if not self.samples:
            return f"{self.kind}: nothing was measured; {'; '.join(self.problems)}"
        first, last, grown = growth_of(self.samples)
        failures = "; ".join([*self.problems, *grown]) or "0 failures"
        return (
            f"{self.kind}: {self.minutes:g} minutes at speed {self.speed:g}, {self.actions} actions; "
            f"{first.memory:.0f} to {last.memory:.0f} MB, "
            f"{first.descriptors} to {last.descriptors} descriptors, "
            f"{first.threads} to {last.threads} threads; {failures}"
        )

    @property
    def curve(self) -> str:
        """Memory in MB, the median of each tenth of the time after the warm-up."""
        tenths = split_in_tenths(self.samples)
        return f"{self.kind}: " + ", ".join(f"{typical(tenth).memory:.1f}" for tenth in tenths)

    @property
    def has_failed(self) -> bool:
        """True if it ended early or held on to anything."""
        return bool(self.problems or not self.samples or growth_of(self.samples)[2])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Runs labs for long.")
    parser.add_argument("--minutes", type=float, default=60, metavar="N", help="of each lab (default: 60)")
    parser.add_argument(
        "--labs", default="headless sim,screen sim", metavar="A,B", help=f"of {', '.join(KINDS)}"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is done (default: 1)")
    parser.add_argument("--speed", type=float, default=1, metavar="N", help="of simulated labs (default: 1)")
    options = parser.parse_args()
    soaks = [Soak(kind, options.minutes, options.seed, options.speed) for kind in options.labs.split(",")]
    threads = [threading.Thread(target=soak.run) for soak in soaks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for soak in soaks:
        print(soak.summary, flush=True)  # noqa: T201
        print(soak.curve, flush=True)  # noqa: T201
    return int(any(soak.has_failed for soak in soaks))


if __name__ == "__main__":
    sys.exit(main())
