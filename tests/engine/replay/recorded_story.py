"""The story of tests/support as a recording."""

from __future__ import annotations

import json
from pathlib import Path

from hatlab import events as e
from hatlab.engine.replay.engine import ReplayEngine
from hatlab.session import Session
from tests.support.story import story

LINES = [e.to_json(event) + "\n" for event in story(44.0)]
STORY = [e.from_dict(json.loads(line)) for line in LINES]


def write_recording(folder: Path, lines: list[str]) -> Path:
    path = folder / "run.jsonl"
    path.write_text("".join(lines))
    return path


def play_all(session: Session) -> tuple[e.Event, ...]:
    """Play a recording to its end and return everything it emits."""
    assert isinstance(session.engine, ReplayEngine)
    session.start()
    assert session.engine.finished.wait(20)
    session.stop()
    return session.reader().drain(most=10**6).events
