"""Where a class is found, and what its parts are called at the hub. No JupyterHub is imported here."""

from __future__ import annotations

from urllib.parse import urlsplit

from hatlab.classroom.course import Course

BOARD = "board"
"""The service that shows the teacher how everybody is doing."""
BOARD_MODULE = "hatlab.classroom.board"
COMMAND = "class-command"
"""The service as which `hatlab class stop` asks the hub."""


def bind_address(course: Course) -> tuple[str, int]:
    """Return the number to listen on ("" for all) and the port."""
    server = course.config.server
    parts = urlsplit(server.address)
    is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    listen = server.listen or ("127.0.0.1" if is_local else "")
    return listen, parts.port or (443 if parts.scheme == "https" else 80)
