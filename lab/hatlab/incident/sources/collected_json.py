"""Lines of logs as collectors of logs export them, in JSON: each has fields of its own. Pure."""

from __future__ import annotations

from typing import Any

from hatlab.incident.sources.cleaning import LONGEST
from hatlab.incident.sources.log_lines import LogLine, split_log_line
from hatlab.incident.sources.written_time import WrittenTime

_MESSAGES = ("message", "msg", "log", "text", "line", "body", "_raw")
_TIMES = ("@timestamp", "timestamp", "time", "_time", "ts", "date", "datetime", "isotimestamp")
_HOSTS = ("host", "hostname", "host_name", "fromhost", "syslog_hostname", "computer", "node")
_PROGRAMS = (
    *("program", "programname", "appname", "app-name", "app_name", "ident", "syslog_identifier", "tag"),
    *("syslog_program", "process", "unit", "service"),
)
"""How collectors of logs call what a line says: rsyslog, Fluent Bit, Logstash, Elastic, Splunk, Loki."""


def read_collected(data: dict[str, Any]) -> LogLine | None:
    """A line as a collector of logs exports it; None if the object has no message."""
    message = _field(data, _MESSAGES)[:LONGEST].rstrip("\n")
    if not message:
        return None
    time = next((t for name in _TIMES if (t := _any_time(data.get(name))) is not None), None)
    inner = split_log_line(message)
    host = _field(data, _HOSTS) or (inner.host if inner else "")
    program = _field(data, _PROGRAMS).partition("[")[0].rstrip(":")
    if inner is None or not inner.program:
        return LogLine(time or (inner.time if inner else None), host, program, None, message)
    return LogLine(time or inner.time, host, inner.program, inner.pid, inner.text)


def _field(data: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of the fields that has text, by itself or as the name in an object of its own."""
    for name in names:
        value = data.get(name)
        if isinstance(value, dict):
            value = value.get("name") or value.get("hostname")
        if isinstance(value, str) and value:
            return value
    return ""


def _any_time(value: Any) -> WrittenTime | None:
    """A time as text, or as seconds, milliseconds, microseconds or nanoseconds since the epoch."""
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        line = split_log_line(f"{value} -")
        return line.time if line else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    for unit in (1.0, 1e-3, 1e-6, 1e-9):
        if 1e9 <= number * unit < 4e9:
            whole = isinstance(value, int) or "." not in str(value)
            return WrittenTime(number * unit, max(unit, 1e-6) if whole else 1e-6, "unix")
    return None
