"""The readable log as an asciinema recording, format version 2 (docs.asciinema.org/manual/asciicast/v2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import IO

from hatlab import events as e
from hatlab.state.steps import Step
from hatlab.text.event_log import ChangeFilter, format_event
from hatlab.util.visible import to_json

WIDTH, HEIGHT = 132, 36
IDLE_LIMIT = 2.0
"""Seconds of silence a player may show at most."""


def write(out: IO[bytes], steps: Iterable[Step]) -> None:
    """See `hatlab.export`."""
    changes, last = ChangeFilter(), 0.0
    for event, _, _ in steps:
        if isinstance(event, e.Lab):
            _write_line(out, _header(event))
        if changes.wants(event) and (text := format_event(event, colour=True)):
            last = max(last, event.at)
            _write_line(out, [round(last, 6), "o", text.replace("\n", "\r\n") + "\r\n"])


def _header(lab: e.Lab) -> dict[str, object]:
    header: dict[str, object] = {
        "version": 2,
        "width": WIDTH,
        "height": HEIGHT,
        "idle_time_limit": IDLE_LIMIT,
        "title": f"hatlab: {lab.name} on {lab.engine}",
        "env": {"TERM": "xterm-256color"},
    }
    if (began := unix_start(lab)) is not None:
        header["timestamp"] = int(began)
    return header


def unix_start(lab: e.Lab) -> float | None:
    """Return when the lab began, in seconds since 1970; None if that was not recorded."""
    try:
        return datetime.fromisoformat(lab.started).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _write_line(out: IO[bytes], data: object) -> None:
    out.write(to_json(data).encode() + b"\n")
