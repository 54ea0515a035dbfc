"""mysqld and keepalived as processes: begin, end, freeze, and what they print."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Collection
from typing import Any

from .helpers import Refused
from .loop import Loop, Seen
from .processes import Orphans, processes

ORPHAN = 1.5
"""Seconds that processes get to end by themselves once the one that started them did."""
_STAMP = re.compile(r"^(?:\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: |\d{4}-\d\d-\d\dT[\d:.]+Z )")


def without_stamp(line: str) -> str:
    """A daemon's log line without its own time stamp: the fact has a better one."""
    return _STAMP.sub("", line.rstrip())


class Service:
    """A service as the node's processes show it: the top process of its name, and its descendants.

    Args:
        name: of the process.
        words: how it is started.
        user: as whom it runs; None for root.

    Attributes:
        pid: of the top process; None if it does not run.
        state: "up", "down" or "frozen".
        reason: how it ended, or was frozen.
        tree: its processes.
        outlived: one of them was there still when the top one had ended.
        on_text: gets each line that it prints.
        on_end: called when it ended, before that is told.
    """

    def __init__(self, name: str, words: tuple[str, ...], user: str | None = None) -> None:
        self.name, self.words, self.user = name, words, user
        self.pid: int | None = None
        self.state = "down"
        self.reason = "not started"
        self.tree: list[int] = []
        self.outlived = False
        self.on_text: Callable[[str], Any] = lambda _: None
        self.on_end: Callable[[], Any] = lambda: None

    def __str__(self) -> str:
        if self.state == "down":
            return f"down ({self.reason})" if self.reason else "down"
        return f"pid {self.pid} {'frozen' if self.state == 'frozen' else 'running'}"


class Services:
    """Starts the node's services and tells `process` and `log` facts of them, whoever started them.

    Args:
        node: the node's name, for sentences.
        loop: of the main thread.
        names: of the services that the node has.
    """

    def __init__(self, node: str, loop: Loop, names: Collection[str]) -> None:
        self._node, self._loop = node, loop
        self.mysqld = Service("mysqld", ("/usr/sbin/mysqld",), user="mysql")
        self.keepalived = Service(
            "keepalived",
            ("/usr/sbin/keepalived", "--dont-fork", "--log-console", "--no-syslog", "-D"),
        )
        self.by_name = {s.name: s for s in (self.mysqld, self.keepalived) if s.name in names}
        self._orphans = Orphans()
        self._left: dict[int, float] = {}
        """Session of a daemon that ended by itself → when what is left of it is told to end, too."""
        self._seen = Seen()
        self.until = self._seen.until

    def named(self, name: str) -> Service:
        """A service of this node.

        Raises:
            Refused: it has none of that name.
        """
        if name not in self.by_name:
            raise Refused(f"{self._node} runs no {name}")
        return self.by_name[name]

    def running(self, name: str) -> Service:
        """A service that runs.

        Raises:
            Refused: it does not.
        """
        service = self.named(name)
        if service.pid is None:
            raise Refused(f"{name} is not running on {self._node}: {service}")
        return service

    def all_down(self) -> bool:
        return all(service.pid is None for service in self.by_name.values())

    def spawn(self, service: Service) -> None:
        """Starts a service as a child and streams what it prints; nothing, if it runs already."""
        if service.pid is not None:
            return
        process = subprocess.Popen(
            service.words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=service.user,
            group=service.user,
            extra_groups=[] if service.user else None,
            start_new_session=True,
        )
        assert process.stdout
        fd = os.dup(process.stdout.fileno())
        process.stdout.close()
        process.returncode = 0  # the main loop waits for it, not Popen
        os.set_blocking(fd, False)

        def read() -> None:
            if not self._loop.lines(fd, lambda line: self._on_log(service, line)):
                self._loop.forget(fd)
                os.close(fd)

        self._loop.watch(fd, read)
        self._on_begin(service, process.pid)

    def scan(self) -> None:
        """Looks at /proc: services that began or froze, what one left behind, and orphans to reap."""
        now = list(processes())
        self._orphans.reap(now)
        self._end_left([pid for pid, _, state, _ in now if state not in "ZX"])
        for service in self.by_name.values():
            alive = [p for p in now if p[1] == service.name and p[2] not in "ZX"]
            own = {pid: (state, parent) for pid, _, state, parent in alive}
            tops = [p for p, (_, parent) in own.items() if parent not in own]
            if not tops:
                service.outlived = False
                continue
            if service.pid is None:
                if tops[0] in service.tree and not service.outlived:
                    service.outlived = (
                        True  # or it is ending just now, as its parent did: the next look tells
                    )
                    continue
                service.outlived = False
                self._on_begin(service, tops[0])
            elif service.pid not in tops:
                continue  # its end is about to be told
            service.tree = sorted(own)
            frozen = any(state == "T" for state, _ in own.values())
            state = "frozen" if frozen else "up"
            if service.pid is not None and state != service.state:
                self._tell(service, state, "SIGSTOP" if frozen else "")

    def _end_left(self, alive: list[int]) -> None:
        """SIGTERM to what a daemon left behind, as a service manager does.

        keepalived's children end with it, but one that was just being forked may miss that.
        """
        for session in [s for s, due in self._left.items() if time.monotonic() >= due]:
            del self._left[session]
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    if os.getsid(pid) == session:
                        os.kill(pid, signal.SIGTERM)

    def _on_begin(self, service: Service, pid: int) -> None:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return
        service.pid, service.tree = pid, [pid]
        self._loop.watch(pidfd, lambda: self._on_exit(service, pid, pidfd))
        self._tell(service, "up", "")

    def _on_exit(self, service: Service, pid: int, pidfd: int) -> None:
        """A top process ended: how, if it was our child (or an orphan that became ours)."""
        self._loop.forget(pidfd)
        os.close(pidfd)
        reason = "ended"
        with contextlib.suppress(ChildProcessError, OSError):
            status = os.waitpid(pid, os.WNOHANG)[1]
            code = os.waitstatus_to_exitcode(status)
            reason = f"signal {-code}" if code < 0 else f"exit {code}"
            if code > 0:
                self._left[pid] = time.monotonic() + ORPHAN
        if service.pid != pid:
            return  # another one has taken its place
        service.pid = None
        service.on_end()
        self._tell(service, "down", reason, pid)

    def _on_log(self, service: Service, line: str) -> None:
        text = without_stamp(line)
        if text:
            self._loop.out.put("log", service=service.name, text=text)
        service.on_text(text)

    def _tell(self, service: Service, state: str, reason: str, pid: int | None = None) -> None:
        service.state, service.reason = state, reason
        self._loop.out.put(
            "process", service=service.name, state=state, reason=reason, pid=pid or service.pid
        )
        self._seen.tell()
