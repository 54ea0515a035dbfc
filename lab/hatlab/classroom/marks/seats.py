"""What a seat keeps of its student's work."""

from __future__ import annotations

from pathlib import Path

from hatlab.classroom.marks.grade import PROGRESS
from hatlab.util.paths import LESSON_SUFFIX


def seat_files(folder: Path) -> list[Path]:
    """Return the recordings of lessons, and the progress file, of a seat; none if there is no folder."""
    files = folder.rglob("*") if folder.is_dir() else ()
    return sorted(
        file
        for file in files
        if file.is_file() and (file.name.endswith(LESSON_SUFFIX) or file.name == PROGRESS)
    )
