"""The lines of mysqld's error log: MySQL 5.5 to 9, MariaDB. Pure."""

from __future__ import annotations

import re

from hatlab.incident.sources.log_lines import LogLine
from hatlab.incident.sources.written_time import time_of

PROGRAM = "mysqld"
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:T|  ?)"
    r"(?P<clock>\d?\d:\d\d:\d\d)(?P<fraction>\.\d{1,6})?(?P<zone>Z|[+-]\d\d:\d\d)? "
    r"(?:(?P<thread>\d{1,20}|0x[0-9a-f]+) (?P<text>\[.+)|(?P<safe>mysqld_safe .+))",
    re.DOTALL,
)
"""`2026-11-30T03:12:44.123456Z 0 [System] [MY-010931] …`, `2026-11-30  3:12:44 0 [Note] …`."""
_SHORT = re.compile(
    r"(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d) (?P<clock>[ \d]\d:\d\d:\d\d) "
    r"(?P<text>\[.+|InnoDB: .+|mysqld_safe .+|mysqld .+)",
    re.DOTALL,
)
"""`261130  3:12:44 [Note] …`, of 5.5 and before."""
_SIGNAL = re.compile(r"(?P<clock>\d\d:\d\d:\d\d) UTC - (?P<text>mysqld got signal \d+ .*)", re.DOTALL)
_SEVERITY = re.compile(r"(?:\d{1,20} )?\[(?:System|Note|Warning|ERROR|Error)\] ")


def split_mysqld_line(text: str) -> LogLine | None:
    """Split a line of the error log into its time and text; None for any other line."""
    if match := _ISO.fullmatch(text):
        year = match["year"]
    elif match := _SHORT.fullmatch(text):
        year = f"20{match['year']}"
    elif match := _SIGNAL.fullmatch(text):
        return LogLine(time_of(match["clock"], zone="UTC"), "", PROGRAM, None, match["text"])
    else:
        return None
    parts = match.groupdict()
    time = time_of(
        match["clock"].replace(" ", "0").zfill(8),
        parts.get("fraction"),
        year=year,
        month=match["month"],
        day=match["day"],
        zone=parts.get("zone"),
    )
    words = match["text"] or parts.get("safe") or ""
    return None if time is None else LogLine(time, "", PROGRAM, None, words)


def is_mysqld_text(text: str) -> bool:
    """True for what stands behind the time of such a line, as a container's own stamp leaves it."""
    return _SEVERITY.match(text) is not None
