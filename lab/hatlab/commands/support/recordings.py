"""The recordings of earlier runs, as commands find them."""

from __future__ import annotations

from pathlib import Path

from hatlab.errors import UserError
from hatlab.recorder import sorted_recordings
from hatlab.util.paths import recordings_dir


def find_last_recording() -> Path:
    """Return the latest recording of the state folder.

    Raises:
        UserError: there is none.
    """
    recordings = sorted_recordings(recordings_dir())
    if not recordings:
        raise UserError("nothing has been recorded yet", "hatlab start records every run")
    return recordings[-1]
