"""When the files of one incident are about: what one does not say of its times, another may.

A paste of tcpdump's has times of day alone, and was saved long after. If a log beside it has dates, its last
one is nearer to the truth than the day on which the file was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hatlab.capture_files import read_frames
from hatlab.errors import CaptureError, UserError
from hatlab.incident.sources.dating import Dating, Hints
from hatlab.incident.sources.file_ends import FileEnds, find_last, read_first
from hatlab.incident.sources.source_file import SourceFile
from hatlab.incident.sources.written_time import WrittenTime


def find_hints(paths: Sequence[Path], hints: Hints) -> list[Hints]:
    """Return what each file is to be read with; `hints` is what is known of all.

    A file that cannot be read is left alone: that is said where it is read.
    """
    ends = [_end_of(path) for path in paths]
    dated = [_date(end, hints) for end in ends if _is_dated(end)]
    of_year = replace(hints, near=max(dated, default=None))
    dated += [_date(end, of_year) for end in ends if end is not None and _lacks_year(end)]
    of_day = replace(hints, near=max(dated, default=None))
    return [of_year if end is not None and (end.month or end.form != "day") else of_day for end in ends]


def _is_dated(end: WrittenTime | None) -> bool:
    return end is not None and (end.form == "unix" or end.year is not None)


def _lacks_year(end: WrittenTime) -> bool:
    return end.form == "day" and end.month is not None and end.year is None


def _date(end: WrittenTime | None, hints: Hints) -> float:
    moment = Dating(hints, FileEnds()).date(end) if end is not None else None
    return moment.unix if moment else 0.0


def _end_of(path: Path) -> WrittenTime | None:
    """The last time in a file; of a capture the first."""
    try:
        with SourceFile(path, str(path)) as source:
            if source.capture:
                frame = next(read_frames(source.stream, source.name, []), None)
                at = frame.at_ns if frame else None
                return None if at is None else WrittenTime(at / 1e9, 1e-6, "unix")
            return find_last(source.last_lines()) or read_first(source.first_lines()).first
    except (UserError, CaptureError, OSError):
        return None
