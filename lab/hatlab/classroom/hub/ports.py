"""The ports of a class that nobody opens by hand: chosen once, as seats must find the hub again."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from hatlab.classroom.course import Course
from hatlab.util.files import read_text, write_text


@dataclass(frozen=True, slots=True)
class Ports:
    """On 127.0.0.1."""

    hub: int
    proxy: int
    """Of the proxy's API."""
    board: int


def read_ports(course: Course) -> Ports:
    """Return the ports of a class; they are chosen if they are not yet."""
    path = course.hub_folder / "ports.json"
    try:
        return (
            Ports(**json.loads(read_text(path, "list of ports"))) if path.exists() else choose_ports(course)
        )
    except (ValueError, TypeError):
        return choose_ports(course)


def choose_ports(course: Course) -> Ports:
    """Choose ports that are free now, and keep them.

    Raises:
        UserError: they cannot be kept.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = Ports(*(each.getsockname()[1] for each in sockets))
    write_text(course.hub_folder / "ports.json", json.dumps(asdict(ports)) + "\n")
    return ports
