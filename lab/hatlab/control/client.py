"""What other terminals do with control sockets: find a running lab, ask it something."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab.errors import ActionFailed, LabError, UserError
from hatlab.util.unix_socket import require_unix_sockets, socket_address

ANSWER_WITHIN = 120.0
"""Seconds within which a lab must answer a request; the slowest action boots a node."""


@dataclass(frozen=True, slots=True)
class RunningLab:
    """A lab that answered on its socket."""

    id: str
    path: Path
    pid: int
    name: str
    engine: str
    ready: bool

    def is_named(self, name: str | None) -> bool:
        """True if `name` is its id, or the beginning or the end of it; None means any."""
        return name is None or matches_id(self.id, name)


def matches_id(lab: str, name: str) -> bool:
    """True if `name` is a lab's id, or the beginning or the end of it."""
    return bool(name) and (lab.startswith(name) or lab.endswith(name))


def send_request(
    path: Path, request: dict[str, Any], *, timeout: float = ANSWER_WITHIN
) -> Iterator[dict[str, Any]]:
    """Asks a running lab; yields its replies, each with `event` or `result`.

    Raises:
        LabError: what the lab replied (ActionFailed or UserError, by its exit code), or that it went away.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            with socket_address(path) as address:
                connection.connect(address)
            with connection.makefile("rw", encoding="utf-8") as stream:
                stream.write(json.dumps(request) + "\n")
                stream.flush()
                ended = False
                for line in stream:
                    reply = json.loads(line)
                    _raise_error(reply.get("error"))
                    ended = "result" in reply
                    yield reply
        if not ended:
            raise ActionFailed("the lab ended before it answered", "hatlab status", definite=False)
    except TimeoutError:
        raise ActionFailed(
            f"the lab did not answer within {timeout:g} s", "hatlab status", definite=False
        ) from None


def _raise_error(error: dict[str, Any] | None) -> None:
    if error is None:
        return
    if error.get("exit") == UserError.exit_code:
        raise UserError(error["message"], error["hint"])
    raise ActionFailed(error["message"], error["hint"], definite=error.get("definite", True))


def request_result(path: Path, request: dict[str, Any], *, timeout: float = ANSWER_WITHIN) -> dict[str, Any]:
    """The result of a request; events on the way are left out. Raises as `send_request` does."""
    found: dict[str, Any] = {}
    for reply in send_request(path, request, timeout=timeout):
        found = reply.get("result", found)
    return found


def list_running_labs(folder: Path, *, forget: Callable[[Path], None] | None = None) -> list[RunningLab]:
    """The labs that answer in `folder`; `forget` is told of each socket whose owner is dead.

    Such a socket is removed, but for one of a lab on an engine (its id begins with the topology's name): that
    may be all that says whose the lab is, and only `hatlab down` removes it.
    """
    found: list[RunningLab] = []
    if not hasattr(socket, "AF_UNIX"):
        return found  # no lab on such a system can be asked
    for path in sorted(folder.glob("*.sock")):
        try:
            hello = request_result(path, {"ask": "hello"}, timeout=5)
        except (ConnectionRefusedError, FileNotFoundError):
            if "-" not in path.stem:
                path.unlink(missing_ok=True)
            if forget is not None:
                forget(path)
            continue
        except (LabError, OSError, ValueError):
            continue  # alive but busy with its end
        found.append(
            RunningLab(hello["lab"], path, hello["pid"], hello["name"], hello["engine"], hello["ready"])
        )
    return found


def find_lab(folder: Path, lab: str | None = None) -> RunningLab:
    """The one running lab, or the one whose id begins or ends with `lab`.

    Raises:
        UserError: none runs, several do and none was named, or none has that id.
    """
    require_unix_sockets()
    labs = list_running_labs(folder)
    if not labs:
        raise UserError("no lab is running", "start one in another terminal: hatlab start")
    listed = ", ".join(f"{found.id} ({found.name}, pid {found.pid})" for found in labs)
    chosen = [found for found in labs if found.is_named(lab)]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise UserError(f"no lab {lab!r} is running", f"running: {listed}")
    raise UserError("several labs are running", f"name one with --lab: {listed}")
