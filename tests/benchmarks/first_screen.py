"""From the command to the first full screen of a simulated lab or lesson, in a pseudo-terminal of 140x45."""

from __future__ import annotations

import os
import pty
import re
import resource
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.commands import median_of, seconds
from tests.benchmarks.terminal import set_size

FULL = ("MASTER", "timeline", "packets", "answered by")
INTRODUCTION = ("One server", "A shop runs", "Enter")
DEADLINE = 30.0
RUNS = 7
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


def first_screen(*command: str, words: tuple[str, ...] = FULL) -> tuple[float, float]:
    """Seconds until everything that the first full screen of a command shows has been written.

    Returns:
        Seconds of the clock, and of processor time.
    """
    hatlab = str(Path(sys.executable).with_name("hatlab"))
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        began = time.perf_counter()
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ |= {"TERM": "xterm-256color", "XDG_STATE_HOME": state}
            os.execv(hatlab, [hatlab, *command, "--engine", "sim"])
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


def _processor_time(pid: int) -> float:
    """Seconds of processor time that the threads of a process have used."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _textual_import() -> float:
    """Seconds of processor time that the import of Textual takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(sys.executable, "-c", "import textual.app")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_lesson_screen(runs: int = RUNS) -> str:
    """Processor time to a lesson's first screen beside that of Textual's import, taken in turns."""
    textual, lesson = [], []
    for _ in range(runs):
        textual.append(_textual_import())
        lesson.append(first_screen("learn", "one-server", words=INTRODUCTION)[1])
    found, base = statistics.median(lesson), statistics.median(textual)
    return (
        f"processor time {found:.3f} s ({min(lesson):.3f} to {max(lesson):.3f}), "
        f"{found / base:.2f} × `import textual.app` ({base:.3f} s), {runs} runs"
    )


def rows(runs: int = RUNS) -> list[str]:
    """Markdown table rows."""
    whole = median_of(runs, lambda: first_screen("start", "two-node")[0])
    return [
        f"| `hatlab start --engine sim` to the first full screen | {whole} |",
        f"| `hatlab learn one-server --engine sim` to its first screen | {first_lesson_screen(runs)} |",
    ]
