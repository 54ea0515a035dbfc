"""Namespaces, mounts and processes of Linux, as far as Python before 3.12 does not have them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET = 0x20000, 0x4000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _check(_libc.unshare(flags))


def enter(*namespaces: int) -> None:
    """Move this process into the namespaces of these file descriptors."""
    for namespace in namespaces:
        _check(_libc.setns(namespace, 0))


def mount(source: str, target: str, flags: int) -> None:
    """Mount one path on another."""
    _check(_libc.mount(source.encode(), target.encode(), None, flags, None))


def hurry() -> None:
    """Let this process, and what it starts from now on, run before others: it has little to do."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)


def die_with_parent() -> None:
    """This process is killed when its parent ends."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def fork_holder(prepare: Callable[[], None]) -> int:
    """Start a process that calls `prepare` and then only keeps its namespaces; return its id."""
    reader, writer = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            die_with_parent()
            if os.getppid() == parent:
                prepare()
                os.write(writer, b"1")
                os.close(writer)
                while True:
                    signal.pause()
        finally:
            os._exit(1)
    os.close(writer)
    ready = os.read(reader, 1)
    os.close(reader)
    if not ready:
        os.waitpid(pid, 0)
        raise OSError("a namespace cannot be made: the container lacks SYS_ADMIN")
    return pid


def descendants(pid: int) -> list[int]:
    """Return a process and all processes below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError), open(f"/proc/{parent}/task/{parent}/children") as file:
            found += map(int, file.read().split())
    return found


def send_signal(pids: list[int], number: int) -> None:
    """Send a signal to processes; those that are gone are left out."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_namespace(inode: int) -> None:
    """Kill every process in a network namespace, which this one is not in."""
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}/ns/net").st_ino == inode:
                os.kill(int(name), signal.SIGKILL)
