"""Where requests come from: stdin for hatlab, a unix socket for `service …` inside the node."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time

from .commands import Commands
from .helpers import RUN
from .lease import Lease
from .loop import Loop
from .output import Fact

SOCKET = f"{RUN}/agent.sock"


class Control:
    """Hands requests over; `lease`, `go` and `ping` are answered here, as none of them waits.

    Args:
        loop: of the main thread.
        commands: carries out the requests.
        lease: renewed by each line on stdin.
        go: set by the request `go`.
    """

    def __init__(self, loop: Loop, commands: Commands, lease: Lease, go: threading.Event) -> None:
        self._loop, self._commands, self._lease, self._go = loop, commands, lease, go

    def open(self) -> None:
        """Watches stdin and the socket."""
        os.set_blocking(0, False)
        self._loop.watch(0, self._on_stdin)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        server = socket.socket(socket.AF_UNIX)
        server.bind(SOCKET)
        server.listen()
        self._loop.watch(server, lambda: self._on_local(server))

    def _on_stdin(self) -> None:
        if not self._loop.lines(0, self._on_line):
            self._loop.forget(0)

    def _on_line(self, line: str) -> None:
        self._lease.renew()
        if not line.strip():
            return
        try:
            request = json.loads(line)
        except ValueError:
            return
        match request.get("do"):
            case "lease":
                pass
            case "go":
                self._go.set()
            case "ping":
                self._loop.out.raw({"reply": request.get("id"), "ok": True, "t": time.monotonic()})
            case _:
                self._commands.begin(request, self._loop.out.raw)

    def _on_local(self, server: socket.socket) -> None:
        peer, _ = server.accept()
        peer.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            request = json.loads(peer.makefile().readline())

            def answer(reply: Fact) -> None:
                with peer:
                    peer.sendall(json.dumps(reply).encode() + b"\n")

            self._commands.begin(request, answer)
