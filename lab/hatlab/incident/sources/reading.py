"""Reads a source, whatever it is, into records; the only place that knows every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hatlab.incident.sources.dating import Dating, Hints
from hatlab.incident.sources.log_lines import split_log_line
from hatlab.incident.sources.records import ClockStep, LogRecord, Place, Record, SourceNote, Stamp
from hatlab.incident.sources.source_file import SourceFile

_INTERESTING = re.compile(rb"eepalived|mysqld|VRRP")


def read_source(path: Path, name: str, hints: Hints | None = None) -> Iterator[Record]:
    """Yield what a file says, in its order.

    Args:
        name: as the user named it; each record's place has it.
        hints: what is known of it from elsewhere.

    Raises:
        UserError: it cannot be read, or is nothing that is read here.
    """
    source = SourceFile(path, name)
    dating = Dating(hints or Hints(), mtime=source.mtime)
    for number, raw in source.lines():
        if not _INTERESTING.search(raw):
            continue
        line = split_log_line(raw.decode("utf-8", "backslashreplace"))
        if line is None:
            continue
        place = Place(name, number)
        stamp = None
        if line.time and (moment := dating.date(line.time)):
            stamp = Stamp(moment.unix, moment.precision, moment.assumed)
            if moment.step:
                yield ClockStep(stamp, -moment.step, False, place)
        yield LogRecord(stamp, line.host, line.program, line.pid, line.text, place)
    if source.defect:
        yield SourceNote(source.defect, Place(name, 1))
