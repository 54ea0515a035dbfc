"""What the screen costs at rest: a healthy pair, 20 probes a second, adverts every second.

    python -m tests.benchmarks.resting [SECONDS] [COLUMNSxROWS] [SECONDS OF WARMING UP]

The app runs in a terminal of its own (a pseudo-terminal that is read and thrown away); its processor time and
memory are read from /proc. The engine is a fake in the same process that emits what a quiet lab emits.
"""

from __future__ import annotations

import os
import pty
import sys
import threading
import time
from collections.abc import Callable

from hatlab import events as e
from hatlab.engine.base import Emit, Engine
from hatlab.session import Session
from tests.benchmarks.terminal import APPEARS, read_until_it_ends, set_size
from tests.support.story import _advert
from tests.support.story_engine import StoryEngine


class Resting(StoryEngine):
    """A pair at rest, in real time."""

    def start(self, emit: Emit) -> None:
        self._emit = emit
        self.tell_until(8.0)
        self._halt = threading.Event()
        threading.Thread(target=self._rest, daemon=True).start()

    def _rest(self) -> None:
        origin = time.monotonic() - 8.0
        k = 0
        while not self._halt.wait(0.05):
            k += 1
            at = time.monotonic() - origin
            latency = 1.0 + k * 7 % 13 / 10
            found: list[e.Event] = [
                e.Probe(at=at, client="client", ok=True, server="db1", latency_ms=latency)
            ]
            if k % 5 == 0:
                found.append(e.Tick(at=at))
            if k % 10 == 0:
                found.append(e.Write(at=at, client="client", sequence=k, ok=True, server="db1"))
            if k % 20 == 0:
                found += _advert(at, "db1", 150)
            self.tell(*found)

    def stop(self) -> None:
        self._halt.set()


def _used(pid: int) -> float:
    """Seconds of processor time a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def measure(
    seconds: float,
    columns: int,
    rows: int,
    engine: Callable[[], Engine] = Resting,
    warming_up: float = 5.0,
) -> tuple[float, float]:
    """Per cent of a core and megabytes, some seconds after the lab is shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        from hatlab.tui import run

        time.sleep(0.3)
        os._exit(run(Session(engine())))
    set_size(terminal, columns, rows)
    if not read_until_it_ends(terminal).wait(APPEARS):
        raise RuntimeError("the app did not show a lab")
    time.sleep(warming_up)
    before, began = _used(pid), time.monotonic()
    time.sleep(seconds)
    share = 100 * (_used(pid) - before) / (time.monotonic() - began)
    memory = _megabytes(pid)
    os.write(terminal, b"q")
    os.waitpid(pid, 0)
    return share, memory


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    size = sys.argv[2] if len(sys.argv) > 2 else "140x45"
    wait = float(sys.argv[3]) if len(sys.argv) > 3 else 5.0
    width, height = (int(part) for part in size.split("x"))
    share, memory = measure(length, width, height, warming_up=wait)
    sys.stdout.write(f"{size}: {share:.1f} % of a core, {memory:.0f} MB\n")
