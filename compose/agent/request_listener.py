"""Receives requests: on stdin from hatlab, on a unix socket from `service …` inside the node."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time

from .event_loop import EventLoop
from .lease import Lease
from .output import Fact
from .request_runner import RequestRunner
from .system import RUN_DIR

SOCKET = f"{RUN_DIR}/agent.sock"


class RequestListener:
    """Passes requests to the runner; answers `lease`, `token`, `go` and `ping` itself, as none of them waits.

    Args:
        loop: of the main thread.
        runner: carries out the requests.
        lease: renewed by each line on stdin.
        release: set by the request `go`; lets keepalived start.
    """

    def __init__(
        self, loop: EventLoop, runner: RequestRunner, lease: Lease, release: threading.Event
    ) -> None:
        self._loop, self._runner, self._lease, self._release = loop, runner, lease, release

    def open(self) -> None:
        """Watch stdin and the socket."""
        os.set_blocking(0, False)
        self._loop.watch(0, self._on_stdin)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        server = socket.socket(socket.AF_UNIX)
        server.bind(SOCKET)
        server.listen()
        self._loop.watch(server, lambda: self._on_connection(server))

    def _on_stdin(self) -> None:
        if not self._loop.read_lines(0, self._on_line):
            self._loop.unwatch(0)

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
            case "token":
                if self._loop.out.token is None:  # what comes later is not from whoever started the node
                    self._loop.out.token = str(request.get("token"))
            case "go":
                self._release.set()
            case "ping":
                self._loop.out.put_message({"reply": request.get("id"), "ok": True, "t": time.monotonic()})
            case _:
                self._runner.start(request, self._loop.out.put_message)

    def _on_connection(self, server: socket.socket) -> None:
        peer, _ = server.accept()
        peer.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            request = json.loads(peer.makefile().readline())

            def answer(reply: Fact) -> None:
                with peer:
                    peer.sendall(json.dumps(reply).encode() + b"\n")

            self._runner.start(request, answer)
