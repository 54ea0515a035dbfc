"""Processes as /proc shows them, and signals to them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator


def parse_stat(text: str) -> tuple[int, str, str, int]:
    """Return (pid, name, state letter, parent) of a /proc/PID/stat."""
    head, _, tail = text.rpartition(")")
    pid, _, name = head.partition(" (")
    state, parent = tail.split()[:2]
    return int(pid), name, state, int(parent)


def list_processes() -> Iterator[tuple[int, str, str, int]]:
    """Yield `parse_stat` of each process."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{entry}/stat") as file:
                yield parse_stat(file.read())


def other_processes() -> list[int]:
    """Return every process but the init and this one."""
    kept = (1, os.getpid())
    return [pid for pid, _, state, _ in list_processes() if pid not in kept and state not in "ZX"]


def send_signal(pids: list[int], number: int) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_tree(top: int, tree: list[int]) -> None:
    """Kill a service with all of its processes before one of them can react to another's end.

    keepalived's children get SIGTERM when their parent dies, and would say goodbye (priority 0). So they die
    first, and the parent is stopped meanwhile, so that it cannot fork new ones.
    """
    send_signal([top], signal.SIGSTOP)
    send_signal([pid for pid in tree if pid != top], signal.SIGKILL)
    send_signal([top], signal.SIGKILL)


def pause_node(node: str) -> str:
    """Stop every process but the init and this one."""
    stopped = other_processes()
    send_signal(stopped, signal.SIGSTOP)
    return f"{len(stopped)} processes of {node} running → stopped (SIGSTOP)"


def resume_node(node: str) -> str:
    """Let every process continue."""
    continued = other_processes()
    send_signal(continued, signal.SIGCONT)
    return f"{len(continued)} processes of {node} stopped → running (SIGCONT)"


class Orphans:
    """Reaps ended processes that became our children, as this program is their subreaper."""

    def __init__(self) -> None:
        self._zombies: set[int] = set()

    def reap(self, listed: list[tuple[int, str, str, int]]) -> None:
        """Reap what was a zombie at the last look too: by then its watcher has had its turn."""
        zombies = {pid for pid, _, state, parent in listed if state == "Z" and parent == os.getpid()}
        for pid in zombies & self._zombies:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._zombies = zombies
