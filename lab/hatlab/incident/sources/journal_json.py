"""Logs in JSON: `journalctl -o json` (-pretty, -sse, -seq), Docker's own files, mysqld's. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hatlab.incident.sources.cleaning import LONGEST
from hatlab.incident.sources.collected_json import read_collected
from hatlab.incident.sources.log_lines import LogLine, split_log_line
from hatlab.incident.sources.mysqld_log import PROGRAM as MYSQLD
from hatlab.incident.sources.written_time import WrittenTime, time_of

STARTS = re.compile(r"(?:\x1e|data: )?\s*\[?\s*\{")
"""What a line begins with that may be of one of them."""
_MOST = 1_000_000
"""Characters of one object, over all its lines."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BEGIN = re.compile(r"[\s,\]]*\{")
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


class JsonObjects:
    """Puts objects together that stand on one line or on several, each alone or in a list.

    Attributes:
        place: the number of the first line of the objects that were returned last.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = self._depth = 0
        self.place = 0

    @property
    def is_open(self) -> bool:
        """True within an object of several lines."""
        return bool(self._lines)

    def add(self, number: int, line: str) -> list[dict[str, Any]] | None:
        """Return the objects that a line ends; None if it ends none, an empty list if they are damaged."""
        line = line.lstrip("\x1e").removeprefix("data: ")
        if not self._lines:
            self.place = number
            line = line.lstrip().removeprefix("[")
        bare = _STRING.sub("", line)
        self._depth += bare.count("{") - bare.count("}")
        self._lines.append(line)
        self._size += len(line)
        if self._depth > 0 and self._size <= _MOST:
            return None
        text = "\n".join(self._lines)
        self._lines, self._size, self._depth = [], 0, 0
        return [*_load(text)]


def _load(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a text, one behind another; what is no object any more is left out."""
    decoder, at = json.JSONDecoder(), 0
    while (found := _BEGIN.match(text, at)) is not None:
        try:
            data, at = decoder.raw_decode(text, found.end() - 1)
        except (ValueError, RecursionError):
            return
        yield data


def read_json_line(data: dict[str, Any]) -> LogLine | None:
    """Return what an object of any of these logs says; None for another object."""
    for wrapped in ("_source", "result"):
        if isinstance(data.get(wrapped), dict):
            data = data[wrapped]
    if "__REALTIME_TIMESTAMP" in data or "MESSAGE" in data:
        return _journal_line(data)
    if isinstance(data.get("log"), str) and isinstance(data.get("time"), str):
        time = _iso_time(data["time"])
        text = data["log"][:LONGEST].rstrip("\n")
        inner = split_log_line(text)
        if inner is None:
            return LogLine(time, "", "", None, text)
        return LogLine(time, inner.host, inner.program, inner.pid, inner.text)
    if "err_code" in data and isinstance(data.get("msg"), str):
        label = f"[{data.get('label', 'Note')}] [{data.get('subsystem', 'Server')}] {data['msg'][:LONGEST]}"
        return LogLine(_iso_time(str(data.get("time", ""))), "", MYSQLD, None, label)
    return read_collected(data)


def _journal_line(data: dict[str, Any]) -> LogLine:
    micro = _first(data, "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
    time = WrittenTime(int(micro) / 1e6, 1e-6, "unix") if micro.isdecimal() and len(micro) < 18 else None
    pid = _first(data, "SYSLOG_PID", "_PID")
    return LogLine(
        time,
        _first(data, "_HOSTNAME"),
        _first(data, "SYSLOG_IDENTIFIER", "_COMM"),
        int(pid) if pid.isdecimal() and len(pid) < 12 else None,
        _first(data, "MESSAGE")[:LONGEST],
    )


def read_clock_offset(data: dict[str, Any]) -> tuple[str, float] | None:
    """Return the boot, and the seconds that the clock is ahead of the time since; None if it is not said."""
    real, since = _first(data, "__REALTIME_TIMESTAMP"), _first(data, "__MONOTONIC_TIMESTAMP")
    if not (real.isdecimal() and since.isdecimal() and len(real) < 18 and len(since) < 18):
        return None
    return _first(data, "_BOOT_ID"), (int(real) - int(since)) / 1e6


def _first(data: dict[str, Any], *names: str) -> str:
    """The first of the fields that is there, as text; the journal has bytes that are none as numbers."""
    return next(filter(None, (_text(data.get(name)) for name in names)), "")


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case int():
            return str(value)
        case [str() as first, *_]:
            return first
        case list():
            return bytes(_bytes(value)).decode("utf-8", "backslashreplace")
    return ""


def _bytes(value: list[Any]) -> Iterator[int]:
    return (byte for byte in value if isinstance(byte, int) and 0 <= byte < 256)


def _iso_time(text: str) -> WrittenTime | None:
    match = _ISO.fullmatch(text)
    return time_of(**match.groupdict()) if match else None
