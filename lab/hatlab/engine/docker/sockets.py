"""The sockets below the Docker SDK's streams."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any


def unwrap_socket(raw: Any) -> Any:
    """Return the socket (TCP, unix, TLS, a pipe to ssh) below what the SDK returns, without its timeout."""
    sock = getattr(raw, "_sock", raw)
    if hasattr(sock, "settimeout"):
        sock.settimeout(None)
    if isinstance(sock, socket.socket) and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def close_socket(sock: Any) -> None:
    """End a stream now, whoever still reads it or holds a wrapper around it."""
    with contextlib.suppress(OSError, AttributeError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        if type(sock) is socket.socket and sock.fileno() >= 0:
            os.close(sock.detach())
        else:
            sock.close()
