"""A measured process in a pseudo-terminal: what it draws is read and thrown away."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading

APPEARS = 60.0
"""Seconds until an app shows a lab, at most."""


def set_size(terminal: int, columns: int, rows: int) -> None:
    """Give a terminal its size."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_until_it_ends(terminal: int, wanted: bytes = b"MASTER") -> threading.Event:
    """Read what is drawn on a thread, so that nothing is held up; the event is set once a lab is there."""
    ready = threading.Event()
    threading.Thread(target=_read, args=(terminal, wanted, ready), daemon=True).start()
    return ready


def _read(terminal: int, wanted: bytes, ready: threading.Event) -> None:
    drawn = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:  # the other side has closed it
            return
        if not read:
            return
        if not ready.is_set():
            drawn += read
            if wanted in drawn:
                ready.set()
