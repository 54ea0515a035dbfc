"""The sockets below the Docker SDK's streams."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from threading import Thread
from typing import Any

_MOST_AT_ONCE = 65536
"""Bytes that are handed on at once."""


def unwrap_socket(raw: Any) -> Any:
    """Return the socket (TCP, unix, TLS) below what the SDK returns, without its timeout.

    Through ssh there is a program in its place, and `pipes_as_socket`.
    """
    sock = getattr(raw, "_sock", raw)
    if isinstance(process := getattr(sock, "proc", None), subprocess.Popen):
        return pipes_as_socket(process)
    if hasattr(sock, "settimeout"):
        sock.settimeout(None)
    if isinstance(sock, socket.socket) and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def pipes_as_socket(process: subprocess.Popen[bytes]) -> socket.socket:
    """Return a socket that is the input and output of a program, which ends with it.

    The SDK's own reader of such a program waits until a buffer is full, so an agent's line would come minutes
    later, and nothing can wait for it and for another thing at once.
    """
    ours, theirs = socket.socketpair()
    Thread(target=_join, args=(process, theirs), name="ssh", daemon=True).start()
    return ours


def _join(process: subprocess.Popen[bytes], sock: socket.socket) -> None:
    """Hand on what a program says, each piece as it comes, and what it is to hear, until one of both ends."""
    listener = Thread(target=_hand_in, args=(process, sock), name="ssh-input", daemon=True)
    listener.start()
    with contextlib.suppress(OSError, ValueError):
        while piece := _read_some(process.stdout):
            sock.sendall(piece)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    process.terminate()
    listener.join()
    for pipe in (process.stdin, process.stdout, sock):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]
    process.wait()


def _read_some(pipe: Any) -> bytes:
    some: bytes = pipe.read1(_MOST_AT_ONCE)  # what was read together with the head of the answer comes first
    return some


def _hand_in(process: subprocess.Popen[bytes], sock: socket.socket) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):
        while piece := sock.recv(_MOST_AT_ONCE):
            process.stdin.write(piece)
            process.stdin.flush()
    process.terminate()


def close_socket(sock: Any) -> None:
    """End a stream now, whoever still reads it or holds a wrapper around it."""
    with contextlib.suppress(OSError, AttributeError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        if type(sock) is socket.socket and sock.fileno() >= 0:
            os.close(sock.detach())
        else:
            sock.close()
