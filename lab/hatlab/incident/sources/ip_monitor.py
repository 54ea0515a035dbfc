"""What `ip monitor` prints (`-t`, `-ts`, `-o`, with or without labels), and `ip address` and `ip link`. Pure.

A line with an index in front tells of an interface; lines behind it that are indented belong to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatlab.incident.sources.written_time import WrittenTime, time_of

_STAMP = re.compile(
    r"\[(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,6})?\] ?"
)
_LONG_STAMP = re.compile(
    r"Timestamp: (?P<weekday>\S+) (?P<month>\S+) +(?P<day>\d\d?) (?P<clock>\d\d:\d\d:\d\d) (?P<year>\d{4}) "
    r"(?P<micro>\d{1,6}) usec"
)
_LABELS = re.compile(r"(?:\[nsid \S+\] ?)?(?:\[(?P<label>[A-Z]+)\] ?)?(?P<deleted>Deleted )?")
_ADDRESS = re.compile(
    r"(?:\d{1,9}: (?P<interface>[^\s:@]++)\S*+ ++| ++)inet6? (?P<address>[0-9a-fA-F.:]++)(?:/\d+| peer ).*"
)
_LINK = re.compile(r"\d{1,9}: (?P<interface>[^\s:@]+)(?:@\S+?)?: <(?P<flags>[A-Z0-9_,-]*)>.*")
_OTHER = re.compile(
    r"(?:valid_lft|link/|altname|brd |promiscuity|inet6? |(?:multicast |local |broadcast )?\S+ dev \S+ )"
)

_SIGNS = re.compile(r"\A\[|Timestamp: |Deleted |inet6? |: <")
"""Each line that begins something has one of these."""


@dataclass(frozen=True, slots=True)
class Change:
    """An address that an interface has or has lost (`address`), or a link that is up or down."""

    interface: str
    address: str
    there: bool


class IpMonitorReader:
    """Reads such a text line by line.

    Attributes:
        time: of the line that was read last; None if it has none.
    """

    def __init__(self) -> None:
        self.time: WrittenTime | None = None
        self._interface = ""
        self._announced: WrittenTime | None = None
        """By a line of its own before the next one."""

    def read(self, line: str) -> list[Change] | None:
        """Return what a line tells, which may be nothing; None if it is no line of such a text."""
        if self._is_other(line):
            self.time = None if not line[:1].isspace() else self.time
            return None
        if long := _LONG_STAMP.fullmatch(line.strip()):
            parts = long.groupdict()
            fraction = f".{parts.pop('micro').zfill(6)}"
            self._announced = time_of(fraction=fraction, **parts)
            return [] if self._announced else None
        announced = self._announced is not None
        if not line[:1].isspace():
            self.time, self._announced = self._announced, None
        if stamp := _STAMP.match(line):
            self.time = time_of(**stamp.groupdict())
            line = line[stamp.end() :]
            if self.time is None:
                return None
        labels = _LABELS.match(line)
        deleted = bool(labels and labels["deleted"])
        rest = line[labels.end() :] if labels and labels.end() else line
        known = bool(stamp or announced or (labels and (labels["label"] or deleted)))
        return self._read_rest(rest.partition("\\")[0], deleted, known)

    def _is_other(self, line: str) -> bool:
        """Return whether a line can be nothing of such a text, as most of a log's are."""
        return not (self._interface or self._announced or _SIGNS.search(line))

    def _read_rest(self, rest: str, deleted: bool, known: bool) -> list[Change] | None:
        if match := _LINK.fullmatch(rest):
            self._interface = match["interface"]
            flags = match["flags"].split(",")
            up = not deleted and "LOWER_UP" in flags and "NO-CARRIER" not in flags
            return [Change(self._interface, "", up)]
        if match := _ADDRESS.fullmatch(rest):
            if match["interface"]:
                self._interface = match["interface"]
            elif not self._interface:
                return None
            return [Change(self._interface, match["address"], not deleted)]
        if known or (self._interface and _OTHER.match(rest.strip())):
            return []
        return None
