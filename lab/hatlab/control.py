"""The running lab's control socket: `hatlab do`, `status`, `shell` and `down` talk to it.

A Unix socket, mode 0600 in a folder of mode 0700. One request a connection, a line of JSON; replies are
lines of JSON, the last of which is a `result` or an `error`. docs/events.md describes it in full.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatlab import events as e
from hatlab.actions import Action, parse_words
from hatlab.errors import ActionFailed, LabError, UserError
from hatlab.session import Session
from hatlab.state.summary import summarize
from hatlab.util.visible import to_json

LIMIT = 1_000_000
"""Bytes of a request at most."""
READY_WITHIN = 60.0
"""Seconds that an action waits for a lab that is still starting."""
ANSWER_WITHIN = 120.0
"""Seconds within which a lab must answer a request; the slowest action boots a node."""


class ControlServer:
    """Answers requests about one session, on threads of its own, until `close`.

    Args:
        session: the lab.
        folder: where the socket `LAB.sock` is made.
        lab: the lab's id.
        place: where its nodes are, told to `hatlab shell`: the Docker context and DOCKER_HOST.

    Raises:
        OSError: no socket can be made there.
    """

    def __init__(
        self, session: Session, folder: Path, lab: str, place: dict[str, str | None] | None = None
    ) -> None:
        self.lab = lab
        self._place = place or {}
        self.path = folder / f"{lab}.sock"
        self._session = session
        self._threads: list[threading.Thread] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(str(self.path))
            self.path.chmod(0o600)
            self._socket.listen(8)
        except OSError:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._accept_connections, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes no more requests, and lets those being answered end."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # macOS: a listening socket is not connected
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept on Linux; close alone does not
        self._socket.close()
        for thread in self._threads:
            thread.join(timeout=2)

    def _accept_connections(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(
                target=self._serve_connection, args=(connection,), name="control-request", daemon=True
            )
            self._threads = [t for t in self._threads if t.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _serve_connection(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError), connection:  # whoever asked may have gone away
            line = connection.makefile(encoding="utf-8", errors="replace").readline(LIMIT)
            connection.settimeout(None)
            for reply in self._replies_to(line):
                connection.sendall(to_json(reply).encode() + b"\n")

    def _replies_to(self, line: str) -> Iterator[dict[str, Any]]:
        try:
            yield from self._handle_request(_parse_request(line))
        except LabError as error:
            yield {
                "error": {
                    "message": error.message,
                    "hint": error.hint,
                    "exit": error.exit_code,
                    "definite": getattr(error, "definite", True),
                }
            }

    def _handle_request(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        match request.get("ask"):
            case "hello":
                yield {"result": self._lab_identity()}
            case "status":
                yield {"result": {**self._lab_identity(), **self._summarize()}}
            case "do":
                yield from self._handle_action(request)
            case "place":
                yield {"result": {**self._place, "node": self._require_node(request.get("node"))}}
            case "end":
                self._session.stop()
                yield {"result": {**self._lab_identity(), "removed": self._removed_names()}}
            case other:
                raise UserError(f"unknown request {other!r}", "ask for hello, status, do, place or end")

    def _lab_identity(self) -> dict[str, Any]:
        state = self._session.state
        return {
            "lab": self.lab,
            "pid": os.getpid(),
            "name": state.name,
            "engine": state.engine,
            "ready": state.ready,
        }

    def _summarize(self) -> dict[str, Any]:
        """Return the state; while a learner has to find what is broken, without what gives it away."""
        return summarize(self._session.state, facts_only=self._session.facts_only())

    def _require_node(self, name: object) -> str:
        layout = self._session.state.layout
        known = (*layout.node_names, *layout.client_names) if layout else ()
        if not isinstance(name, str) or name not in known:
            raise UserError(f"the lab has no node {name!r}", f"use one of: {', '.join(known)}")
        return name

    def _removed_names(self) -> list[str]:
        layout = self._session.state.layout
        return [] if layout is None else [*layout.node_names, *layout.client_names, *layout.network_names]

    def _handle_action(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        words, text = request.get("words"), request.get("text", "")
        if not (isinstance(words, list) and all(isinstance(w, str) for w in words) and isinstance(text, str)):
            raise UserError("`words` must be a list of strings, and `text` a string")
        session = self._session
        if not session.wait_for(lambda s: s.ready, READY_WITHIN):
            raise ActionFailed("the lab is not ready", "wait until it is: hatlab status")
        layout = session.state.layout
        assert layout is not None, "a ready lab has told its layout"
        action = parse_words(words, layout)
        if action.verb == "end":
            session.stop()
            yield {"result": {"action": "end", "effect": "the lab is gone", "removed": self._removed_names()}}
            return
        effect = session.act(Action(action.verb, action.args, text))
        done = session.state.action
        if done is not None:
            yield {"event": e.to_dict(done)}
        yield {"result": {"action": str(action), "effect": effect}}


def _parse_request(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise UserError("a request must be one line of JSON", 'for example: {"ask": "status"}')
    return data


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
            connection.connect(str(path))
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
    labs = list_running_labs(folder)
    if not hasattr(socket, "AF_UNIX"):
        raise UserError(
            "this system has no Unix sockets, so no lab can be reached", "act in the lab's own window"
        )
    if not labs:
        raise UserError("no lab is running", "start one in another terminal: hatlab start")
    listed = ", ".join(f"{found.id} ({found.name}, pid {found.pid})" for found in labs)
    chosen = [found for found in labs if found.is_named(lab)]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise UserError(f"no lab {lab!r} is running", f"running: {listed}")
    raise UserError("several labs are running", f"name one with --lab: {listed}")
