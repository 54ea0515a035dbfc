"""An engine in trouble: a socket that is asked as Docker is, and answers as no Docker should."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_REQUESTS = (b"GET ", b"POST ", b"DELETE ", b"HEAD ", b"PUT ")
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


_VERSION = b'{"ApiVersion": "1.41", "Version": "20.10", "Os": "linux"}'


def _answer(body: bytes, head: bytes = JSON) -> Callable[[socket.socket], None]:
    """Answer every request with the same body."""

    def answer(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    return answer


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _hang_up(connection: socket.socket) -> None:
    connection.recv(1)


def _never_end(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(JSON + b"\r\n")
    while True:
        connection.sendall(b"[" * 65536)


def _drip(connection: socket.socket) -> None:
    """Send a byte now and then: no read ever takes long, and the whole never ends."""
    connection.recv(65536)
    connection.sendall(JSON + b"Content-Length: 100000\r\n\r\n")
    while not _over.wait(0.05):
        connection.sendall(b" ")


def _version_then_nothing(connection: socket.socket) -> None:
    request = connection.recv(65536)
    if b"/version" in request:
        body = _VERSION
        connection.sendall(JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    _say_nothing(connection)


def _take_its_time(connection: socket.socket) -> None:
    """Answer rightly, as an engine without anything on it, and late."""
    while request := connection.recv(65536):
        path = request.split(b" ")[1]
        lists = (b"/containers/json", b"/networks", b"/images/json")
        body = b"[]" if any(part in path for part in lists) else _VERSION
        _over.wait(_LATE)
        connection.sendall(JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body)


_LATE = 0.3
"""Seconds that a slow engine takes for an answer."""
_over = threading.Event()
TROUBLES: dict[str, Callable[[socket.socket], None]] = {
    "never answers": _say_nothing,
    "hangs up": _hang_up,
    "never ends": _never_end,
    "drips": _drip,
    "answers once": _version_then_nothing,
    "is slow": _take_its_time,
    "speaks TLS": _answer(b"", b"\x15\x03\x01\x00\x02\x02\x46"),
    "is a web server": _answer(b"<html>hello", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"),
    "fails": _answer(b"no", b"HTTP/1.1 500 x\r\n"),
    "redirects": _answer(b"", b"HTTP/1.1 301 x\r\nLocation: http://localhost/version\r\n"),
    "lists": _answer(b"[]"),
    "numbers": _answer(b'{"ApiVersion": 7, "Version": []}'),
    "words": _answer(b'{"ApiVersion": "seven.eight"}'),
    "no types": _answer(b'{"ApiVersion": "1.41", "Version": 3, "Os": "linux", "Containers": "x"}'),
    "no UTF-8": _answer(b'{"ApiVersion": "\xff\xfe"}'),
    "is deep": _answer(b"[" * 100_000),
}
"""A trouble → how a connection is served."""


@contextmanager
def hanging_engine(
    folder: Path, calls: int, engine: str = "/var/run/docker.sock"
) -> Iterator[tuple[str, threading.Event]]:
    """Run an engine that answers so many calls as the real one does, and then none.

    Yields its DOCKER_HOST, and an event that is set once it hangs.
    """
    counted, hangs = itertools.count(1), threading.Event()

    def serve(connection: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as real:
            real.connect(engine)

            def ask() -> None:
                with suppress(OSError):
                    while data := connection.recv(65536):
                        if data.startswith(_REQUESTS) and next(counted) > calls:
                            hangs.set()
                            return
                        real.sendall(data)
                    real.shutdown(socket.SHUT_WR)

            threading.Thread(target=ask, daemon=True).start()
            while data := real.recv(65536):
                connection.sendall(data)
            hangs.wait()
            _over.wait()

    with _serve_at(folder, serve) as host:
        yield host, hangs


@contextmanager
def troubled_engine(folder: Path, trouble: str) -> Iterator[str]:
    """Run such an engine; yields its DOCKER_HOST."""
    with _serve_at(folder, TROUBLES[trouble]) as host:
        yield host


@contextmanager
def _serve_at(folder: Path, answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on a socket and serve each connection on a thread; yields its DOCKER_HOST."""
    path, open_connections = folder / "docker.sock", list[socket.socket]()
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(16)
    _over.clear()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            answer(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                open_connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        _over.set()
        for each in (server, *open_connections):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
