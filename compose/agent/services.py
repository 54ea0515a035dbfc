"""mysqld and keepalived as processes: starts them, and reports their starts, ends, freezes and output."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Collection
from typing import Any

from .errors import Refused
from .event_loop import ChangeSignal, EventLoop
from .mysql import SOCKET
from .processes import Orphans, list_processes

ORPHAN_GRACE = 1.5
"""Seconds that processes get to end by themselves after the one that started them."""
_STAMP = re.compile(r"^(?:\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: |\d{4}-\d\d-\d\dT[\d:.]+Z )")


def without_stamp(line: str) -> str:
    """Return a daemon's log line without its own time stamp: the fact has a better one."""
    return _STAMP.sub("", line.rstrip())


class Service:
    """A service as the node's processes show it: the top process of its name, and its descendants.

    Args:
        name: of the process.
        command: what starts it.
        user: who runs it; None for root.
        lock: a file that it leaves when it is killed, with a pid that may be another process's by now.
    """

    def __init__(
        self, name: str, command: tuple[str, ...], user: str | None = None, lock: str | None = None
    ) -> None:
        self.name, self.command, self.user, self.lock = name, command, user, lock
        self.pid: int | None = None
        """Of the top process; None if it does not run."""
        self.state = "down"
        """`up`, `down` or `frozen`."""
        self.reason = "not started"
        """How it ended, or was frozen."""
        self.tree: list[int] = []
        """All of its processes."""
        self.has_survivor = False
        """True if one of its processes was still there at the last look, after the top one had ended."""
        self.on_log_line: Callable[[str], Any] = lambda _: None
        """Takes each line that it prints."""
        self.on_end: Callable[[], Any] = lambda: None
        """Called when it has ended, before that is reported."""

    def __str__(self) -> str:
        if self.state == "down":
            return f"down ({self.reason})" if self.reason else "down"
        return f"pid {self.pid} {'frozen' if self.state == 'frozen' else 'running'}"


class Services:
    """Starts the node's services and reports `process` and `log` facts of them, whoever started them.

    Args:
        node: the node's name, for sentences.
        loop: of the main thread.
        names: of the services that the node has.
    """

    def __init__(self, node: str, loop: EventLoop, names: Collection[str]) -> None:
        self._node, self._loop = node, loop
        self.mysqld = Service("mysqld", ("/usr/sbin/mysqld",), user="mysql", lock=f"{SOCKET}.lock")
        self.keepalived = Service(
            "keepalived",
            ("/usr/sbin/keepalived", "--dont-fork", "--log-console", "--no-syslog", "-D"),
        )
        self.by_name = {s.name: s for s in (self.mysqld, self.keepalived) if s.name in names}
        self._orphans = Orphans()
        self._remnants: dict[int, float] = {}
        """Session of a daemon that ended by itself → when its remaining processes are told to end."""
        self._changed = ChangeSignal()
        self.wait_until = self._changed.wait_until

    def get(self, name: str) -> Service:
        """Return a service of this node.

        Raises:
            Refused: it has none of that name.
        """
        if name not in self.by_name:
            raise Refused(f"{self._node} runs no {name}")
        return self.by_name[name]

    def get_running(self, name: str) -> Service:
        """Return a service that runs.

        Raises:
            Refused: it does not.
        """
        service = self.get(name)
        if service.pid is None:
            raise Refused(f"{name} is not running on {self._node}: {service}")
        return service

    def all_down(self) -> bool:
        """True if no service runs."""
        return all(service.pid is None for service in self.by_name.values())

    def spawn(self, service: Service) -> None:
        """Start a service as a child and follow what it prints; do nothing if it runs already."""
        if service.pid is not None:
            return
        if service.lock is not None:  # its folder is the service's own, and root may not write there
            subprocess.run(["rm", "-f", service.lock], user=service.user, group=service.user, check=False)
        process = subprocess.Popen(
            service.command,
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
            if not self._loop.read_lines(fd, lambda line: self._on_log(service, line)):
                self._loop.unwatch(fd)
                os.close(fd)

        self._loop.watch(fd, read)
        self._on_start(service, process.pid)

    def scan(self) -> None:
        """Look at /proc for services that started or froze, for remnants, and for orphans to reap."""
        listed = list(list_processes())
        self._orphans.reap(listed)
        self._end_remnants([pid for pid, _, state, _ in listed if state not in "ZX"])
        for service in self.by_name.values():
            alive = {
                pid: (state, parent)
                for pid, name, state, parent in listed
                if name == service.name and state not in "ZX"
            }
            tops = [pid for pid, (_, parent) in alive.items() if parent not in alive]
            if not tops:
                service.has_survivor = False
                continue
            if service.pid is None:
                if tops[0] in service.tree and not service.has_survivor:
                    # or it is ending just now, as its parent did: the next look shows
                    service.has_survivor = True
                    continue
                service.has_survivor = False
                self._on_start(service, tops[0])
            elif service.pid not in tops:
                continue  # its end is about to be reported
            service.tree = sorted(alive)
            frozen = any(state == "T" for state, _ in alive.values())
            state = "frozen" if frozen else "up"
            if service.pid is not None and state != service.state:
                self._report(service, state, "SIGSTOP" if frozen else "")

    def _end_remnants(self, alive: list[int]) -> None:
        """SIGTERM to what a daemon left behind, as a service manager does.

        keepalived's children end with it, but one that was just being forked may miss that.
        """
        for session in [s for s, due in self._remnants.items() if time.monotonic() >= due]:
            del self._remnants[session]
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    if os.getsid(pid) == session:
                        os.kill(pid, signal.SIGTERM)

    def _on_start(self, service: Service, pid: int) -> None:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return
        service.pid, service.tree = pid, [pid]
        self._loop.watch(pidfd, lambda: self._on_exit(service, pid, pidfd))
        self._report(service, "up", "")

    def _on_exit(self, service: Service, pid: int, pidfd: int) -> None:
        """A top process ended; how is known if it was our child, or an orphan that became ours."""
        self._loop.unwatch(pidfd)
        os.close(pidfd)
        reason = "ended"
        with contextlib.suppress(ChildProcessError, OSError):
            status = os.waitpid(pid, os.WNOHANG)[1]
            code = os.waitstatus_to_exitcode(status)
            reason = f"signal {-code}" if code < 0 else f"exit {code}"
            if code > 0:
                self._remnants[pid] = time.monotonic() + ORPHAN_GRACE
        if service.pid != pid:
            return  # another one has taken its place
        service.pid = None
        service.on_end()
        self._report(service, "down", reason, pid)

    def _on_log(self, service: Service, line: str) -> None:
        text = without_stamp(line)
        if text:
            self._loop.out.put("log", service=service.name, text=text)
        service.on_log_line(text)

    def _report(self, service: Service, state: str, reason: str, pid: int | None = None) -> None:
        service.state, service.reason = state, reason
        self._loop.out.put(
            "process", service=service.name, state=state, reason=reason, pid=pid or service.pid
        )
        self._changed.notify()
