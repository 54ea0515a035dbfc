"""Runs hatlab as if Python lacked what it lacks on macOS or Windows.

`python -m tests.platforms.lacking windows FILE`: FILE has a JSON list of command lines; stdout gets a JSON
object a line for each: its exit code, stdout and stderr. Only modules of hatlab find something missing: the
libraries below them are those of this machine, and have ways of their own on others.
"""

from __future__ import annotations

import builtins
import io
import json
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = {
    "windows": {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "syslog", "readline", "curses"},
    "macos": {"spwd"},
}
"""Platform → modules of the standard library that it lacks."""
_WINDOWS_OS = """
    fork forkpty openpty getuid geteuid getgid getegid getgroups getpgid getpgrp setsid killpg mkfifo mknod
    uname
    statvfs chown lchown fchown nice pipe2 pread pwrite ttyname sched_getaffinity getloadavg sysconf chroot
    O_NONBLOCK O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NOCTTY O_SYNC wait wait3 wait4 WNOHANG WIFEXITED EX_OK
    posix_spawn register_at_fork get_blocking set_blocking
"""
_WINDOWS_SIGNAL = """
    SIGHUP SIGUSR1 SIGUSR2 SIGWINCH SIGTSTP SIGCONT SIGCHLD SIGQUIT SIGKILL SIGSTOP SIGPIPE SIGALRM
    pthread_kill pthread_sigmask setitimer alarm sigwait
"""
NAMES = {
    "windows": {
        "os": _WINDOWS_OS,
        "signal": _WINDOWS_SIGNAL,
        "socket": "AF_UNIX AF_PACKET AF_NETLINK SCM_RIGHTS sethostname",
        "select": "poll epoll",
        "time": "tzset clock_gettime CLOCK_MONOTONIC CLOCK_REALTIME CLOCK_BOOTTIME",
    },
    "macos": {
        "os": "sched_getaffinity pipe2 memfd_create posix_fallocate getrandom setns O_TMPFILE",
        "signal": "SIGRTMIN SIGRTMAX SIGPOLL sigtimedwait",
        "socket": "AF_PACKET AF_NETLINK SO_BINDTODEVICE SO_PEERCRED",
        "select": "epoll",
        "time": "CLOCK_BOOTTIME",
    },
}
"""Platform → module → names that it lacks (Python's documentation, "Availability")."""


class _Lacking(ModuleType):
    """A module without some of its names."""

    def __init__(self, module: ModuleType, names: set[str]) -> None:
        super().__init__(module.__name__)
        self._module, self._names = module, names
        del self.__doc__

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            raise AttributeError(f"module {self._module.__name__!r} has no attribute {name!r}")
        return getattr(self._module, name)


def take_away(platform: str) -> None:
    """Let hatlab's modules find what the platform has, and no more."""
    real, names, modules = builtins.__import__, NAMES[platform], MODULES[platform]
    views = {name: _Lacking(real(name), {*lacking.split()}) for name, lacking in names.items()}

    def find(name: str, globals_: Any = None, locals_: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        asking = str((globals_ or {}).get("__name__", ""))
        if asking.partition(".")[0] != "hatlab" or level:
            return real(name, globals_, locals_, fromlist, level)
        top = name.partition(".")[0]
        if top in modules:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        found = real(name, globals_, locals_, fromlist, level)
        return views.get(name if fromlist else top, found)

    builtins.__import__ = find  # type: ignore[assignment]


def run(arguments: list[str]) -> dict[str, Any]:
    """Run a command line of hatlab's; return what it said."""
    from hatlab.cli import main

    began = time.monotonic()
    raw = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(each, encoding="utf-8") for each in raw)
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        out.flush()
        err.flush()
    seconds = time.monotonic() - began
    texts = {"out": raw[0].getvalue().decode(), "err": raw[1].getvalue().decode()}
    return {"arguments": arguments, "code": code, "seconds": seconds, **texts}


if __name__ == "__main__":
    take_away(sys.argv[1])
    for line in json.loads(Path(sys.argv[2]).read_text()):
        print(json.dumps(run(line)), file=sys.__stdout__, flush=True)
