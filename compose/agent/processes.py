"""Processes as /proc shows them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator


def read_stat(text: str) -> tuple[int, str, str, int]:
    """(pid, name, state letter, parent) of a /proc/PID/stat."""
    head, _, tail = text.rpartition(")")
    pid, _, name = head.partition(" (")
    state, parent = tail.split()[:2]
    return int(pid), name, state, int(parent)


def processes() -> Iterator[tuple[int, str, str, int]]:
    """`read_stat` of each process."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{entry}/stat") as file:
                yield read_stat(file.read())


def others() -> list[int]:
    """Every process but the init and this one."""
    own = (1, os.getpid())
    return [pid for pid, _, state, _ in processes() if pid not in own and state not in "ZX"]


def send_signal(pids: list[int], number: int) -> None:
    """A signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(top: int, tree: list[int]) -> None:
    """Ends a service with all of its processes before one of them can act on another's end.

    keepalived's children are sent SIGTERM when their parent dies, and would say goodbye (priority 0); so they
    die first, and the parent is held meanwhile, lest it forks new ones.
    """
    send_signal([top], signal.SIGSTOP)
    send_signal([pid for pid in tree if pid != top], signal.SIGKILL)
    send_signal([top], signal.SIGKILL)


def pause(node: str) -> str:
    """Stops everything that runs here but this program."""
    stopped = others()
    send_signal(stopped, signal.SIGSTOP)
    return f"{len(stopped)} processes of {node} running → stopped (SIGSTOP)"


def resume(node: str) -> str:
    """Lets everything go on."""
    going = others()
    send_signal(going, signal.SIGCONT)
    return f"{len(going)} processes of {node} stopped → running (SIGCONT)"


class Orphans:
    """Processes that became our children, as this program is their subreaper; the ended ones are reaped."""

    def __init__(self) -> None:
        self._zombies: set[int] = set()

    def reap(self, now: list[tuple[int, str, str, int]]) -> None:
        """Reaps what was a zombie at the last look too: by then whoever watches it has had its turn."""
        zombies = {pid for pid, _, state, parent in now if state == "Z" and parent == os.getpid()}
        for pid in zombies & self._zombies:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._zombies = zombies
