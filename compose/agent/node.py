"""A node put together from its parts: how it boots, which requests it takes, and how it is reset."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from . import mysql, processes
from .client import Client
from .event_loop import EventLoop
from .filters import Filters
from .frame_capture import watch_frames
from .interfaces import Interfaces
from .keepalived import Keepalived
from .lease import Lease
from .node_files import NodeFiles
from .replication import start_replication, watch_read_only, watch_replication
from .request_listener import RequestListener
from .request_runner import Handler, RequestRunner
from .service_actions import ServiceActions
from .services import Services
from .system import RUN_DIR, run
from .table_watch import watch_tables

SCAN = 0.1
"""Seconds between two looks at /proc."""


class Node:
    """A server, a host or a client of the lab; `spec` is HATLAB_NODE, see the head of the package."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._name: str = spec["name"]
        self._is_server: bool = spec["role"] == "node"
        loop = self._loop = EventLoop()
        loop.out.token = None if spec.get("token") else ""
        ipv6: dict[str, str] = spec.get("ipv6") or {}
        self._own = {*spec.get("own", ()), *(address.partition("/")[0] for address in ipv6.values())}
        """The addresses that it has at the beginning."""
        routes = spec.get("routes") or {}
        self._interfaces = Interfaces(self._name, spec["networks"], routes, ipv6, loop)
        self._filters = Filters(self._name, self._interfaces, loop)
        self._keepalived = Keepalived(self._name, spec.get("conf", ""), self._interfaces, loop)
        self._files = NodeFiles(self._name, spec.get("files") or {}, self._interfaces)
        names = [*(["mysqld"] if spec.get("mysql") else []), *(["keepalived"] if self._is_server else [])]
        self._services = Services(self._name, loop, names)
        self._mysql = mysql.Mysql(self._name, spec.get("mysql") or {}, loop.out)
        self._services.mysqld.on_end = self._mysql.answers.clear
        self._services.keepalived.on_log_line = self._keepalived.on_log_line
        self._client: Client | None = None
        self._lease = Lease(float(spec.get("lease", 60)))
        self._release = threading.Event()
        """Set when keepalived may start."""
        runner = RequestRunner(self._handlers())
        self._listener = RequestListener(loop, runner, self._lease, self._release)
        self._run_number = 0
        """Counts starts of the services, so that one which a reset overtook ends."""
        self._next_scan = 0.0

    def _handlers(self) -> dict[str, Handler]:
        """Return what carries out each request, by the request's `do`."""
        services = ServiceActions(self._name, self._services, self._mysql, self._loop)
        return {
            "status": services.status,
            "start": services.start,
            "stop": services.stop,
            "kill": services.kill,
            "freeze": services.freeze,
            "thaw": services.thaw,
            "reload": services.reload,
            "pause": lambda: processes.pause_node(self._name),
            "resume": lambda: processes.resume_node(self._name),
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
        """Boot, then watch until the lease runs out."""
        self._boot()
        self._loop.run(self._lease.holds, [self._filters.check_if_due, self._scan])

    def _scan(self, now: float) -> float:
        if now >= self._next_scan:
            self._next_scan = now + SCAN
            if self._is_server:
                self._services.scan()
                self._keepalived.report_conf()
        return self._next_scan

    # -- the beginning

    def _boot(self) -> None:
        """Start mysqld, open every source of facts, and start the rest once mysqld answers."""
        for family in ("-4", "-6"):
            run("ip", family, "route", "del", "default")
        self._interfaces.restore_routes()
        if self._is_server:
            os.makedirs("/etc/keepalived", exist_ok=True)
            if self._mysql.spec:
                self._mysql.prepare()
                self._services.spawn(self._services.mysqld)
            self._open_sources()
            self._files.write_at_boot()
            self._keepalived.write_original(only_if_missing=True)
        else:
            self._open_sources()
        if self._spec["role"] == "client":
            mysql.write_login("client", self._spec["target"])
            self._client = Client(self._spec, self._loop.out)
        self._loop.out.put("hello", interfaces=self._interfaces.describe(), role=self._spec["role"])
        if self._is_server:
            threading.Thread(target=self._start_services, daemon=True).start()
            if self._mysql.spec:
                watch = (self._mysql, self._loop.out)
                for look in (watch_replication, watch_read_only, watch_tables):
                    threading.Thread(target=look, args=watch, daemon=True).start()

    def _open_sources(self) -> None:
        """Open every source of facts. Frames first, so that nothing is missed."""
        os.makedirs(RUN_DIR, exist_ok=True)
        if self._is_server:
            watch_frames(self._loop, self._interfaces)
            self._keepalived.open()
            self._filters.open()
        self._interfaces.open()
        self._listener.open()

    def _start_services(self) -> None:
        """Start keepalived and replication as soon as mysqld answers, unless a reset comes in between."""
        run_number = self._run_number
        if self._mysql.spec:
            self._mysql.wait_for_answer(60, lambda: self._run_number == run_number)
            if self._run_number != run_number:
                return
            source = self._mysql.spec.get("source")
            threading.Thread(target=start_replication, args=(source,), daemon=True).start()
        else:
            self._loop.out.put("up")
        if self._spec.get("hold"):
            self._release.wait()
        if self._run_number == run_number:
            self._loop.run_on_main(lambda: self._services.spawn(self._services.keepalived))

    # -- requests that need more than one part

    def _sql(self, statement: str) -> str | dict[str, Any]:
        if self._client:
            return mysql.run_statement(statement, host=self._spec["target"], user="client")
        return mysql.run_statement(statement, **mysql.LOCAL_SERVER)

    def _reset(self) -> str:
        """Restore the beginning: no faults, the original data and settings; keepalived waits for `go`."""
        if self._client:
            self._client.reset()
            return f"{self._name}: numbering of rows begins again"
        if not self._is_server:
            self._interfaces.reset(self._own)
            return f"{self._name}: addresses and links as at the beginning"
        self._run_number += 1
        self._release.set()  # ends the wait of an earlier start
        self._kill_all()
        self._filters.reset()
        self._interfaces.reset(self._own)
        self._files.write()
        self._keepalived.write_original()
        if self._mysql.spec:
            self._mysql.reset()
            self._loop.run_on_main(lambda: self._services.spawn(self._services.mysqld))
        self._release.clear()
        threading.Thread(target=self._start_services, daemon=True).start()
        return f"{self._name}: processes, data, files, addresses and filters as at the beginning"

    def _kill_all(self) -> None:
        services = self._services
        for _ in range(3):  # a process may fork while we look
            processes.resume_node(self._name)
            for service in services.by_name.values():
                if service.pid:
                    processes.send_signal(service.tree, signal.SIGKILL)
            if services.wait_until(services.all_down, 1):
                break
