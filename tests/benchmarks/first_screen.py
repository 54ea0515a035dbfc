"""From the command to the first full screen of a simulated lab or lesson, in a pseudo-terminal of 140x45.

Everything is compiled before it counts, as it is where hatlab was installed and has run once: with
`PYTHONDONTWRITEBYTECODE` in the environment, each start would compile hatlab's 500 modules again, and none of
Textual's.
"""

from __future__ import annotations

import os
import pty
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import set_size

FULL = ("MASTER", "timeline", "packets", "answered by")
INTRODUCTION = ("One server", "A shop runs", "Enter")
DEADLINE = 30.0
RUNS = 7
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


def first_screen(*command: str, words: tuple[str, ...] = FULL, compiled: str = "") -> tuple[float, float]:
    """Seconds until everything that the first full screen of a command shows has been written.

    Args:
        command: the command's arguments, without the engine.
        words: what the screen shows.
        compiled: a folder of compiled modules; empty for that of the environment.

    Returns:
        Seconds of the clock, and of processor time.
    """
    hatlab = str(Path(sys.executable).with_name("hatlab"))
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        began = time.perf_counter()
        pid, terminal = pty.fork()
        if pid == 0:
            environment = {**_environment(compiled), "TERM": "xterm-256color", "XDG_STATE_HOME": state}
            os.execve(hatlab, [hatlab, *command, "--engine", "sim"], environment)
        set_size(terminal, 140, 45)
        seen = b""
        try:
            while not all(word in _ESCAPES.sub(b"", seen).decode(errors="replace") for word in words):
                if time.perf_counter() - began > DEADLINE:
                    raise TimeoutError(f"no full screen in {DEADLINE:.0f} s")
                seen += os.read(terminal, 65536)
            return time.perf_counter() - began, _processor_time(pid)
        finally:
            os.close(terminal)
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def _environment(compiled: str) -> dict[str, str]:
    if not compiled:
        return dict(os.environ)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": compiled}


def _processor_time(pid: int) -> float:
    """Seconds of processor time that the threads of a process have used."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _textual_import(compiled: str) -> float:
    """Seconds of processor time that the import of Textual takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = (sys.executable, "-c", "import textual.app")
    subprocess.run(command, env=_environment(compiled), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(runs: int = RUNS, *, compiling: bool = True) -> list[str]:
    """Markdown table rows: each first screen beside the import of Textual, all taken in turns.

    Args:
        runs: how often each is measured.
        compiling: all is run once before it counts, and what that compiles is kept.
    """
    textual, lesson, lab = [], [], []
    with tempfile.TemporaryDirectory(prefix="hl") as folder:
        compiled = folder if compiling else ""
        for _ in range(compiling + runs):
            textual.append(_textual_import(compiled))
            lesson.append(first_screen("learn", "one-server", words=INTRODUCTION, compiled=compiled))
            lab.append(first_screen("start", "two-node", compiled=compiled))
    base = statistics.median(textual[compiling:])
    return [
        f"| `hatlab {command} --engine sim` to {what} | {_figures(found[compiling:], base)} |"
        for command, what, found in (
            ("start", "the first full screen", lab),
            ("learn one-server", "its first screen", lesson),
        )
    ]


def _figures(found: list[tuple[float, float]], base: float) -> str:
    clock, used = (statistics.median(times) for times in zip(*found, strict=True))
    least, most = min(used for _, used in found), max(used for _, used in found)
    return (
        f"{clock:.2f} s by the clock; processor time {used:.3f} s ({least:.3f} to {most:.3f}), "
        f"{used / base:.2f} × `import textual.app` ({base:.3f} s), {len(found)} runs"
    )
