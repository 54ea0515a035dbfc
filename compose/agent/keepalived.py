"""Reports keepalived's states, from its notify FIFO or its log, and reads and writes its configuration."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from typing import Any

from .event_loop import EventLoop
from .interfaces import Interfaces
from .output import Fact
from .services import without_stamp
from .system import RUN_DIR, run, write_file

CONF = "/etc/keepalived/keepalived.conf"
FIFO = f"{RUN_DIR}/notify.fifo"
_NOTIFY = re.compile(r'^(INSTANCE|GROUP) "([^"]*)" (\S+)(?: (\d+))?')
_STATES = {"MASTER": "MASTER", "BACKUP": "BACKUP", "FAULT": "FAULT", "STOP": "STOPPED"}
_ENTERING = re.compile(r"^\((.+)\) Entering (MASTER|BACKUP|FAULT) STATE")


def read_notify(line: str) -> Fact | None:
    """Read a line of keepalived's notify FIFO as a `vrrp` fact; None if it is no state or priority."""
    match = _NOTIFY.match(line)
    if not match or match[1] != "INSTANCE":
        return None
    word = match[3].removesuffix("_PRIORITY")
    if word not in _STATES:
        return None
    return {"instance": match[2], "state": _STATES[word], "priority": int(match[4]) if match[4] else None}


def read_state(text: str) -> Fact | None:
    """Read a line of keepalived's log as a `vrrp` fact, for a configuration that names no notify FIFO."""
    match = _ENTERING.match(text)
    return {"instance": match[1], "state": match[2], "priority": None} if match else None


class Keepalived:
    """Reports `vrrp` and `conf` facts; reads, writes and checks the configuration.

    Args:
        node: the node's name, for sentences.
        original: the configuration at the beginning; `@NETWORK@` stands for that network's interface.
        interfaces: of the node.
        loop: of the main thread.
    """

    def __init__(self, node: str, original: str, interfaces: Interfaces, loop: EventLoop) -> None:
        self._node, self._original, self._interfaces, self._loop = node, original, interfaces, loop
        self._file_version: tuple[int, int, int] | None = None
        self._notifies = True
        self._states: dict[str, str] = {}
        """Instance → the state that it told last."""

    def open(self) -> None:
        """Make the FIFO and watch it."""
        with contextlib.suppress(FileExistsError):
            os.mkfifo(FIFO)
        fifo = os.open(FIFO, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop.watch(fifo, lambda: self._loop.read_lines(fifo, self._on_notify))

    def _on_notify(self, line: str) -> None:
        fact = self.follow_notify(line)
        if fact:
            self._loop.out.put("vrrp", **fact)

    def follow_notify(self, line: str) -> Fact | None:
        """Read a line of the FIFO. A changed priority leaves the state as it was: keepalived writes
        BACKUP_PRIORITY in FAULT, too, and before there is any state (send_instance_priority_notifies)."""
        fact = read_notify(line)
        if fact is None:
            return None
        if "_PRIORITY " in line:
            known = self._states.get(fact["instance"], "STOPPED")
            return None if known == "STOPPED" else {**fact, "state": known}
        self._states[fact["instance"]] = fact["state"]
        return fact

    def on_log_line(self, text: str) -> None:
        """Take a line of keepalived's log, which names the file just before keepalived reads it."""
        if text.startswith("Opening file"):
            self.report_conf()
        if not self._notifies:
            fact = read_state(text)
            if fact:
                self._loop.out.put("vrrp", **fact)

    def report_conf(self) -> None:
        """Report the configuration's text if its file changed."""
        try:
            stat = os.stat(CONF)
            version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if version != self._file_version:
                self._file_version = version
                text = str(self.read()["text"])
                self._notifies = f"vrrp_notify_fifo {FIFO}" in text
                self._loop.out.put("conf", text=text)
        except OSError:
            pass

    def write_original(self, only_if_missing: bool = False) -> None:
        """Write the configuration of the beginning, with this node's interfaces."""
        if only_if_missing and os.path.exists(CONF):
            return
        text = self._original
        for device, network in self._interfaces.devices.items():
            text = text.replace(f"@{network}@", device)
        write_file(CONF, text)

    # -- requests

    def write(self, text: str) -> str:
        """Replace the configuration's file."""
        before = self.read()["text"]
        write_file(CONF, text)
        self._loop.run_on_main(self.report_conf)
        return f"{CONF} on {self._node}: {len(before.splitlines())} lines → {len(text.splitlines())} lines"

    def read(self) -> dict[str, Any]:
        """Return the configuration's text."""
        with open(CONF, encoding="utf-8", errors="replace") as file:
            return {"text": file.read()}

    def check(self, text: str) -> dict[str, Any]:
        """Return what `keepalived -t` says about a text; no lines if it is fine."""
        path = f"/tmp/check-{threading.get_ident()}.conf"
        write_file(path, text)
        done = run("keepalived", "-t", "-f", path, "--log-console")
        os.unlink(path)
        output = [without_stamp(line) for line in (done.stdout + done.stderr).splitlines()]
        lines = [line.replace(path, CONF) for line in output if line]
        return {"effect": "", "lines": lines if done.returncode else []}
