"""Runs hatlab on the terminal of a seat: `python -m hatlab.classroom.seat.launch MEMORY WORDS…`.

It has a session of its own (the seat's server made it), takes the terminal as its controlling one, and limits
itself where the system allows: memory by RLIMIT_DATA, the processor by its priority. Most systems share the
processor between sessions, so one seat that is busy leaves the others theirs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_NICE = 5
"""Below the seats' servers, so that keys and pages get through."""
_MOST_FILES = 512
_STACK = 2_000_000
"""Bytes of a thread's stack. All of it counts as data, and a lab on Docker has dozens of threads."""

_KILLED_FIRST = 300
"""Where memory ends, Linux ends a node of a lab first (500), then one seat's hatlab, and the hub last (0)."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Become hatlab, with the words given."""
    import fcntl
    import termios

    memory, *words = arguments
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    limit_resources(int(memory))
    os.execv(sys.executable, [sys.executable, "-m", "hatlab.cli", *words])


def limit_resources(memory: int) -> None:
    """Limit this process to some MB of data; no core files, and not more open files than a lab needs."""
    import resource

    from hatlab.util.files import open_output

    most, stacks = memory * 1_000_000, resource.getrlimit(resource.RLIMIT_STACK)[1]
    for what, soft, hard in (
        (resource.RLIMIT_DATA, most, most),
        (resource.RLIMIT_STACK, _STACK, stacks),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES, _MOST_FILES),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (soft, hard))
    with suppress(OSError):
        os.nice(_NICE)
    with suppress(OSError), open_output(Path("/proc/self/oom_score_adj")) as score:
        score.write(str(_KILLED_FIRST).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
