"""A lab of a fake engine that other processes can ask, in a state folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hatlab.control.server import ControlServer
from hatlab.engine.base import Engine
from hatlab.session import Session
from hatlab.util.paths import sockets_dir


@contextmanager
def served_lab(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Session, ControlServer]]:
    """Start a session with its control socket; end both."""
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        monkeypatch.setenv("XDG_STATE_HOME", state)
        session = Session(engine)
        session.start()
        server = ControlServer(session, sockets_dir(), "abc123")
        yield session, server
        server.close()
        session.stop()
