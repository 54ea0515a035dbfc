"""python -m differential.namespaces PARALLEL: runs the cases of its input, some at once."""

from __future__ import annotations

import json
import os
import selectors
import sys
import time
import traceback
from typing import Any

from . import linux
from .lab import Lab

PACE = 0.25
"""Seconds between the starts of two labs: making one is work, and must not hold up the timers of others."""


def main() -> None:
    """Run cases until the input ends and the last is done; when the reader is gone, end at once."""
    parallel = int(sys.argv[1])
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    waiting: list[str] = []
    running: dict[int, tuple[int, bytes, str]] = {}
    """Pipe of a lab → (process, what it said so far, id of the case)."""
    partial, at_end, next_start = b"", False, 0.0
    while not at_end or waiting or running:
        now = time.monotonic()
        if waiting and len(running) < parallel and now >= next_start:
            next_start = now + PACE
            line = waiting.pop(0)
            pid, pipe = _fork_lab(json.loads(line))
            running[pipe] = (pid, b"", json.loads(line)["id"])
            selector.register(pipe, selectors.EVENT_READ)
        for key, _ in selector.select(PACE if waiting else None):
            data = os.read(key.fd, 1 << 20)
            if key.fd == 0:
                at_end = not data
                if at_end:
                    selector.unregister(0)
                *lines, partial = (partial + data).split(b"\n")
                waiting += [line.decode() for line in lines]
                continue
            pid, said, ident = running[key.fd]
            running[key.fd] = (pid, said + data, ident)
            if not data:
                selector.unregister(key.fd)
                os.close(key.fd)
                os.waitpid(pid, 0)
                del running[key.fd]
                outcome = json.loads(said) if said else {"error": "the lab ended without a word"}
                print(json.dumps({"id": ident, **outcome}), flush=True)  # noqa: T201


def _fork_lab(case: dict[str, Any]) -> tuple[int, int]:
    """Run a case in a process of its own: (its id, a pipe with its outcome as JSON)."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        linux.die_with_parent()
        os.close(reader)
        os.close(0)
        os.open("/dev/null", os.O_RDONLY)
        try:
            outcome = Lab(case).run()
        except Exception:  # noqa: BLE001 - told to whoever asked
            outcome = {"error": traceback.format_exc()}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(outcome).encode())
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
