"""The recordings of earlier runs, as commands find them."""

from __future__ import annotations

from pathlib import Path

from hatlab.errors import UserError
from hatlab.util.paths import recordings_dir


def find_last_recording() -> Path:
    """Return the latest recording of the state folder.

    Raises:
        UserError: there is none.
    """
    recordings = list(recordings_dir().glob("*.jsonl"))
    if not recordings:
        raise UserError("nothing has been recorded yet", "hatlab start records every run")
    return sorted(recordings, key=lambda path: path.stat().st_mtime)[-1]
