"""What can be done to a service: start, stop, kill, freeze, thaw, reload."""

from __future__ import annotations

import os
import signal
import threading
import time

from .errors import Refused
from .event_loop import EventLoop
from .mysql import Mysql
from .processes import kill_tree, send_signal
from .services import Services


class ServiceActions:
    """Actions on the node's services; each returns its effect, before → after.

    Raises (each of them):
        Refused: it makes no sense now, or the effect did not show in time.
    """

    def __init__(self, node: str, services: Services, mysql: Mysql, loop: EventLoop) -> None:
        self._node, self._services, self._mysql, self._loop = node, services, mysql, loop
        self._starting = threading.Lock()

    def status(self, service: str) -> str:
        """Return how the service is."""
        return f"{service}: {self._services.get(service)}"

    def start(self, service: str) -> str:
        """Start it and wait: for an answer of mysqld, or whether keepalived ends at once."""
        with self._starting:
            process = self._services.get(service)
            if process.pid is not None:
                raise Refused(f"{service} runs already on {self._node}: {process}")
            before = str(process)
            self._loop.run_on_main(lambda: self._services.spawn(process))
            if service == "mysqld":
                self._mysql.answers.clear()
                deadline = time.monotonic() + 30
                while not self._mysql.wait_for_answer(0.2):
                    if process.pid is None:
                        raise Refused(f"mysqld ended at once ({process.reason}); see its log")
                    if time.monotonic() > deadline:
                        raise Refused("mysqld does not answer after 30 s; see its log", definite=False)
            elif self._services.wait_until(lambda: process.pid is None, 0.4):
                raise Refused(f"keepalived ended at once ({process.reason}); see its log")
            return f"{service} {before} → {process}"

    def kill(self, service: str) -> str:
        """Kill all of its processes at once."""
        return self._end(service, signal.SIGKILL, 5)

    def stop(self, service: str) -> str:
        """Let it end in order."""
        if self._services.get(service).state == "frozen":
            raise Refused(f"{service} is frozen and cannot stop in order: thaw or kill it")
        return self._end(service, signal.SIGTERM, 20)

    def _end(self, name: str, number: int, seconds: float) -> str:
        service = self._services.get_running(name)
        before, pid = str(service), service.pid
        if number == signal.SIGKILL:
            self._loop.run_on_main(lambda: kill_tree(pid or 0, service.tree))  # no scan sees it stopped
        else:
            send_signal([pid or 0], number)
        if not self._services.wait_until(lambda: service.pid != pid, seconds):
            raise Refused(f"{name} still runs {seconds:g} s after signal {number}", definite=False)
        return f"{name} {before} → gone ({service.reason})"

    def freeze(self, service: str) -> str:
        """Stop all of its processes with SIGSTOP."""
        return self._signal_tree(service, signal.SIGSTOP, "frozen")

    def thaw(self, service: str) -> str:
        """Let its frozen processes continue."""
        return self._signal_tree(service, signal.SIGCONT, "up")

    def _signal_tree(self, name: str, number: int, state: str) -> str:
        service = self._services.get_running(name)
        before = str(service)
        if service.state == state:
            raise Refused(f"{name} is {'frozen' if state == 'frozen' else 'not frozen'} on {self._node}")
        send_signal(service.tree, number)
        if not self._services.wait_until(lambda: service.state == state, 3):
            raise Refused(f"{name} did not change state within 3 s", definite=False)
        return f"{name} {before} → {service}"

    def reload(self, service: str = "keepalived") -> str:
        """Tell it to read its configuration again."""
        process = self._services.get_running(service)
        os.kill(process.pid or 0, signal.SIGHUP)
        return f"{service} {process}: told to read its configuration again (SIGHUP)"
