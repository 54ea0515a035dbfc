"""What a file's first and last lines say of its times, before it is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from hatlab.incident.sources.cleaning import clean_line
from hatlab.incident.sources.journal_json import STARTS, JsonObjects, read_json_line
from hatlab.incident.sources.log_lines import split_log_line
from hatlab.incident.sources.tcpdump_text import match_head, time_of_head
from hatlab.incident.sources.tshark_text import counted_time
from hatlab.incident.sources.written_time import OFFSETS, WrittenTime

_HEADER = re.compile(
    r"-- (?:Logs|Journal) begins? at .*?, ends? at \S+ (?P<year>\d{4})-\d\d-\d\d [\d:]+ (?P<zone>\S+?)\.? --"
)
_FEWEST = 3
"""Different times that tell the order of lines, where the last of them does not tell of a beginning."""
_BEGINNING = re.compile(r"Starting (?:Keepalived|VRRP child)")


@dataclass(frozen=True, slots=True)
class FileEnds:
    """The times at a file's ends.

    Attributes:
        first, last: None if there is none, or it says its year.
        year: of the last line, if a line of journalctl's says it.
        offset: of the times, seconds east of UTC, if that line says it.
        form: of tcpdump's times: `day`, `start` or `delta`.
        newest_first: the lines stand in the opposite order, as some viewers of logs export them.
    """

    first: WrittenTime | None = None
    last: WrittenTime | None = None
    year: int | None = None
    offset: float | None = None
    form: str = "day"
    newest_first: bool = False


def read_first(lines: Iterable[bytes]) -> FileEnds:
    """Return what a file's first lines say; `last` is None."""
    times: list[WrittenTime] = []
    logged: list[WrittenTime] = []
    counted: list[float] = []
    told = ""
    year = offset = first = None
    for line in map(clean_line, lines):
        if header := _HEADER.search(line):
            year, offset = int(header["year"]), OFFSETS.get(header["zone"])
        if head := match_head(line):
            time = time_of_head(head)
            if time is not None and time.form == "day" and time.month is None:
                times.append(time)
        elif (time := counted_time(line)) is not None:
            if time.form == "start":
                counted.append(time.seconds)
        else:
            log = split_log_line(line.strip())
            time = log.time if log else None
            if log is not None and time is not None:
                logged.append(time)
                told = log.text
        if first is None and time is not None and time.form == "day":
            first = time
    first = first if first and first.year is None else None
    fewest = 2 if _BEGINNING.match(told) else _FEWEST
    form = _form_of(times) if not counted else "start" if counted == sorted(counted) else "delta"
    return FileEnds(first, None, year, offset, form, _is_newest_first(logged, fewest))


def find_last(lines: list[bytes]) -> WrittenTime | None:
    """Return the last time of day or date; None if there is none."""
    for line in map(clean_line, reversed(lines)):
        head = match_head(line)
        time = time_of_head(head) if head else counted_time(line) or _log_time(line) or _json_time(line)
        if time is not None and time.form in ("day", "unix"):
            return time
    return None


def _json_time(line: str) -> WrittenTime | None:
    found = JsonObjects().add(1, line) if STARTS.match(line) else None
    entry = read_json_line(found[-1]) if found else None
    return entry.time if entry else None


def _log_time(line: str) -> WrittenTime | None:
    log = split_log_line(line.strip())
    return log.time if log else None


def _is_newest_first(times: list[WrittenTime], fewest: int) -> bool:
    """True if times go back from line to line, and never forward."""
    moments = [(time.year or 0, time.month or 0, time.day or 0, time.seconds) for time in times]
    return len(set(moments)) >= fewest and all(before >= after for before, after in pairwise(moments))


def _form_of(times: list[WrittenTime]) -> str:
    """tcpdump -ttt and -ttttt count from 0; the former from frame to frame, so its times go up and down."""
    if len(times) < 2 or times[0].seconds:
        return "day"
    is_sorted = all(before.seconds <= after.seconds for before, after in pairwise(times))
    return "start" if is_sorted else "delta"
