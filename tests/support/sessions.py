"""Sessions of a test: started, stopped again, and read to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hatlab.engine.base import Engine
from hatlab.events import Event
from hatlab.session import Session
from tests.support.explanations import explanation_problems


@contextmanager
def running_session(engine: Engine) -> Iterator[Session]:
    """Start a session on an engine; stop it at the end of the block, whatever happens there.

    Whatever the test looks at, what the lab explained must be true.
    """
    session = Session(engine)
    try:
        session.start()
        yield session
    finally:
        session.stop()
    assert list(explanation_problems(all_events(session))) == []


def all_events(session: Session) -> list[Event]:
    """Everything that a session has, whatever its readers were given before."""
    return list(session.reader().drain(most=10**6).events)
