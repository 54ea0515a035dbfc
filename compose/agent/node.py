"""A node put together from its parts: how it boots, and how it begins anew."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from . import mysql, processes
from .client import Client
from .commands import Commands, Handler
from .control import Control
from .filters import Filters
from .frames import watch_frames
from .helpers import RUN, run
from .interfaces import Interfaces
from .keepalived import Keepalived
from .lease import Lease
from .loop import Loop
from .replication import replicate, watch_read_only, watch_replication
from .services import Services
from .tables import watch_tables
from .verbs import Verbs

SCAN = 0.1
"""Seconds between two looks at /proc."""


class Node:
    """A server, a host or a client of the lab; `spec` is HATLAB_NODE, see the head of the package."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._name: str = spec["name"]
        self._is_server: bool = spec["role"] == "node"
        loop = self._loop = Loop()
        self._interfaces = Interfaces(self._name, spec["networks"], spec.get("routes") or {}, loop)
        self._filters = Filters(self._name, self._interfaces, loop)
        self._keepalived = Keepalived(self._name, spec.get("conf", ""), self._interfaces, loop)
        names = [*(["mysqld"] if spec.get("mysql") else []), *(["keepalived"] if self._is_server else [])]
        self._services = Services(self._name, loop, names)
        self._mysql = mysql.Mysql(self._name, spec.get("mysql") or {}, loop.out)
        self._services.mysqld.on_end = self._mysql.answers.clear
        self._services.keepalived.on_text = self._keepalived.on_text
        self._client: Client | None = None
        self._lease = Lease(float(spec.get("lease", 60)))
        self._go = threading.Event()
        self._control = Control(loop, Commands(self._handlers()), self._lease, self._go)
        self._turn = 0
        """Counts beginnings, so that one which a reset overtook ends."""
        self._next_scan = 0.0

    def _handlers(self) -> dict[str, Handler]:
        verbs = Verbs(self._name, self._services, self._mysql, self._loop)
        return {
            "status": verbs.status,
            "start": verbs.start,
            "stop": verbs.stop,
            "kill": verbs.kill,
            "freeze": verbs.freeze,
            "thaw": verbs.thaw,
            "reload": verbs.reload,
            "pause": lambda: processes.pause(self._name),
            "resume": lambda: processes.resume(self._name),
            "filter": self._filters.set_drop,
            "delay": self._filters.set_delay,
            "link": self._interfaces.set_link,
            "address": self._interfaces.delete_address,
            "conf": self._keepalived.write,
            "read": self._keepalived.read,
            "check": self._keepalived.check,
            "sql": self._sql,
            "reset": self._reset,
        }

    def run(self) -> None:
        """Boots, then watches until the lease runs out."""
        self._boot()
        self._loop.run(self._lease.holds, [self._filters.job, self._scan])

    def _scan(self, now: float) -> float:
        if now >= self._next_scan:
            self._next_scan = now + SCAN
            if self._is_server:
                self._services.scan()
                self._keepalived.look()
        return self._next_scan

    # -- the beginning

    def _boot(self) -> None:
        """From nothing to a running node: mysqld, then keepalived as soon as it answers, then replication."""
        run("ip", "route", "del", "default")
        self._interfaces.route()
        if self._is_server:
            os.makedirs("/etc/keepalived", exist_ok=True)
            if self._mysql.spec:
                self._mysql.prepare()
                self._services.spawn(self._services.mysqld)
            self._open()
            self._keepalived.write_original(only_if_missing=True)
        else:
            self._open()
        if self._spec["role"] == "client":
            mysql.write_login("client", self._spec["target"])
            self._client = Client(self._spec, self._loop.out)
        self._loop.out.put("hello", interfaces=self._interfaces.described(), role=self._spec["role"])
        if self._is_server:
            threading.Thread(target=self._bring_up, daemon=True).start()
            if self._mysql.spec:
                watch = (self._mysql, self._loop.out)
                for look in (watch_replication, watch_read_only, watch_tables):
                    threading.Thread(target=look, args=watch, daemon=True).start()

    def _open(self) -> None:
        """Opens every source of facts. Frames first, so that nothing is missed."""
        os.makedirs(RUN, exist_ok=True)
        if self._is_server:
            watch_frames(self._loop, self._interfaces.devices)
            self._keepalived.open()
            self._filters.open()
        self._interfaces.open()
        self._control.open()

    def _bring_up(self) -> None:
        """keepalived and replication, as soon as mysqld answers; a reset in between begins anew."""
        turn = self._turn
        if self._mysql.spec:
            self._mysql.wait_for_answer(60, lambda: self._turn == turn)
            if self._turn != turn:
                return
            threading.Thread(target=replicate, args=(self._mysql.spec.get("source"),), daemon=True).start()
        else:
            self._loop.out.put("up")
        if self._spec.get("hold"):
            self._go.wait()
        if self._turn == turn:
            self._loop.on_main(lambda: self._services.spawn(self._services.keepalived))

    # -- commands that need more than one part

    def _sql(self, statement: str) -> str | dict[str, Any]:
        if self._client:
            return mysql.run_statement(statement, host=self._spec["target"], user="client")
        return mysql.run_statement(statement, **mysql.LOCAL)

    def _reset(self) -> str:
        """Back to the beginning: no fault, the original data and configuration; keepalived waits for `go`."""
        if self._client:
            self._client.begin_again()
            return f"{self._name}: numbering of rows begins again"
        if not self._is_server:
            self._interfaces.reset(set(self._spec.get("own", ())))
            return f"{self._name}: addresses and links as at the beginning"
        self._turn += 1
        self._go.set()  # ends the wait of an earlier start
        self._kill_all()
        self._filters.reset()
        self._interfaces.reset(set(self._spec.get("own", ())))
        self._keepalived.write_original()
        if self._mysql.spec:
            self._mysql.reset()
            self._loop.on_main(lambda: self._services.spawn(self._services.mysqld))
        self._go.clear()
        threading.Thread(target=self._bring_up, daemon=True).start()
        return f"{self._name}: processes, data, configuration, addresses and filters as at the beginning"

    def _kill_all(self) -> None:
        services = self._services
        for _ in range(3):  # a process may fork while we look
            processes.resume(self._name)
            for service in services.by_name.values():
                if service.pid:
                    processes.send_signal(service.tree, signal.SIGKILL)
            if services.until(services.all_down, 1):
                break
