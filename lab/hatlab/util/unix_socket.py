"""Addresses of Unix sockets, which a system limits to about a hundred bytes, however long paths may be."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hatlab.errors import UserError
from hatlab.util.files import open_folder

MOST_BYTES = 100
"""Of an address: 107 on Linux, 103 on macOS."""
_DESCRIPTORS = Path("/proc/self/fd")


def require_unix_sockets() -> None:
    """Say where there are none.

    Raises:
        UserError: as on Windows.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise UserError(
            "this system has no Unix sockets, so no running lab can be reached", "act in the lab's own window"
        )


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Give the address of a socket, for as long as it is bound or connected to; a long one is reached
    through the descriptor of its folder.

    Raises:
        OSError: its folder is not there.
    """
    if len(os.fsencode(path)) <= MOST_BYTES or not _DESCRIPTORS.is_dir():
        yield str(path)
        return
    folder = open_folder(path.parent)
    try:
        yield f"{_DESCRIPTORS}/{folder}/{path.name}"
    finally:
        os.close(folder)
