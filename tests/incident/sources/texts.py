"""Texts as sources, read into records."""

from __future__ import annotations

import os
from pathlib import Path

from hatlab.incident.sources import Hints, LogRecord, Record, SourceNote, find_zone, read_source

BERLIN = Hints(find_zone("Europe/Berlin"))
AT = 1796004764.0
"""2026-11-30 03:12:44 in Berlin."""
WRITTEN = 1796050000.0
"""When the files of these tests were written, later on that day."""


def read(folder: Path, content: str | bytes, hints: Hints = BERLIN, written: float = WRITTEN) -> list[Record]:
    """Return all that a source of this content says."""
    path = folder / "source"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (written, written))
    return [*read_source(path, "db1/source", hints)]


def facts(records: list[Record]) -> list[Record]:
    """Return the records without the notes."""
    return [record for record in records if not isinstance(record, SourceNote)]


def notes(records: list[Record]) -> list[str]:
    """Return the notes' texts, with their places."""
    return [f"{record.place}: {record.text}" for record in records if isinstance(record, SourceNote)]


def logs(records: list[Record]) -> list[LogRecord]:
    """Return the lines of logs."""
    return [record for record in records if isinstance(record, LogRecord)]
