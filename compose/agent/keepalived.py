"""keepalived's states, from its notify FIFO or its log, and its configuration."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from typing import Any

from .helpers import RUN, run, write_file
from .interfaces import Interfaces
from .loop import Loop
from .output import Fact
from .services import without_stamp

CONF = "/etc/keepalived/keepalived.conf"
FIFO = f"{RUN}/notify.fifo"
_NOTIFY = re.compile(r'^(INSTANCE|GROUP) "([^"]*)" (\S+)(?: (\d+))?')
_STATES = {"MASTER": "MASTER", "BACKUP": "BACKUP", "FAULT": "FAULT", "STOP": "STOPPED"}
_ENTERING = re.compile(r"^\((.+)\) Entering (MASTER|BACKUP|FAULT) STATE")


def read_notify(line: str) -> Fact | None:
    """A line of keepalived's notify FIFO as a `vrrp` fact; None for what is no state or priority."""
    found = _NOTIFY.match(line)
    if not found or found[1] != "INSTANCE":
        return None
    word = found[3].removesuffix("_PRIORITY")
    if word not in _STATES:
        return None
    return {"instance": found[2], "state": _STATES[word], "priority": int(found[4]) if found[4] else None}


def read_state(text: str) -> Fact | None:
    """A `vrrp` fact from keepalived's log, for a configuration that names no notify FIFO."""
    found = _ENTERING.match(text)
    return {"instance": found[1], "state": found[2], "priority": None} if found else None


class Keepalived:
    """Tells `vrrp` and `conf` facts; reads, writes and checks the configuration.

    Args:
        node: the node's name, for sentences.
        original: the configuration at the beginning; `@NETWORK@` stands for that network's interface.
        interfaces: of the node.
        loop: of the main thread.
    """

    def __init__(self, node: str, original: str, interfaces: Interfaces, loop: Loop) -> None:
        self._node, self._original, self._interfaces, self._loop = node, original, interfaces, loop
        self._seen: tuple[int, int, int] | None = None
        self._notifies = True

    def open(self) -> None:
        """Makes the FIFO and watches it."""
        with contextlib.suppress(FileExistsError):
            os.mkfifo(FIFO)
        fifo = os.open(FIFO, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop.watch(fifo, lambda: self._loop.lines(fifo, self._on_notify))

    def _on_notify(self, line: str) -> None:
        fact = read_notify(line)
        if fact:
            self._loop.out.put("vrrp", **fact)

    def on_text(self, text: str) -> None:
        """Takes a line of keepalived's log. It names the file just before it says that it has read it."""
        if text.startswith("Opening file"):
            self.look()
        if not self._notifies:
            fact = read_state(text)
            if fact:
                self._loop.out.put("vrrp", **fact)

    def look(self) -> None:
        """Tells the configuration's text if its file changed."""
        try:
            stat = os.stat(CONF)
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._seen = seen
                text = str(self.read()["text"])
                self._notifies = f"vrrp_notify_fifo {FIFO}" in text
                self._loop.out.put("conf", text=text)
        except OSError:
            pass

    def write_original(self, only_if_missing: bool = False) -> None:
        """The configuration of the beginning, with this node's interfaces."""
        if only_if_missing and os.path.exists(CONF):
            return
        text = self._original
        for device, network in self._interfaces.devices.items():
            text = text.replace(f"@{network}@", device)
        write_file(CONF, text)

    # -- commands

    def write(self, text: str) -> str:
        before = self.read()["text"]
        write_file(CONF, text)
        self._loop.on_main(self.look)
        return f"{CONF} on {self._node}: {len(before.splitlines())} lines → {len(text.splitlines())} lines"

    def read(self) -> dict[str, Any]:
        with open(CONF, encoding="utf-8", errors="replace") as file:
            return {"text": file.read()}

    def check(self, text: str) -> dict[str, Any]:
        """What `keepalived -t` says of a text; no lines if it is in order."""
        path = f"/tmp/check-{threading.get_ident()}.conf"
        write_file(path, text)
        done = run("keepalived", "-t", "-f", path, "--log-console")
        os.unlink(path)
        said = [without_stamp(line) for line in (done.stdout + done.stderr).splitlines()]
        return {"effect": "", "lines": [s.replace(path, CONF) for s in said if s] if done.returncode else []}
