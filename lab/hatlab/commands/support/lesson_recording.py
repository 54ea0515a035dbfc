"""Opens the recording that a lesson is over."""

from __future__ import annotations

from pathlib import Path

from hatlab.describe.shown_clock import use_clock
from hatlab.describe.times import RunClock
from hatlab.engine.replay.engine import ReplayEngine, replay_standing
from hatlab.lessons.model import Lesson
from hatlab.session import Session
from hatlab.state.model import run_clock


def recorded_session(lesson: Lesson) -> Session:
    """Return a session of a lesson's recording, not started yet; see `replay_standing`."""
    assert lesson.front.recording is not None, "the lesson is over a recording"
    return Session(replay_standing(Path(lesson.front.recording)))


def use_clock_of(session: Session) -> None:
    """Show times of day from now on where an incident is shown, and seconds of the run anywhere else."""
    engine = session.engine
    lab = engine.recording.lab if isinstance(engine, ReplayEngine) else None
    use_clock(RunClock() if lab is None else run_clock(lab.engine, lab.started))
