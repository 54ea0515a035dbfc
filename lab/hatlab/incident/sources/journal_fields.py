"""The journal field by field: `journalctl -o verbose` and `-o export`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from hatlab.incident.sources.written_time import offset_of

_FIELD = re.compile(r"\s*(?P<name>_{0,2}[A-Z][A-Z0-9_]{0,63})=(?P<value>.*)", re.DOTALL)
_VERBOSE = re.compile(
    r"\S+ (?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) (?P<zone>\S+) \[s=[0-9a-f]+;i=[0-9a-f]+;.*\]"
)
_MOST = 500
"""Fields of one entry."""


class JournalFields:
    """Puts the fields of each entry together, named as `journalctl -o json` names them.

    Attributes:
        place: the number of the line with the message of the entry that was returned last.
    """

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._message = self.place = 0

    def add(self, number: int, line: str) -> tuple[bool, dict[str, Any] | None]:
        """Return whether a line is of such a text, and the entry that ends with it or before it."""
        if head := _VERBOSE.fullmatch(line.strip()):
            done = self.flush()
            self._fields = {"__REALTIME_TIMESTAMP": _microseconds(head["date"], head["zone"])}
            return True, done
        if match := _FIELD.fullmatch(line):
            if not self._fields and match["name"] != "__CURSOR":
                return False, None
            done = self.flush() if match["name"] == "__CURSOR" else None
            if match["name"] == "MESSAGE":
                self._message = number
            if len(self._fields) < _MOST:
                self._fields.setdefault(match["name"], match["value"])
            return True, done
        return (not line.strip() and bool(self._fields)), self.flush()

    def flush(self) -> dict[str, Any] | None:
        """Return the entry so far, and begin the next; None if there is none."""
        fields, self._fields = self._fields, {}
        self.place = self._message
        return fields if "MESSAGE" in fields else None


def _microseconds(date: str, zone: str) -> str:
    """What the journal has of a time, as text; empty if the zone is not known."""
    east, _ = offset_of(zone)
    try:
        at = datetime.strptime(date, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return ""
    return "" if east is None else str(round((at.timestamp() - east) * 1e6))
