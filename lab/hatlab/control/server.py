"""The lab's side of its control socket."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hatlab import events as e
from hatlab.actions import Action, PlainNames, names_to_data, parse_words
from hatlab.control.event_stream import stream_events
from hatlab.control.teaching import ask_learner, stream_lesson
from hatlab.errors import ActionFailed, LabError, UserError
from hatlab.session import Session
from hatlab.state.summary import summarize
from hatlab.util.unix_socket import require_unix_sockets, socket_address
from hatlab.util.visible import to_json

LIMIT = 1_000_000
"""Bytes of a request at most."""
_END_WITHIN = 2.0
"""Seconds in which all that were asked something at the lab's end may take the answer."""
READY_WITHIN = 60.0
"""Seconds that an action waits for a lab that is still starting."""


class ControlServer:
    """Answers requests about one session, on threads of its own, until `close`.

    Args:
        session: the lab.
        folder: where the socket `LAB.sock` is made.
        lab: the lab's id.
        place: where its nodes are, told to `hatlab shell`: the Docker context and DOCKER_HOST.

    Raises:
        OSError: no socket can be made there.
        UserError: this system has no such sockets.
    """

    def __init__(
        self, session: Session, folder: Path, lab: str, place: dict[str, str | None] | None = None
    ) -> None:
        require_unix_sockets()
        self.lab = lab
        self._place = place or {}
        self.path = folder / f"{lab}.sock"
        self._session = session
        self._threads: list[threading.Thread] = []
        self._connections: set[socket.socket] = set()
        """Those that are being served."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_address(self.path) as address:
                self._socket.bind(address)
            self.path.chmod(0o600)
            self._socket.listen(8)
        except OSError:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._accept_connections, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes no more requests, and lets those being answered end, if they do so soon."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # macOS: a listening socket is not connected
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept on Linux; close alone does not
        self._socket.close()
        until = time.monotonic() + _END_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        with suppress(RuntimeError):  # one is taken out by its thread just now: nothing waits for it
            for connection in list(self._connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

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
        self._connections.add(connection)
        try:
            with suppress(OSError), connection:  # whoever asked may have gone away
                line = connection.makefile(encoding="utf-8", errors="replace").readline(LIMIT)
                connection.settimeout(None)
                for reply in self._replies_to(line):
                    connection.sendall(to_json(reply).encode() + b"\n")
        finally:
            self._connections.discard(connection)

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
                lesson = self._session.teacher.report()
                yield {"result": {**self._lab_identity(), **self._summarize(), "lesson": lesson}}
            case "names":
                yield {"result": names_to_data(self._session.state.layout or PlainNames())}
            case "do":
                yield from self._handle_action(request)
            case "place":
                yield {"result": {**self._place, "node": self._require_node(request.get("node"))}}
            case "events":
                yield from stream_events(self._session, request)
            case "lesson":
                yield from stream_lesson(self._session)
            case "tell" | "restart" | "freeze" | "thaw" as what:
                yield {"result": ask_learner(self._session, what, request)}
            case "end":
                self._session.stop()
                yield {"result": {**self._lab_identity(), "removed": self._removed_names()}}
            case other:
                known = "hello, status, names, do, place, events, lesson, tell, restart, freeze, thaw or end"
                raise UserError(f"unknown request {other!r}", f"ask for {known}")

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
