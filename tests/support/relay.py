"""A network between a page and its server that can fall silent: nothing arrives, and nothing is closed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Passes bytes on, both ways.

    Args:
        port: of the server, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._flows = threading.Event()
        self._flows.set()
        self._ended = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._run(self._accept)

    def _run(self, work: object, *words: object) -> None:
        thread = threading.Thread(target=work, args=words, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [near, far]
                self._run(self._pass_on, near, far)
                self._run(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                if self._ended:
                    return
                target.sendall(data)
            self._flows.wait()
            target.shutdown(socket.SHUT_WR)

    def fall_silent(self) -> None:
        """Keep back all that is sent from now on."""
        self._flows.clear()

    def go_on(self) -> None:
        """Pass on what was kept back, and all that follows."""
        self._flows.set()

    def close(self) -> None:
        self._ended = True
        self._flows.set()
        for each in (self._listening, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(10)


@contextmanager
def running_relay(port: int) -> Iterator[Relay]:
    """Pass on to a port of this machine for the length of a block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
